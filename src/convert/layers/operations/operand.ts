// The arguments of an operation as Keras wrote them: tensors, numbers, arrays, slices, in lists as deep as they come.
import { isObject, type ConfigReader } from '../../keras/config-reader.js';
import type { GraphBuilder } from '../../graph/builder.js';
import type { Node } from '../../graph/node.js';
import type { SlicePart } from '../../graph/ops/shaping.js';
import { floats, sizeOf, type FloatTensor } from '../../graph/tensor.js';
import { isTensorRef } from '../../keras/read-calls.js';

export type Value =
  Node | FloatTensor | number | string | boolean | null | SliceRange | Ellipsis | readonly Value[];

export interface SliceRange {
  readonly kind: 'slice';
  readonly part: Exclude<SlicePart, { index: number }>;
}

export interface Ellipsis {
  readonly kind: 'ellipsis';
}

/** Replaces the references in `written` by `inputs`, which come in the order in which they are met. */
export class ValueReader {
  readonly #inputs: Iterator<Node>;

  constructor(
    inputs: readonly Node[],
    private readonly config: ConfigReader,
  ) {
    this.#inputs = inputs[Symbol.iterator]();
  }

  read(written: unknown): Value {
    if (isTensorRef(written)) {
      const next = this.#inputs.next();
      return next.done === true
        ? this.config.fail('args', 'as many tensors as references', written)
        : next.value;
    }
    if (Array.isArray(written)) return written.map((item) => this.read(item));
    if (!isObject(written))
      return typeof written === 'number' || typeof written === 'string' || typeof written === 'boolean'
        ? written
        : null;
    return this.#special(written);
  }

  #special(written: Readonly<Record<string, unknown>>): Value {
    const inner = isObject(written['config']) ? written['config'] : {};
    const bound = (key: string): number | undefined => {
      const value = inner[key] ?? written[key];
      return typeof value === 'number' ? value : undefined;
    };
    switch (written['class_name']) {
      case '__slice__':
        return { kind: 'slice', part: { start: bound('start'), stop: bound('stop'), step: bound('step') } };
      case '__ellipsis__':
        return { kind: 'ellipsis' };
      case '__numpy__':
      case '__tensor__':
        return tensorOf(inner['value'], this.config);
      default:
        // tf.keras 2 wrote slices as { start, stop, step }.
        if ('start' in written && 'stop' in written) {
          return { kind: 'slice', part: { start: bound('start'), stop: bound('stop'), step: bound('step') } };
        }
        return this.config.fail('args', 'tensors, numbers or slices', written);
    }
  }
}

/** Far beyond any tensor of an image classifier. */
const MAX_RANK = 16;

function tensorOf(value: unknown, config: ConfigReader): FloatTensor {
  const shape: number[] = [];
  for (let level: unknown = value; Array.isArray(level); level = level[0]) shape.push(level.length);
  const flat = [value].flat(MAX_RANK);
  if (flat.length !== sizeOf(shape) || !flat.every((item) => typeof item === 'number'))
    return config.fail('args', 'an array of numbers', value);
  return floats(shape, Float32Array.from(flat));
}

export const asList = (value: Value | undefined): readonly Value[] | undefined =>
  Array.isArray(value) ? (value as readonly Value[]) : undefined;

export const isNode = (value: Value | undefined): value is Node =>
  typeof value === 'object' && value !== null && 'op' in value;
const isTensor = (value: Value | undefined): value is FloatTensor =>
  typeof value === 'object' && value !== null && 'dtype' in value && !('op' in value);

/** A number or an array becomes a constant; a list of numbers is an array, too. */
export function asNode(g: GraphBuilder, value: Value | undefined, config: ConfigReader): Node {
  if (isNode(value)) return value;
  if (typeof value === 'number') return g.constant(floats([], Float32Array.of(value)));
  if (isTensor(value)) return g.constant(value);
  if (Array.isArray(value)) return g.constant(tensorOf(value, config));
  return config.fail('args', 'a tensor or a number', value === undefined ? 'nothing' : value);
}
