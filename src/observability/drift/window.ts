// The last predictions of a model: how many of each class, and how sure; as many as fit, the oldest leaves.

export class PredictionWindow {
  readonly #classOf: Uint32Array;
  readonly #binOf: Uint8Array;
  readonly #classes: Float64Array;
  readonly #confidence: Float64Array;
  #next = 0;
  size = 0;

  constructor(
    readonly capacity: number,
    classes: number,
    bins: number,
  ) {
    this.#classOf = new Uint32Array(capacity);
    this.#binOf = new Uint8Array(capacity);
    this.#classes = new Float64Array(classes);
    this.#confidence = new Float64Array(bins);
  }

  get full(): boolean {
    return this.size === this.capacity;
  }

  add(classIndex: number, confidence: number): void {
    const at = this.#next;
    if (this.full) {
      this.#count(this.#classOf[at] ?? 0, this.#binOf[at] ?? 0, -1);
    } else {
      this.size += 1;
    }
    const bins = this.#confidence.length;
    const bin = Math.min(bins - 1, Math.max(0, Math.floor(confidence * bins)));
    this.#classOf[at] = classIndex;
    this.#binOf[at] = bin;
    this.#count(classIndex, bin, 1);
    this.#next = (at + 1) % this.capacity;
  }

  #count(classIndex: number, bin: number, by: 1 | -1): void {
    this.#classes[classIndex] = (this.#classes[classIndex] ?? 0) + by;
    this.#confidence[bin] = (this.#confidence[bin] ?? 0) + by;
  }

  /** All 0 while the window is empty. */
  shares(): { readonly classes: readonly number[]; readonly confidence: readonly number[] } {
    const size = Math.max(1, this.size);
    return {
      classes: Array.from(this.#classes, (count) => count / size),
      confidence: Array.from(this.#confidence, (count) => count / size),
    };
  }
}
