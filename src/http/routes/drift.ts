// GET /drift: whether each model's recent predictions look like those on the pictures that it was tested with.
import type { RequestHandler } from 'express';
import type { Classifier } from '../../contracts/classifier.js';
import { distinctLabels } from '../../contracts/distinct-labels.js';
import type { ModelInfo } from '../../contracts/model.js';
import { DRIFT_LIMITS, type Divergence, type DriftReport } from '../../observability/drift/monitor.js';
import type { Monitor } from '../../observability/monitor.js';
import { answer } from '../answer.js';
import { jsonAnswer, type Operation } from '../operation.js';
import { driftSchema, type DivergenceBody, type DriftBody } from '../schemas/drift.js';

export interface DriftOptions {
  readonly classifier: Classifier;
  readonly monitor: Monitor;
}

export const driftOperation = (options: DriftOptions): Operation => ({
  id: 'drift',
  method: 'GET',
  path: '/drift',
  tag: 'Models',
  summary: 'Whether the predictions still look as they did when the models were tested',
  description:
    'Compares the shares of the classes, and of the confidences by tenths, among the recent predictions with those of the reference. It says that the pictures have changed, not that answers are wrong.',
  answers: { 200: jsonAnswer('By model version.', driftSchema) },
  refusals: [],
  handlers: [drift(options)],
});

const drift = ({ classifier, monitor }: DriftOptions): RequestHandler =>
  function drift(req, res) {
    const body: DriftBody = {
      models: classifier.models().map(({ info }) => modelDrift(info, monitor.of(info).drift.report())),
      window: DRIFT_LIMITS.window,
      minimum: DRIFT_LIMITS.minimum,
      timestamp: new Date().toISOString(),
    };
    answer(req, res, { status: 200, body });
  };

const modelDrift = (info: ModelInfo, report: DriftReport): DriftBody['models'][number] => ({
  model: info.name,
  model_version: info.version,
  status: report.status,
  predictions: report.predictions,
  reference: { source: report.source, samples: report.referenceSamples },
  classes: divergence(report.classes),
  confidence: divergence(report.confidence),
  most_shifted: mostShifted(info, report),
});

const divergence = (found: Divergence | null): DivergenceBody | null =>
  found === null
    ? null
    : {
        psi: rounded(Math.max(0, found.psi)),
        jensen_shannon: rounded(Math.min(1, Math.max(0, found.jensenShannon))),
        warning_above: rounded(found.warning),
        drift_above: rounded(found.drift),
      };

const MOST_SHIFTED = 10;

function mostShifted(
  info: ModelInfo,
  { shares, referenceShares, predictions }: DriftReport,
): DriftBody['models'][number]['most_shifted'] {
  if (referenceShares === null || predictions === 0) return [];
  return distinctLabels(info.labels)
    .map((label, at) => ({ label, share: shares[at] ?? 0, other: referenceShares[at] ?? 0 }))
    .toSorted((a, b) => Math.abs(b.share - b.other) - Math.abs(a.share - a.other))
    .slice(0, MOST_SHIFTED)
    .map(({ label, share, other }) => ({
      class: label,
      share: rounded(share),
      reference_share: rounded(Math.min(1, other)),
    }));
}

/** Four digits behind the point: more would be chance. */
const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;
