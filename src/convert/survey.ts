// Collects what became of every layer of a model that is built only to be looked at.
import type { Inspection } from '../contracts/inspection.js';
import { toAppError } from '../errors/app-error.js';
import { specOf, UnbuiltModel, type Watch } from './build-graph.js';
import type { Node, Shape } from './graph/node.js';
import type { LayerConfig } from './keras/architecture.js';

type Fault = Inspection['faults'][number];

/** A file that is wrong throughout says the same thing about thousands of layers. */
const MAX_FAULTS = 200;

export class Survey implements Watch {
  readonly faults: Fault[] = [];
  readonly #shapes = new Map<string, Shape>();
  readonly #refused = new Set<string>();
  #unbuilt = 0;

  /** Whether every layer was built. */
  get complete(): boolean {
    return this.#unbuilt === 0;
  }

  shapeOf(path: readonly string[]): Shape | undefined {
    return this.#shapes.get(JSON.stringify(path));
  }

  isRefused(path: readonly string[]): boolean {
    return this.#refused.has(JSON.stringify(path));
  }

  /** What `step` gives; should it throw, the fault is kept and the next step goes on. */
  attempt<T>(step: () => T): T | undefined {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof UnbuiltModel)) this.note(error);
      return undefined;
    }
  }

  built(path: readonly string[], [output]: readonly Node[]): void {
    if (output !== undefined) this.#shapes.set(JSON.stringify(path), output.shape);
  }

  failed(path: readonly string[], error: unknown): void {
    this.#unbuilt += 1;
    this.#refused.add(JSON.stringify(path));
    this.note(error);
  }

  /** Without its input nothing can be said of a layer but whether its kind is known. */
  skipped(path: readonly string[], layer: LayerConfig): void {
    this.#unbuilt += 1;
    if (layer.inner !== undefined) {
      for (const part of layer.inner.layers) this.skipped([...path, part.name], part);
      return;
    }
    if (this.attempt(() => specOf(layer)) === undefined) this.#refused.add(JSON.stringify(path));
  }

  note(error: unknown): void {
    const { code, detail, remedy } = toAppError(error);
    const known = this.faults.some((fault) => fault.detail === detail);
    if (!known && this.faults.length < MAX_FAULTS) this.faults.push({ code, detail, remedy });
  }
}
