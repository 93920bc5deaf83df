// Every call of the API, in the documentation's order.
import type { Monitor } from '../observability/monitor.js';
import { kserveOperations } from './kserve/operations.js';
import type { Operation } from './operation.js';
import { batchPredictOperation } from './routes/batch-predict.js';
import { classifyImageOperation } from './routes/classify-image.js';
import { docsOperations } from './routes/docs.js';
import { driftOperation } from './routes/drift.js';
import { healthOperations } from './routes/health.js';
import { inferOperation } from './routes/infer.js';
import { metricsOperations } from './routes/metrics.js';
import { modelOperations } from './routes/models.js';
import type { PredictionDeps } from './routes/picture-prediction.js';
import { predictOperations } from './routes/predict.js';
import { rootOperation, type ServiceName } from './routes/root.js';
import { tensorflowServingOperations } from './tensorflow-serving/operations.js';
import { BodyMemory } from './tensors/body-memory.js';
import type { TensorDeps } from './tensors/tensor-call.js';
import { Turns } from './tensors/turns.js';

export interface OperationDeps extends PredictionDeps, Omit<TensorDeps, 'turns' | 'bodies'> {
  readonly service: ServiceName;
  readonly monitor: Monitor;
  readonly redisState?: () => 'up' | 'down';
}

/** So many tensor bodies of the largest size may be in memory at one time, or more smaller ones. */
const BODIES_AT_ONCE = 8;

export function createOperations(deps: OperationDeps): readonly Operation[] {
  const { classifier, service, monitor, redisState } = deps;
  const all: Operation[] = [];
  const tensors: TensorDeps = {
    ...deps,
    turns: new Turns(),
    bodies: new BodyMemory(BODIES_AT_ONCE * deps.maxTensorBytes),
  };
  const operations = (): readonly Operation[] => all;
  all.push(
    ...predictOperations(deps),
    batchPredictOperation(deps),
    inferOperation(deps),
    classifyImageOperation(deps),
    ...modelOperations({ classifier }),
    driftOperation({ classifier, monitor }),
    rootOperation({ classifier, service, operations }),
    ...healthOperations({ classifier, ...(redisState === undefined ? {} : { redisState }) }),
    ...metricsOperations({ classifier, monitor }),
    ...kserveOperations({ ...tensors, service }),
    ...tensorflowServingOperations(tensors),
    ...docsOperations({ service, operations }),
  );
  return all;
}
