// What a JSON value is, and in which words a message says so.
import type { JsonValue } from './json-reader.js';
import { NumberTensor, shapeText } from './number-tensor.js';

export type JsonObject = Readonly<Record<string, JsonValue>>;

export const isArray = (value: JsonValue | undefined): value is readonly JsonValue[] => Array.isArray(value);

export const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberTensor);

const LONGEST_TEXT = 40;

export function kindOf(value: JsonValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (value instanceof NumberTensor) return `numbers of the shape ${shapeText(value.shape)}`;
  if (isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (isObject(value)) {
    return `an object of ${Object.keys(value).slice(0, 3).map(shown).join(', ') || 'no members'}`;
  }
  return typeof value === 'string' ? `the text ${shown(value)}` : String(value);
}

const shown = (text: string): string =>
  JSON.stringify(text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text);
