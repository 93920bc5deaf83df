// The answers of :predict and :classify, in TensorFlow Serving's words.
import type { Classification } from '../../contracts/classifier.js';
import type { Answer } from '../answer.js';
import { JSON_TYPE } from '../answer.js';
import { ownOutput } from '../tensors/examples.js';
import { floatText, rowTexts } from '../tensors/float-text.js';
import type { TensorCall } from '../tensors/tensor-call.js';
import type { Format } from './predict-request.js';

export async function predictAnswer(
  format: Format,
  classifications: readonly Classification[],
  { model: { info }, slices }: TensorCall,
): Promise<Answer> {
  const rows = await rowTexts(
    classifications.map((classification) => ownOutput(info, classification)),
    slices,
  );
  const nested = rows.map((row) => `[${row}]`).join(', ');
  return { status: 200, type: JSON_TYPE, body: `{"${format}": [${nested}]}` };
}

export async function classifyAnswer(
  _wanted: null,
  classifications: readonly Classification[],
  { model: { info }, slices }: TensorCall,
): Promise<Answer> {
  const labels = info.labels.map((label) => JSON.stringify(label));
  const results: string[] = [];
  for (const { probabilities } of classifications) {
    const pairs = Array.from(probabilities, (value, at) => `[${labels[at] ?? '""'}, ${floatText(value)}]`);
    results.push(`[${pairs.join(', ')}]`);
    await slices.pauseIfDue();
  }
  return { status: 200, type: JSON_TYPE, body: `{"results": [${results.join(', ')}]}` };
}
