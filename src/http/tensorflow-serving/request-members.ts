// The members of a request's body: those that there are, and no others.
import { AppError } from '../../errors/app-error.js';
import { isObject, kindOf, type JsonObject } from '../tensors/json-kind.js';
import type { TensorCall } from '../tensors/tensor-call.js';

export async function readMembers(
  { parse, body }: TensorCall,
  known: readonly string[],
): Promise<JsonObject> {
  const value = await parse(body);
  if (!isObject(value)) {
    throw new AppError('malformed_json', `expected an object of ${known.join(', ')}, found ${kindOf(value)}`);
  }
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown === undefined) return value;
  throw new AppError(
    'malformed_json',
    `expected ${known.join(', ')}, found the member ${JSON.stringify(unknown.slice(0, 60))}`,
  );
}

export function signatureOf({ signature_name: name }: JsonObject): string | undefined {
  if (name === undefined || typeof name === 'string') return name;
  throw new AppError('malformed_json', `signature_name: expected a text, found ${kindOf(name)}`);
}
