// Layers that bring several inputs together.
import { binary } from '../graph/ops/arithmetic.js';
import type { LayerSpec } from './layer.js';

export const add: LayerSpec = {
  names: ['Add'],
  options: {},
  build({ g, config, inputs }) {
    const [first, ...rest] = inputs;
    if (first === undefined || rest.length === 0) return config.fail('inbound_nodes', 'two inputs or more', inputs.length);
    return rest.reduce((sum, input) => binary(g, 'AddV2', sum, input), first);
  },
};
