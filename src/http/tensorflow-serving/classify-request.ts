// The body of :classify: examples with one feature each, which is the picture or its numbers in a flat list.
import { AppError } from '../../errors/app-error.js';
import { isArray, isObject, kindOf, type JsonObject } from '../tensors/json-kind.js';
import type { JsonValue } from '../tensors/json-reader.js';
import { kerasShape, requireExample } from '../tensors/model-shape.js';
import { elementsOf, shapeText } from '../tensors/number-tensor.js';
import type { TensorCall, Understood } from '../tensors/tensor-call.js';
import { examplesOf, type Placed } from './examples-from.js';
import { CLASSIFY_SIGNATURE, PREDICT_SIGNATURE, requireSignature } from './names.js';
import { onlyMember } from './predict-request.js';
import { readMembers, signatureOf } from './request-members.js';

export async function classifyRequest(call: TensorCall): Promise<Understood<null>> {
  const body = await readMembers(call, ['signature_name', 'context', 'examples']);
  requireSignature(signatureOf(body), [PREDICT_SIGNATURE, CLASSIFY_SIGNATURE]);
  const { context = {}, examples } = body;
  if (!isObject(context)) {
    throw new AppError('malformed_json', `context: expected an object, found ${kindOf(context)}`);
  }
  if (!isArray(examples) || examples.length === 0) {
    throw new AppError(
      'malformed_json',
      `examples: expected an array of objects such as {"image": {"b64": "..."}}, found ${kindOf(examples)}`,
    );
  }
  const parts = examples.map((example, at) => feature(example, context, `examples[${at}]`));
  const { info } = call.model;
  const flat = elementsOf(kerasShape(info));
  const check = (place: string, shape: readonly number[]): void => {
    // A feature is a flat list; who sends the numbers in their shape is understood as well.
    if (shape.length !== 1) requireExample(place, shape, kerasShape(info));
    else if (shape[0] !== flat) {
      const shaped = shapeText(kerasShape(info));
      throw new AppError(
        'invalid_tensor',
        `${place}: expected the ${flat} numbers of ${shaped}, found ${shape[0] ?? 0}`,
      );
    }
  };
  return { wanted: null, examples: await examplesOf(parts, call, check) };
}

function feature(example: JsonValue, context: JsonObject, place: string): Placed {
  if (!isObject(example)) {
    throw new AppError('malformed_json', `${place}: expected an object, found ${kindOf(example)}`);
  }
  const twice = Object.keys(example).find((name) => name in context);
  if (twice !== undefined) {
    throw new AppError(
      'malformed_json',
      `${place}: the feature ${JSON.stringify(twice.slice(0, 60))} is in the context too`,
    );
  }
  const { value, place: at } = onlyMember({ ...context, ...example }, place);
  const [only] = isArray(value) && value.length === 1 ? value : [];
  return only === undefined ? { value, place: at } : { value: only, place: `${at}[0]` };
}
