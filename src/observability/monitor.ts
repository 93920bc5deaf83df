// All that is watched of a service: fed through its recorder, read by the endpoints of metrics and drift.
import type { Classifier } from '../contracts/classifier.js';
import type { Logger } from '../contracts/logger.js';
import type { ModelInfo } from '../contracts/model.js';
import type { Recorder } from '../contracts/recorder.js';
import { exposition, type TextFormat } from './exposition.js';
import { modelFamilies } from './model-families.js';
import { ModelStatistics } from './model-statistics.js';
import { processFamilies } from './process-metrics.js';
import { RequestStatistics } from './request-statistics.js';
import { safely } from './safely.js';

export interface MonitorOptions {
  readonly logger: Logger;
  /** Asked whenever something is read. */
  readonly classifier: Pick<Classifier, 'models' | 'failures'>;
}

export class Monitor {
  readonly requests = new RequestStatistics();
  /** Gone with the model: a version that is loaded again counts anew. */
  readonly #models = new WeakMap<ModelInfo, ModelStatistics>();
  readonly recorder: Recorder;
  /** Of all models, also of those that are gone. */
  predictions = 0;

  constructor(private readonly options: MonitorOptions) {
    this.recorder = safely(options.logger, {
      endpoint: (name) => void this.requests.of(name),
      request: (outcome) => this.requests.record(outcome),
      predicted: (model, outcome) => {
        if (this.of(model).record(outcome)) this.predictions += 1;
      },
      batch: (model, size) => this.of(model).batches.observe(size),
    });
  }

  of(model: ModelInfo): ModelStatistics {
    const known = this.#models.get(model);
    if (known !== undefined) return known;
    const fresh = new ModelStatistics(model);
    this.#models.set(model, fresh);
    return fresh;
  }

  async text(format: TextFormat): Promise<string> {
    const { classifier } = this.options;
    const models = classifier.models().map((model) => ({ model, statistics: this.of(model.info) }));
    return exposition(
      [
        ...this.requests.families(),
        ...modelFamilies(models, classifier.failures()),
        ...(await processFamilies()),
      ],
      format,
    );
  }
}
