// What the service has done: as JSON to people and scripts, as text to scrapers.
import type { RequestHandler } from 'express';
import type { Classifier } from '../../contracts/classifier.js';
import { areDigits } from '../../contracts/digits.js';
import type { ModelInfo } from '../../contracts/model.js';
import { TEXT_FORMATS, type TextFormat } from '../../observability/exposition.js';
import type { Monitor } from '../../observability/monitor.js';
import { qualityOf } from '../accept.js';
import { answer } from '../answer.js';
import { contextOf } from '../context.js';
import { defaultModel } from '../default-model.js';
import type { AnswerDocument, Operation } from '../operation.js';
import { milliseconds } from '../rounding.js';
import { metricsSchema, type MetricsBody } from '../schemas/metrics.js';

export interface MetricsOptions {
  readonly classifier: Classifier;
  readonly monitor: Monitor;
}

const OPENMETRICS = 'application/openmetrics-text';
const PLAIN = 'text/plain';
const JSON_TYPE = 'application/json';

const text = { schema: { type: 'string' } } as const;

const asText: AnswerDocument = {
  description: "For scrapers: Prometheus' text format, or OpenMetrics.",
  content: { [PLAIN]: text, [OPENMETRICS]: text },
};

export const metricsOperations = (options: MetricsOptions): readonly Operation[] => [
  {
    id: 'metrics',
    method: 'GET',
    path: '/metrics',
    tag: 'Service',
    summary: 'What the service has done',
    description: `JSON, unless the Accept header names \`${OPENMETRICS}\` or \`${PLAIN}\` and prefers it to JSON, as Prometheus and its relatives do. Browsers, curl and Python's requests get JSON.`,
    answers: {
      200: {
        description: 'Counts since the start.',
        content: { [JSON_TYPE]: { schema: metricsSchema }, ...asText.content },
      },
    },
    refusals: [],
    handlers: [metrics(options)],
  },
  {
    id: 'prometheus',
    method: 'GET',
    path: '/metrics/prometheus',
    tag: 'Service',
    summary: 'The same as text, whatever the Accept header says',
    answers: { 200: asText },
    refusals: [],
    handlers: [prometheus(options)],
  },
];

const metrics = ({ classifier, monitor }: MetricsOptions): RequestHandler =>
  async function metrics(req, res) {
    res.setHeader('Vary', 'Accept');
    const format = preferredFormat(req.headers.accept ?? '*/*');
    if (format === 'json') {
      const { startedAt } = contextOf(res).lifecycle;
      answer(req, res, { status: 200, body: metricsBody(classifier, monitor, Date.now() - startedAt) });
    } else {
      answer(req, res, { status: 200, type: TEXT_FORMATS[format], body: await monitor.text(format) });
    }
  };

const prometheus = ({ monitor }: MetricsOptions): RequestHandler =>
  async function prometheus(req, res) {
    res.setHeader('Vary', 'Accept');
    const format =
      preferredFormat(req.headers.accept ?? '*/*') === 'openmetrics' ? 'openmetrics' : 'prometheus';
    answer(req, res, { status: 200, type: TEXT_FORMATS[format], body: await monitor.text(format) });
  };

/**
 * Text only to those who name it: a wildcard is a browser, curl or a script. Between two that are liked equally the one
 * that is named comes first, and JSON before text (`application/json, text/plain, *` is what axios sends).
 */
export function preferredFormat(accept: string): TextFormat | 'json' {
  const json = qualityOf(accept, JSON_TYPE);
  const rank = (type: string): number => {
    const { quality, named } = qualityOf(accept, type);
    return named ? quality : 0;
  };
  const [openmetrics, plain] = [rank(OPENMETRICS), rank(PLAIN)];
  const best = Math.max(openmetrics, plain);
  if (best === 0 || json.quality > best || (json.named && json.quality === best)) return 'json';
  return openmetrics >= plain ? 'openmetrics' : 'prometheus';
}

function metricsBody(classifier: Classifier, monitor: Monitor, uptimeMs: number): MetricsBody {
  const { requests, predictions: successful } = monitor;
  const failed = requests.failedPictures;
  const model = defaultModel(classifier);
  return {
    service_metrics: {
      total_requests: requests.requests,
      successful_predictions: successful,
      failed_predictions: failed,
      total_errors: requests.failedRequests,
      success_rate: successful + failed === 0 ? 100 : hundredths((100 * successful) / (successful + failed)),
      uptime_seconds: milliseconds(uptimeMs / 1000),
      uptime_hours: hundredths(uptimeMs / 3_600_000),
    },
    model_metrics: model === null ? null : modelMetrics(model.info, monitor),
    models: classifier.models().map(({ info }) => ({
      model: info.name,
      model_version: info.version,
      predictions: monitor.of(info).predictions,
      predictions_by_class: Object.fromEntries(monitor.of(info).byClass()),
    })),
    timestamp: new Date().toISOString(),
  };
}

function modelMetrics(info: ModelInfo, monitor: Monitor): MetricsBody['model_metrics'] {
  const byClass = Object.fromEntries(monitor.of(info).byClass());
  return {
    model: info.name,
    model_version: info.version,
    model_accuracy: info.accuracy,
    predictions_by_class: byClass,
    ...(areDigits(info.labels) ? { predictions_by_digit: byClass } : {}),
  };
}

const hundredths = (value: number): number => Math.round(value * 100) / 100;
