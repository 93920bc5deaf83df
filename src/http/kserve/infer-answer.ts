// The answer to an inference: numbers or classes, in JSON or in binary.
import type { Classification } from '../../contracts/classifier.js';
import type { ModelInfo } from '../../contracts/model.js';
import { topK } from '../../contracts/top-k.js';
import { JSON_TYPE, type Answer } from '../answer.js';
import { ownOutput, ownOutputSize } from '../tensors/examples.js';
import { rowTexts } from '../tensors/float-text.js';
import type { TensorCall } from '../tensors/tensor-call.js';
import { LENGTH_HEADER } from './body-parts.js';
import type { InferWanted } from './infer-request.js';

interface OutputTensor {
  readonly datatype: 'FP32' | 'BYTES';
  readonly shape: readonly number[];
  readonly json: () => Promise<string>;
  readonly binary: () => Buffer;
}

export async function inferAnswer(
  { id, output, binary, classes }: InferWanted,
  classifications: readonly Classification[],
  { model: { info }, slices }: TensorCall,
): Promise<Answer & { readonly headers?: Readonly<Record<string, string>> }> {
  const tensor =
    classes > 0
      ? classTensor(info, classifications, classes)
      : numberTensor(info, classifications, (rows) => rowTexts(rows, slices));
  const { datatype, shape } = tensor;
  const head = {
    model_name: info.name,
    model_version: info.version,
    ...(id === null ? {} : { id }),
    outputs: [{ name: output, datatype, shape }],
  };
  if (!binary) {
    const data = `, "data": [${await tensor.json()}]}]}`;
    return { status: 200, type: JSON_TYPE, body: JSON.stringify(head).replace(/\}\]\}$/, () => data) };
  }
  const bytes = tensor.binary();
  const [only] = head.outputs;
  const json = Buffer.from(
    JSON.stringify({ ...head, outputs: [{ ...only, parameters: { binary_data_size: bytes.length } }] }),
  );
  return {
    status: 200,
    type: 'application/octet-stream',
    body: Buffer.concat([json, bytes]),
    headers: { [LENGTH_HEADER]: String(json.length) },
  };
}

function numberTensor(
  info: ModelInfo,
  classifications: readonly Classification[],
  texts: (rows: readonly Float32Array[]) => Promise<readonly string[]>,
): OutputTensor {
  const size = ownOutputSize(info);
  const rows = classifications.map((classification) => ownOutput(info, classification));
  return {
    datatype: 'FP32',
    shape: [rows.length, size],
    json: async () => (await texts(rows)).join(', '),
    binary() {
      const bytes = Buffer.alloc(rows.length * size * Float32Array.BYTES_PER_ELEMENT);
      for (const [row, values] of rows.entries()) {
        for (const [at, value] of values.entries()) bytes.writeFloatLE(value, (row * size + at) * 4);
      }
      return bytes;
    },
  };
}

/** Triton's texts: `0.826453:504:COFFEE MUG`. */
function classTensor(
  info: ModelInfo,
  classifications: readonly Classification[],
  classes: number,
): OutputTensor {
  const texts = classifications.flatMap(({ probabilities }) =>
    topK(probabilities, classes).map(
      ({ index, probability }) => `${probability.toFixed(6)}:${index}:${info.labels[index] ?? ''}`,
    ),
  );
  return {
    datatype: 'BYTES',
    shape: [classifications.length, Math.min(classes, info.labels.length)],
    json: () => Promise.resolve(texts.map((text) => JSON.stringify(text)).join(', ')),
    binary: () => Buffer.concat(texts.flatMap(lengthAndBytes)),
  };
}

function lengthAndBytes(text: string): readonly Buffer[] {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return [length, bytes];
}
