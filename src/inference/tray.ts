// Memory that the main thread shares with its workers: a batch lies in it on its way to a model, and what the model says of
// it on its way back. Made once, it costs neither side's garbage collector anything.
import type { WorkerBoot } from '../contracts/worker.js';

/** Pixels, or the numbers that a model was trained on; one image each. */
export type Example = Uint8Array | Float32Array;

export type TrayLayout = Pick<WorkerBoot, 'input' | 'outputs' | 'warmBatches'>;

const NUMBER_BYTES = Float32Array.BYTES_PER_ELEMENT;

/** Before the numbers: whether outputs are there, and how many milliseconds the run took. */
const HEAD_BYTES = 2 * NUMBER_BYTES;
const EMPTY = 0;
const ANSWERED = 1;

/** What V8 gives one buffer. */
const MOST_BYTES = 2 ** 32;

/** How many examples one tray can hold, as floats, which models that take pixels are given, too. */
export const trayCapacity = ({ input, outputs }: Pick<TrayLayout, 'input' | 'outputs'>): number =>
  Math.floor((MOST_BYTES - HEAD_BYTES) / ((sizeOf(input) + outputs) * NUMBER_BYTES));

/** Room for outputs; for examples it grows with the batches that come, up to the largest of floats. */
export function trayMemory({ input, outputs, warmBatches }: TrayLayout): SharedArrayBuffer {
  const most = Math.max(...warmBatches);
  const behindOutputs = HEAD_BYTES + most * outputs * NUMBER_BYTES;
  return new SharedArrayBuffer(behindOutputs, {
    maxByteLength: behindOutputs + most * sizeOf(input) * NUMBER_BYTES,
  });
}

export class Tray {
  readonly #exampleSize: number;
  readonly #examplesAt: number;
  readonly #outputs: Float32Array;
  readonly #state: Int32Array;
  readonly #runMs: Float32Array;

  constructor(
    readonly number: number,
    private readonly memory: SharedArrayBuffer,
    private readonly layout: TrayLayout,
  ) {
    this.#exampleSize = sizeOf(layout.input);
    this.#state = new Int32Array(memory, 0, 1);
    this.#runMs = new Float32Array(memory, NUMBER_BYTES, 1);
    this.#outputs = new Float32Array(memory, HEAD_BYTES, Math.max(...layout.warmBatches) * layout.outputs);
    this.#examplesAt = HEAD_BYTES + this.#outputs.byteLength;
  }

  put(examples: readonly Example[]): void {
    Atomics.store(this.#state, 0, EMPTY);
    const isFloats = examples[0] instanceof Float32Array;
    const end = this.#examplesAt + examples.length * this.#exampleSize * (isFloats ? NUMBER_BYTES : 1);
    if (this.memory.byteLength < end) this.memory.grow(end);
    const room = this.examples(examples.length, isFloats);
    examples.forEach((example, at) => room.set(example, at * this.#exampleSize));
  }

  examples(count: number, floats: boolean): Example {
    const { memory } = this;
    const length = count * this.#exampleSize;
    return floats
      ? new Float32Array(memory, this.#examplesAt, length)
      : new Uint8Array(memory, this.#examplesAt, length);
  }

  answer(outputs: Float32Array, runMs: number): void {
    this.#outputs.set(outputs);
    this.#runMs[0] = runMs;
    Atomics.store(this.#state, 0, ANSWERED);
  }

  get isAnswered(): boolean {
    return Atomics.load(this.#state, 0) === ANSWERED;
  }

  get runMs(): number {
    return this.#runMs[0] ?? 0;
  }

  /**
   * Copied, as the next batch's come to the same place, and each of its own: V8 has room in an object for the numbers of a
   * few classes, but not for those that others are views of.
   */
  outputs(count: number): readonly Float32Array[] {
    const { outputs } = this.layout;
    return Array.from({ length: count }, (_, at) => this.#outputs.slice(at * outputs, (at + 1) * outputs));
  }
}

const sizeOf = ({ shape }: TrayLayout['input']): number => shape.reduce((product, axis) => product * axis, 1);
