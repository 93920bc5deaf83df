// Layers of packages that many models were made with, and whose registered names say what they compute.
import { binary } from '../graph/ops/arithmetic.js';
import { reshape } from '../graph/ops/shaping.js';
import { gelu } from './activations.js';
import { sizes, type LayerSpec } from './layer.js';

export const ofOtherPackages: readonly LayerSpec[] = [
  {
    // AutoKeras puts it behind its input.
    names: ['CastToFloat32', 'Custom>CastToFloat32', 'autokeras>CastToFloat32'],
    options: {},
    build: ({ input }) => input(),
  },
  {
    names: ['ExpandLastDim', 'Custom>ExpandLastDim', 'autokeras>ExpandLastDim'],
    options: {},
    build({ g, input }) {
      const node = input();
      return reshape(g, node, [...sizes(node), 1]);
    },
  },
  {
    names: ['Addons>GELU'],
    options: { approximate: '' },
    build: ({ g, config, input }) => gelu(g, input(), config.boolean('approximate', true)),
  },
  {
    names: ['Addons>StochasticDepth'],
    options: { survival_probability: '' },
    build({ g, config, inputs }) {
      const [shortcut, residual] = inputs;
      if (shortcut === undefined || residual === undefined)
        return config.fail('inbound_nodes', 'two inputs', inputs.length);
      const scaled = binary(g, 'Mul', residual, config.number('survival_probability', 0.5));
      return binary(g, 'AddV2', shortcut, scaled);
    },
  },
];
