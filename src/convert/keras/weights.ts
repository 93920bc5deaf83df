// The weights an architecture asks for, and where they come from.
import { AppError } from '../../errors/app-error.js';
import { sameShape, sizeOf, type FloatTensor } from '../graph/tensor.js';

/** Up to so many values are kept once they were read: a batch norm's are asked for several times, and found slowly. */
const KEPT_VALUES = 8192;

/** A weight that a layer declared: known by shape at once, read from the checkpoint when its data is asked for. */
export class DeclaredWeight implements FloatTensor {
  readonly dtype = 'float32';
  #read: (() => Float32Array) | undefined;
  #kept: Float32Array | undefined;

  constructor(
    /** Names of the layers around it, outermost first, then the layer's own. */
    readonly path: readonly string[],
    /** Keras's name of the variable: kernel, bias, gamma, ... */
    readonly name: string,
    readonly shape: readonly number[],
    readonly trainable: boolean,
  ) {}

  get data(): Float32Array {
    if (this.#kept !== undefined) return this.#kept.slice();
    if (this.#read === undefined)
      throw new AppError('weights_missing', `${this.label} was never bound to a checkpoint`);
    const values = this.#read();
    if (holdNaN(values)) {
      throw new AppError('checkpoint_damaged', `${this.label} holds NaN, and so would every answer`, {
        remedy: 'The training went astray: take an earlier checkpoint, or train again at a lower rate.',
      });
    }
    if (values.length <= KEPT_VALUES) this.#kept = values.slice();
    return values;
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  get label(): string {
    return `${this.path.join('/')}/${this.name}`;
  }

  /**
   * `shape` is what the checkpoint holds; a difference is a fault of the checkpoint. `read` keeps nothing of what it gives:
   * it is changed in place.
   */
  bind(shape: readonly number[], read: () => Float32Array): void {
    if (!sameShape(shape, this.shape)) {
      throw new AppError(
        'weights_mismatch',
        `${this.label}: the architecture wants [${this.shape.join(', ')}], the checkpoint holds [${shape.join(', ')}]`,
      );
    }
    this.#read = read;
    this.#kept = undefined;
  }
}

/** A sum is NaN where one of its values is, or where infinities meet. It takes half of the time of looking at each. */
function holdNaN(values: Float32Array): boolean {
  let [even, odd] = [0, 0];
  for (let at = 1; at < values.length; at += 2) {
    even += values[at - 1] ?? 0;
    odd += values[at] ?? 0;
  }
  return Number.isNaN(even + odd + (values.at(-1) ?? 0)) && values.includes(NaN);
}

/** Runs one group's binding; whoever wants to hear of every fault, and not only of the first, catches it here. */
export type OnFault = (bind: () => void) => void;

/** Where weights come from: a checkpoint, or a generator of random ones. */
export interface WeightSource {
  /** Finds every weight and checks its shape, without reading its data. */
  bind(weights: readonly DeclaredWeight[], onFault: OnFault): void;
}

/** Collects what layers declare while a graph is built; a shared layer declares once. */
export class WeightRegistry {
  readonly #weights = new Map<string, DeclaredWeight>();
  #parameters = 0;

  constructor(private readonly maxParameters: number) {}

  declare(
    path: readonly string[],
    name: string,
    shape: readonly number[],
    trainable: boolean,
  ): DeclaredWeight {
    const key = JSON.stringify([...path, name]);
    const known = this.#weights.get(key);
    if (known !== undefined) return known;
    const weight = new DeclaredWeight(path, name, shape, trainable);
    if (!shape.every((size) => Number.isSafeInteger(size) && size > 0)) {
      throw new AppError(
        'config_malformed',
        `${weight.label}: no weight has the shape [${shape.join(', ')}]`,
      );
    }
    this.#parameters += weight.size;
    if (!(this.#parameters <= this.maxParameters)) {
      throw new AppError(
        'model_too_large',
        `${weight.label}: the architecture asks for more than ${this.maxParameters.toLocaleString('en')} parameters`,
      );
    }
    this.#weights.set(key, weight);
    return weight;
  }

  get all(): readonly DeclaredWeight[] {
    return [...this.#weights.values()];
  }

  get parameters(): number {
    return this.#parameters;
  }
}
