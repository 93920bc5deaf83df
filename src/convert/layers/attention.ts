// Attention, as small vision transformers have it.
import type { GraphBuilder } from '../graph/builder.js';
import type { Node } from '../graph/node.js';
import { binary } from '../graph/ops/arithmetic.js';
import { einsum } from '../graph/ops/products.js';
import { reshape } from '../graph/ops/shaping.js';
import { lazyFloats } from '../graph/tensor.js';
import { softmax } from './activations.js';
import { sizes, type LayerCall, type LayerSpec } from './layer.js';

/** What was said at the call, not in the config. */
function refuseCallOptions({ call, config }: LayerCall): void {
  for (const option of [
    'attention_mask',
    'use_causal_mask',
    'return_attention_scores',
    'key_mask',
    'query_mask',
    'value_mask',
  ]) {
    const value = call.kwargs[option];
    if (value !== undefined && value !== null && value !== false) config.fail(option, 'nothing', value);
  }
}

export const multiHeadAttention: LayerSpec = {
  names: ['MultiHeadAttention'],
  options: {
    num_heads: '',
    key_dim: '',
    value_dim: '',
    use_bias: '',
    output_shape: 'one size',
    attention_axes: 'all',
  },
  build(call) {
    const { g, config, weight } = call;
    refuseCallOptions(call);
    const [query, value, key = value] = call.inputs;
    if (query === undefined || value === undefined || key === undefined)
      return config.fail('inbound_nodes', 'query and value', call.inputs.length);
    const heads = config.integer('num_heads');
    const keySize = config.integer('key_dim');
    const valueSize = config.has('value_dim') ? config.integer('value_dim') : keySize;
    const biased = config.boolean('use_bias', true);
    const inner = query.shape.length - 2;
    if (config.has('attention_axes') && config.integers('attention_axes').length !== inner) {
      config.fail('attention_axes', 'all axes between batch and features', config.values['attention_axes']);
    }
    const flat = (node: Node): Node => sequenceOf(g, node);

    const project = (node: Node, name: string, size: number): Node => {
      const features = Number(node.shape.at(-1));
      const kernel = weight(`${name}/kernel`, [features, heads, size]);
      const product = einsum(g, 'btf,fhd->bthd', [flat(node), g.constant(kernel, name)]);
      return biased
        ? binary(g, 'AddV2', product, g.constant(weight(`${name}/bias`, [heads, size]), name))
        : product;
    };
    const projected = project(query, 'query', keySize);
    const keys = project(key, 'key', keySize);
    const values = project(value, 'value', valueSize);

    const scores = einsum(g, 'bqhd,bkhd->bhqk', [
      binary(g, 'Mul', projected, 1 / Math.sqrt(keySize), { exact: true }),
      keys,
    ]);
    const attended = einsum(g, 'bhqk,bkhd->bqhd', [softmax(g, scores), values]);

    const output = config.has('output_shape')
      ? config.integers('output_shape')
      : [Number(query.shape.at(-1))];
    const [features = 0] = output.length === 1 ? output : config.fail('output_shape', 'one size', output);
    const merged = einsum(g, 'bqhd,hdf->bqf', [
      attended,
      g.constant(weight('attention_output/kernel', [heads, valueSize, features]), 'output'),
    ]);
    const result = biased
      ? binary(g, 'AddV2', merged, g.constant(weight('attention_output/bias', [features]), 'output'))
      : merged;
    return inner === 1 ? result : reshape(g, result, [...sizes(query).slice(0, -1), features]);
  },
};

/** Everything between the batch and the features as one axis. */
function sequenceOf(g: GraphBuilder, node: Node): Node {
  const inner = sizes(node);
  return inner.length === 2
    ? node
    : reshape(g, node, [inner.slice(0, -1).reduce((a, b) => a * b, 1), inner.at(-1) ?? 1]);
}

export const attention: LayerSpec = {
  names: ['Attention', 'AdditiveAttention'],
  options: { use_scale: '', score_mode: 'dot' },
  build(call) {
    const { g, config, weight } = call;
    refuseCallOptions(call);
    const additive = config.where.includes('(AdditiveAttention)');
    const [query, value, key = value] = call.inputs;
    if (query === undefined || value === undefined || key === undefined)
      return config.fail('inbound_nodes', 'query and value', call.inputs.length);
    config.choice('score_mode', ['dot'], 'dot');
    const features = Number(query.shape.at(-1));
    let scores: Node;
    if (additive) {
      const [rows, columns] = [Number(query.shape[1]), Number(key.shape[1])];
      const sum = g.map(
        'Tanh',
        binary(g, 'AddV2', reshape(g, query, [rows, 1, features]), reshape(g, key, [1, columns, features])),
      );
      const scaled = config.boolean('use_scale', true)
        ? binary(g, 'Mul', sum, g.constant(weight('scale', [features])))
        : sum;
      scores = einsum(g, 'bqkf->bqk', [scaled]);
    } else {
      scores = einsum(g, 'bqf,bkf->bqk', [query, key]);
      if (config.boolean('use_scale', false)) {
        const scale = weight('scale', []);
        scores = binary(g, 'Mul', scores, g.constant(lazyFloats([], () => scale.data)));
      }
    }
    return einsum(g, 'bqk,bkf->bqf', [softmax(g, scores), value]);
  },
};
