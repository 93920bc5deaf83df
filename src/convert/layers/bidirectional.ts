// A recurrent layer forwards, and another one like it backwards.
import type { Node } from '../graph/node.js';
import { binary } from '../graph/ops/arithmetic.js';
import { concat, reverse } from '../graph/ops/shaping.js';
import { isObject } from '../keras/config-reader.js';
import type { LayerCall, LayerSpec } from './layer.js';

type Merge = (call: LayerCall, forward: Node, backward: Node) => Node | readonly Node[];

const MERGES: Readonly<Record<string, Merge>> = {
  concat: ({ g }, forward, backward) => concat(g, [forward, backward], forward.shape.length - 1),
  sum: ({ g }, forward, backward) => binary(g, 'AddV2', forward, backward),
  mul: ({ g }, forward, backward) => binary(g, 'Mul', forward, backward),
  ave: ({ g }, forward, backward) => binary(g, 'Mul', binary(g, 'AddV2', forward, backward), 0.5),
};

export const bidirectional: LayerSpec = {
  names: ['Bidirectional'],
  options: {
    layer: 'any recurrent one, without return_state',
    backward_layer: '',
    merge_mode: `${Object.keys(MERGES).join(', ')}, none`,
  },
  build(call) {
    const { g, config, inputs, wrapped } = call;
    const forward = wrapped('layer', inputs, directed(call, 'layer', 'forward'));
    const own = config.has('backward_layer') ? 'backward_layer' : 'layer';
    const found = wrapped(own, inputs, directed(call, own, 'backward'));
    // The outputs of its steps came in the order in which it took them.
    const backward = found.shape.length === 3 ? reverse(g, found, [1]) : found;
    if (config.values['merge_mode'] === null) return [forward, backward];
    const mode = config.choice('merge_mode', Object.keys(MERGES), 'concat');
    return MERGES[mode]?.(call, forward, backward) ?? forward;
  },
};

/** A backward layer that is written by itself is that; else it is the forward one by another name, turned around. */
function directed({ config }: LayerCall, key: string, direction: 'forward' | 'backward'): unknown {
  const written = config.values[key];
  const inner = isObject(written) ? written['config'] : undefined;
  if (!isObject(written) || !isObject(inner)) return config.fail(key, 'a layer', written);
  if (inner['return_state'] === true) return config.fail('return_state', 'false', true);
  if (key === 'backward_layer') return written;
  const name = String(inner['name']).replace(/^(forward|backward)_/, '');
  const turned = direction === 'backward';
  return {
    ...written,
    config: {
      ...inner,
      name: `${direction}_${name}`,
      go_backwards: (inner['go_backwards'] === true) !== turned,
    },
  };
}
