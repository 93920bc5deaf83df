// Every call of the API, in the documentation's order.
import type { Operation } from './operation.js';
import { docsOperations } from './routes/docs.js';
import { healthOperations } from './routes/health.js';
import type { PredictionDeps } from './routes/picture-prediction.js';
import { predictOperations } from './routes/predict.js';
import { rootOperation, type ServiceName } from './routes/root.js';

export interface OperationDeps extends PredictionDeps {
  readonly service: ServiceName;
  readonly redisState?: () => 'up' | 'down';
}

export function createOperations(deps: OperationDeps): readonly Operation[] {
  const { classifier, service, redisState } = deps;
  const all: Operation[] = [];
  const operations = (): readonly Operation[] => all;
  all.push(
    ...predictOperations(deps),
    rootOperation({ classifier, service, operations }),
    ...healthOperations({ classifier, ...(redisState === undefined ? {} : { redisState }) }),
    ...docsOperations({ service, operations }),
  );
  return all;
}
