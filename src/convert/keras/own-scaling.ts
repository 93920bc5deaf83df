// Whether a model scales pixels itself, so that it wants them as they are: by a layer, or by an operation on them.
import type { Architecture, LayerConfig } from './architecture.js';
import { isObject } from './config-reader.js';
import { flat } from './describe.js';

/** What may stand before the scaling. */
const BEFORE = new Set([
  'InputLayer',
  'Resizing',
  'CenterCrop',
  'RandomFlip',
  'RandomRotation',
  'RandomZoom',
  'ops.Cast',
  'ops.cast',
  'ops.identity',
  'ops.GetItem',
  'ops.__operators__.getitem',
]);

export function startsWithScaling(architecture: Architecture): boolean {
  const first = flat(architecture.layers).find((layer) => !BEFORE.has(layer.className));
  if (first === undefined) return false;
  if (first.className === 'Normalization') return true;
  return first.className === 'Rescaling' ? rescales(first) : operates(first);
}

/** Of a value for each channel, with axes before. */
const MAX_RANK = 5;

type Test = (by: number) => boolean;

/** What is done to values up to 255, and to none of 0..1. */
const shrinks: Test = (by) => Math.abs(by) <= 0.05;
const divides: Test = (by) => Math.abs(by) >= 20;
const shifts: Test = (by) => Math.abs(by) >= 2;

/** `x * 2 - 1` is of 0..1. */
function rescales({ config }: LayerConfig): boolean {
  const by = (option: string): readonly number[] => numbersOf(config.values[option]);
  return !by('scale').some((factor) => Math.abs(factor) > 1) || by('offset').some(shifts);
}

/** By the last word of its name: ops.TrueDivide, ops.math.truediv, ops.__operators__.truediv. */
const OPERATIONS: Readonly<Record<string, Test>> = {
  truedivide: divides,
  truediv: divides,
  divide: divides,
  multiply: shrinks,
  mul: shrinks,
  subtract: shifts,
  sub: shifts,
  add: shifts,
  bias_add: shifts,
};

function operates({ className, calls: [call, ...others] }: LayerConfig): boolean {
  const word = className.startsWith('ops.') ? (className.split('.').at(-1) ?? '').toLowerCase() : '';
  const test = Object.hasOwn(OPERATIONS, word) ? OPERATIONS[word] : undefined;
  if (test === undefined || call === undefined || others.length > 0 || call.inputs.length !== 1) return false;
  return [...call.args, ...Object.values(call.kwargs)].flatMap(numbersOf).some(test);
}

/** Of a number, or one for each channel, also as NumPy wrote them. */
function numbersOf(written: unknown): readonly number[] {
  const value = isObject(written) && isObject(written['config']) ? written['config']['value'] : written;
  const list = [value].flat(MAX_RANK);
  return list.every((item) => typeof item === 'number') ? list : [];
}
