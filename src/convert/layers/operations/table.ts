// Every operation on Keras tensors that can be converted.
import type { LayerSpec } from '../layer.js';
import { arithmetic } from './arithmetic.js';
import { operationLayer } from './operation.js';
import { shaping } from './shaping.js';

export const operations: readonly LayerSpec[] = [...arithmetic, ...shaping].map(operationLayer);
