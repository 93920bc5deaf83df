// How the service is: for people and monitors (health), for restarts (live), for load balancers (ready).
import type { RequestHandler } from 'express';
import type { Classifier } from '../../contracts/classifier.js';
import { answer } from '../answer.js';
import { contextOf, type Lifecycle } from '../context.js';
import { defaultModel } from '../default-model.js';
import { jsonAnswer, type Operation } from '../operation.js';
import {
  healthSchema,
  liveSchema,
  readySchema,
  type HealthBody,
  type LiveBody,
  type ReadyBody,
} from '../schemas/health.js';

export interface HealthOptions {
  readonly classifier: Classifier;
  /** Where instances share a Redis. */
  readonly redisState?: () => 'up' | 'down';
}

export const healthOperations = (options: HealthOptions): readonly Operation[] => [
  {
    id: 'health',
    method: 'GET',
    path: '/health',
    tag: 'Service',
    summary: 'How the service and its models are',
    answers: {
      200: jsonAnswer('The default model answers.', healthSchema),
      503: jsonAnswer('The default model does not answer; `models` tells why.', healthSchema),
    },
    refusals: [],
    handlers: [health(options)],
  },
  {
    id: 'live',
    method: 'GET',
    path: '/health/live',
    tag: 'Service',
    summary: 'Whether the process answers: for restarts',
    answers: { 200: jsonAnswer('It does.', liveSchema) },
    refusals: [],
    handlers: [live],
  },
  {
    id: 'ready',
    method: 'GET',
    path: '/health/ready',
    tag: 'Service',
    summary: 'Whether predictions may be sent: for load balancers',
    answers: {
      200: jsonAnswer('Every model is warm.', readySchema),
      503: jsonAnswer('Not yet, or not any more.', readySchema),
    },
    refusals: [],
    handlers: [ready(options)],
  },
];

/** 503 where the default model cannot answer. Draining is healthy: whoever restarts on this must let it finish. */
const health = ({ classifier, redisState }: HealthOptions): RequestHandler =>
  function health(req, res) {
    const model = defaultModel(classifier);
    const body: HealthBody = {
      Status: model === null ? 'unavailable' : 'ok',
      status: model === null ? 'unhealthy' : 'healthy',
      model_loaded: model !== null,
      ...(model === null ? {} : { model_version: model.info.version }),
      uptime: uptime(contextOf(res).lifecycle),
      timestamp: new Date().toISOString(),
      models: listModels(classifier),
      ...(redisState === undefined ? {} : { redis: redisState() }),
    };
    answer(req, res, { status: model === null ? 503 : 200, body });
  };

const live: RequestHandler = function live(req, res) {
  const body: LiveBody = { status: 'alive', uptime: uptime(contextOf(res).lifecycle) };
  answer(req, res, { status: 200, body });
};

const ready = ({ classifier }: HealthOptions): RequestHandler =>
  function ready(req, res) {
    const reason = contextOf(res).lifecycle.leaving()
      ? 'draining'
      : classifier.ready()
        ? 'ready'
        : 'models are not ready';
    const body: ReadyBody = { ready: reason === 'ready', reason };
    answer(req, res, { status: body.ready ? 200 : 503, body });
  };

const listModels = (classifier: Classifier): HealthBody['models'] => [
  ...classifier.models().map((model) => ({
    name: model.info.name,
    version: model.info.version,
    status: 'ready' as const,
    workers: model.health(),
  })),
  ...classifier.failures().map(({ name, version, code, detail, remedy }) => ({
    name,
    version,
    status: 'failed' as const,
    code,
    detail,
    remedy,
  })),
];

/** Seconds, to the millisecond. */
const uptime = ({ startedAt }: Lifecycle): number => (Date.now() - startedAt) / 1000;
