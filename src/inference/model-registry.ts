// The models that are served, by name and version; HTTP sees it as its Classifier.
import type { Classifier, ServedModel } from '../contracts/classifier.js';
import type { ModelFailure } from '../contracts/model.js';
import { AppError } from '../errors/app-error.js';
import type { RunningModel } from './served-model.js';

export class ModelRegistry implements Classifier {
  /** Versions of each model, the newest last. */
  readonly #running = new Map<string, RunningModel[]>();
  readonly #failures: ModelFailure[] = [];
  #loading = true;
  #draining = false;

  constructor(private readonly preferred: string | undefined) {}

  add(model: RunningModel): void {
    const versions = this.#running.get(model.info.name) ?? [];
    this.#running.set(model.info.name, [...versions, model]);
  }

  addFailure(failure: ModelFailure): void {
    this.#failures.push(failure);
  }

  /** Every model on disk has been tried. */
  loaded(): void {
    this.#loading = false;
  }

  get defaultModel(): string | null {
    return this.preferred ?? this.#running.keys().next().value ?? null;
  }

  model(name?: string, version?: string): ServedModel {
    const wanted = name ?? this.defaultModel;
    const versions = wanted === null ? undefined : this.#running.get(wanted);
    const model =
      version === undefined
        ? versions?.at(-1)
        : versions?.find((candidate) => candidate.info.version === version);
    return model ?? this.#refuse(wanted, version);
  }

  models(): readonly ServedModel[] {
    return [...this.#running.values()].flat();
  }

  failures(): readonly ModelFailure[] {
    return this.#failures;
  }

  ready(): boolean {
    if (this.#loading || this.#draining || this.#running.size === 0) return false;
    return this.preferred === undefined || this.#running.has(this.preferred);
  }

  async close(): Promise<void> {
    this.#draining = true;
    await Promise.all([...this.#running.values()].flat().map((model) => model.close()));
  }

  #refuse(name: string | null, version: string | undefined): never {
    if (name === null) {
      if (this.#loading)
        throw new AppError('model_unavailable', 'the models are still loading', { retryAfterSeconds: 1 });
      throw new AppError('model_unavailable', 'no model could be loaded');
    }
    const label = version === undefined ? name : `${name} version ${version}`;
    const failure = this.#failures.find(
      (candidate) => candidate.name === name && (version === undefined || candidate.version === version),
    );
    if (failure !== undefined)
      throw new AppError('model_unavailable', `${label} could not be loaded (${failure.code})`);
    if (this.#loading)
      throw new AppError('model_unavailable', `${label} is not loaded yet`, { retryAfterSeconds: 1 });
    const known = [...this.#running].map(
      ([model, versions]) => `${model} (${versions.map(({ info }) => info.version).join(', ')})`,
    );
    throw new AppError(
      'unknown_model',
      `${label} is not served here; there are ${known.join('; ') || 'none'}`,
    );
  }
}
