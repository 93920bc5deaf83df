// Memory that the main thread shares with its workers: a batch lies in it on its way to a model, and what the model says of
// it on its way back. Made once, it costs neither side's garbage collector anything.
import type { WorkerBoot } from '../contracts/worker.js';

/** Pixels, or the numbers that a model was trained on; one image each. */
export type Example = Uint8Array | Float32Array;

export type TrayLayout = Pick<WorkerBoot, 'input' | 'outputs' | 'warmBatches'>;

const NUMBER_BYTES = Float32Array.BYTES_PER_ELEMENT;

/** Room for the largest batch of floats, which models that take pixels are given, too. What is never used costs nothing. */
export function trayMemory(layout: TrayLayout): SharedArrayBuffer {
  const { exampleSize, most } = measure(layout);
  return new SharedArrayBuffer(most * (layout.outputs + exampleSize) * NUMBER_BYTES);
}

export class Tray {
  readonly #exampleSize: number;
  readonly #examplesAt: number;
  readonly #outputs: Float32Array;

  constructor(
    private readonly memory: SharedArrayBuffer,
    private readonly layout: TrayLayout,
  ) {
    const { exampleSize, most } = measure(layout);
    this.#exampleSize = exampleSize;
    this.#outputs = new Float32Array(memory, 0, most * layout.outputs);
    this.#examplesAt = this.#outputs.byteLength;
  }

  put(examples: readonly Example[]): void {
    const room = this.examples(examples.length, examples[0] instanceof Float32Array);
    examples.forEach((example, at) => room.set(example, at * this.#exampleSize));
  }

  examples(count: number, floats: boolean): Example {
    const { memory } = this;
    const length = count * this.#exampleSize;
    return floats
      ? new Float32Array(memory, this.#examplesAt, length)
      : new Uint8Array(memory, this.#examplesAt, length);
  }

  answer(outputs: Float32Array): void {
    this.#outputs.set(outputs);
  }

  /** Copied, as the next batch's come to the same place. */
  outputs(count: number): Float32Array {
    return this.#outputs.slice(0, count * this.layout.outputs);
  }
}

const measure = ({ input, warmBatches }: TrayLayout): { exampleSize: number; most: number } => ({
  exampleSize: input.shape.reduce((product, axis) => product * axis, 1),
  most: Math.max(...warmBatches),
});
