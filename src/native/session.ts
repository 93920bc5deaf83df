// A SavedModel in a native session of this thread: one run is createTensor, runSavedModel, tensorDataSync, deleteTensor.
// No tfjs op may run in a worker: each op writes to an unlocked, process-wide set inside the addon.
import path from 'node:path';
import { GRAPH_INPUT, GRAPH_OUTPUT, GRAPH_SCALED } from '../contracts/graph-names.js';
import type { TensorDtype } from '../contracts/worker.js';
import type { Addon } from './addon.js';
import { holdFiles } from './own-addon.js';

export interface SessionInput {
  readonly dtype: TensorDtype;
  /** Sizes of one example, without the batch. */
  readonly shape: readonly number[];
}

export class NativeSession {
  readonly #model: number;
  /** While this session is open, its weights are held. */
  readonly #letGo: () => void;
  /** The last run's input. TensorFlow may let go of it on a thread of its own, where its memory must not be freed. */
  #retired: number | undefined;

  constructor(
    private readonly addon: Addon,
    folder: string,
    private readonly input: SessionInput,
  ) {
    this.#letGo = holdFiles(path.resolve(folder));
    try {
      this.#model = addon.loadSavedModel(folder, 'serve');
    } catch (error) {
      this.#letGo();
      throw error;
    }
  }

  /**
   * `data` holds `count` examples and must not be written to until the next run. Floats for a graph that takes pixels
   * enter it behind the scaling.
   */
  run(data: Uint8Array | Float32Array, count: number): Float32Array {
    const floats = data instanceof Float32Array;
    const dtype = floats ? this.addon.TF_FLOAT : this.addon.TF_UINT8;
    const entry = floats && this.input.dtype === 'uint8' ? GRAPH_SCALED : GRAPH_INPUT;
    const input = this.addon.createTensor([count, ...this.input.shape], dtype, data);
    try {
      const [output] = this.addon.runSavedModel(this.#model, [input], `${entry}:0`, `${GRAPH_OUTPUT}:0`);
      if (output === undefined) throw new Error('the session returned no output');
      try {
        const values = this.addon.tensorDataSync(output.id);
        if (!(values instanceof Float32Array)) throw new Error('the session returned no floats');
        return values;
      } finally {
        this.addon.deleteTensor(output.id);
      }
    } finally {
      if (this.#retired !== undefined) this.addon.deleteTensor(this.#retired);
      this.#retired = input;
    }
  }

  /** Tensors alive in this thread: one, the retired input, between runs. */
  get tensors(): number {
    return this.addon.getNumOfTensors();
  }

  close(): void {
    if (this.#retired !== undefined) this.addon.deleteTensor(this.#retired);
    this.#retired = undefined;
    this.addon.deleteSavedModel(this.#model);
    this.#letGo();
  }
}
