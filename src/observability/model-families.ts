// The metrics of the models, for scrapers.
import type { ServedModel, WorkerHealth } from '../contracts/classifier.js';
import type { ModelFailure } from '../contracts/model.js';
import type { Family, Sample } from './family.js';
import type { ModelStatistics } from './model-statistics.js';

export interface WatchedModel {
  readonly model: ServedModel;
  readonly statistics: ModelStatistics;
}

export function modelFamilies(
  models: readonly WatchedModel[],
  failures: readonly ModelFailure[],
): readonly Family[] {
  const each = (samples: (watched: WatchedModel, labels: Labels) => readonly Sample[]): readonly Sample[] =>
    models.flatMap((watched) => samples(watched, labelsOf(watched)));
  const gauge = (name: string, help: string, read: (health: WorkerHealth) => number): Family => ({
    name,
    help,
    type: 'gauge',
    samples: each(({ model }, labels) => [{ labels, value: read(model.health()) }]),
  });
  return [
    {
      name: 'model_loaded',
      help: 'Whether a model version answers: 1, or 0 where it could not be loaded.',
      type: 'gauge',
      samples: [
        ...each((_, labels) => [{ labels, value: 1 }]),
        ...failures.map(({ name, version }) => ({
          labels: { model: name, version: version ?? '' },
          value: 0,
        })),
      ],
    },
    {
      name: 'model_predictions',
      help: 'Predictions by class; of models with more than 100 classes those that were predicted.',
      type: 'counter',
      samples: each(({ statistics }, labels) =>
        statistics.byClass().map(([label, value]) => ({ labels: { ...labels, class: label }, value })),
      ),
    },
    {
      name: 'model_stage_seconds',
      help: 'What a picture spent in decoding, waiting, and in the batch that it was in.',
      type: 'histogram',
      samples: each(({ statistics }, labels) =>
        Object.entries(statistics.stages).flatMap(([stage, seconds]) =>
          seconds.samples({ ...labels, stage }),
        ),
      ),
    },
    {
      name: 'model_batch_size',
      help: 'Pictures in a batch.',
      type: 'histogram',
      samples: each(({ statistics }, labels) => statistics.batches.samples(labels)),
    },
    {
      name: 'model_cache_lookups',
      help: 'Pictures seen before (hit), seen now (miss), or not looked for (bypass).',
      type: 'counter',
      samples: each(({ statistics }, labels) =>
        Object.entries(statistics.cache).map(([outcome, value]) => ({
          labels: { ...labels, outcome: outcome.toLowerCase() },
          value,
        })),
      ),
    },
    gauge('model_queue_depth', 'Pictures that wait for a worker.', ({ queued }) => queued),
    gauge('model_workers', 'Worker threads.', ({ threads }) => threads),
    gauge('model_workers_busy', 'Worker threads that run a batch.', ({ busy }) => busy),
    gauge(
      'model_native_tensors',
      'Native tensors alive: at most one per thread, or something leaks.',
      ({ tensors }) => tensors,
    ),
    {
      name: 'model_drift_psi',
      help: 'Population stability index of recent predictions against the reference, of classes and of confidence.',
      type: 'gauge',
      samples: each(({ statistics }, labels) => {
        const { classes, confidence } = statistics.drift.report();
        return Object.entries({ classes, confidence }).flatMap(([of, found]) =>
          found === null ? [] : [{ labels: { ...labels, of }, value: found.psi }],
        );
      }),
    },
  ];
}

interface Labels extends Readonly<Record<string, string>> {
  readonly model: string;
  readonly version: string;
}

const labelsOf = ({ model }: WatchedModel): Labels => ({
  model: model.info.name,
  version: model.info.version,
});
