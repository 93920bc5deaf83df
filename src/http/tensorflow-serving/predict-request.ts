// The body of :predict, in row form (`instances`) or in column form (`inputs`).
import { AppError } from '../../errors/app-error.js';
import type { Examples } from '../tensors/examples.js';
import { isArray, isObject, kindOf, type JsonObject } from '../tensors/json-kind.js';
import { nameText } from '../tensors/json-text.js';
import type { JsonValue } from '../tensors/json-reader.js';
import { kerasShape, requireExample } from '../tensors/model-shape.js';
import { NumberTensor } from '../tensors/number-tensor.js';
import type { TensorCall, Understood } from '../tensors/tensor-call.js';
import { batchOf, encodedPicture, examplesOf, type Placed } from './examples-from.js';
import { PREDICT_SIGNATURE, requireSignature } from './names.js';
import { readMembers, signatureOf } from './request-members.js';

/** Which member the answer has. */
export type Format = 'predictions' | 'outputs';

export async function predictRequest(call: TensorCall): Promise<Understood<Format>> {
  const body = await readMembers(call, ['signature_name', 'instances', 'inputs']);
  requireSignature(signatureOf(body), [PREDICT_SIGNATURE]);
  const { instances, inputs } = body;
  if (instances !== undefined && inputs !== undefined) {
    throw new AppError('malformed_json', 'expected one of "inputs" and "instances", found both');
  }
  if (instances !== undefined) return { wanted: 'predictions', examples: await rows(instances, call) };
  if (inputs !== undefined) return { wanted: 'outputs', examples: await columns(inputs, call) };
  throw new AppError('malformed_json', "Missing 'inputs' or 'instances' key");
}

async function rows(instances: JsonValue, call: TensorCall): Promise<Examples> {
  const { info } = call.model;
  if (instances instanceof NumberTensor) return batchOf(instances, 'instances', info);
  if (!isArray(instances) || instances.length === 0) {
    throw new AppError(
      'invalid_tensor',
      `instances: expected an array of examples, found ${kindOf(instances)}`,
    );
  }
  const parts = instances.map((value, at) => unnamed(value, `instances[${at}]`));
  return examplesOf(parts, call, (place, shape) => requireExample(place, shape, kerasShape(info)));
}

async function columns(inputs: JsonValue, call: TensorCall): Promise<Examples> {
  const { info } = call.model;
  const { value, place } = unnamed(inputs, 'inputs');
  if (value instanceof NumberTensor) return batchOf(value, place, info);
  const parts = isArray(value) ? value.map((one, at) => ({ value: one, place: `${place}[${at}]` })) : [];
  if (encodedPicture(value) !== null) parts.push({ value, place });
  if (parts.length === 0) {
    throw new AppError(
      'invalid_tensor',
      `${place}: expected a batch of pictures or numbers, found ${kindOf(value)}`,
    );
  }
  return examplesOf(parts, call, (where, shape) => requireExample(where, shape, kerasShape(info)));
}

/**
 * Without the name of the input around it. A model has one input, so that whatever a client calls it is right: what its
 * layer was called when it was exported is not known here.
 */
function unnamed(value: JsonValue, place: string): Placed {
  if (!isObject(value) || encodedPicture(value) !== null) return { value, place };
  return onlyMember(value, place);
}

export function onlyMember(value: JsonObject, place: string): Placed {
  const [only, ...others] = Object.entries(value);
  if (only === undefined || others.length > 0) {
    const found = Object.keys(value).length;
    throw new AppError('invalid_tensor', `${place}: the model has one input, found ${found} by name`);
  }
  return { value: only[1], place: `${place}.${nameText(only[0])}` };
}
