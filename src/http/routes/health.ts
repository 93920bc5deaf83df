// How the service is: for people and monitors (health), for restarts (live), for load balancers (ready).
import type { RequestHandler } from 'express';
import type { Classifier } from '../../contracts/classifier.js';
import { answer } from '../answer.js';
import { contextOf, type Lifecycle } from '../context.js';
import { defaultModel } from '../default-model.js';
import type { HealthBody, LiveBody, ReadyBody } from '../schemas/health.js';

export interface HealthOptions {
  readonly classifier: Classifier;
}

/** 503 where the default model cannot answer. Draining is healthy: whoever restarts on this must let it finish. */
export const health = ({ classifier }: HealthOptions): RequestHandler =>
  function health(req, res) {
    const model = defaultModel(classifier);
    const body: HealthBody = {
      status: model === null ? 'unhealthy' : 'healthy',
      model_loaded: model !== null,
      ...(model === null ? {} : { model_version: model.info.version }),
      uptime: uptime(contextOf(res).lifecycle),
      timestamp: new Date().toISOString(),
      models: listModels(classifier),
    };
    answer(req, res, { status: model === null ? 503 : 200, body });
  };

export const live: RequestHandler = function live(req, res) {
  const body: LiveBody = { status: 'alive', uptime: uptime(contextOf(res).lifecycle) };
  answer(req, res, { status: 200, body });
};

export const ready = ({ classifier }: HealthOptions): RequestHandler =>
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
