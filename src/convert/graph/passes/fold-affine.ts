// Folds an affine map by channel (batch norm, Rescaling) into the convolution or matrix product before it:
// (x * k + b) * s + o  =  x * (k * s) + (b * s + o). Gains 10 to 20 % and halves the first run.
import { constantOf, floatConstant, type Graph, type Node } from '../node.js';
import { lazyFloats, sizeOf, type FloatTensor } from '../tensor.js';
import { countUses, mapGraph, type Rewrite } from './map-graph.js';

const LINEAR = new Set(['Conv2D', 'DepthwiseConv2dNative', 'MatMul']);

interface Linear {
  readonly product: Node;
  readonly kernel: FloatTensor;
  readonly bias: FloatTensor | undefined;
}

export function foldAffine(graph: Graph): Graph {
  const uses = countUses(graph);
  const byName = new Map(graph.nodes.map((node) => [node.name, uses.get(node) ?? 0]));
  const usedOnce = (node: Node): boolean => byName.get(node.name) === 1;
  const rewrite: Rewrite = (node, emit) => {
    if (node.op !== 'Affine') return node;
    const [source, scaleNode, offsetNode] = node.inputs;
    const scale = floatConstant(scaleNode);
    const offset = floatConstant(offsetNode);
    if (source === undefined || scale === undefined || offset === undefined) return node;
    const linear = linearBefore(source, usedOnce);
    return linear === undefined ? node : fold(linear, node, scale, offset, emit);
  };
  return mapGraph(graph, rewrite);
}

function linearBefore(node: Node, usedOnce: (node: Node) => boolean): Linear | undefined {
  if (!usedOnce(node)) return undefined;
  const biased = node.op === 'BiasAdd';
  const product = biased ? node.inputs[0] : node;
  if (product === undefined || !LINEAR.has(product.op) || !usedOnce(product)) return undefined;
  const kernel = floatConstant(product.inputs[1]);
  const bias = biased ? floatConstant(node.inputs[1]) : undefined;
  if (kernel === undefined || (biased && bias === undefined)) return undefined;
  return { product, kernel, bias };
}

function fold(
  linear: Linear,
  at: Node,
  scale: FloatTensor,
  offset: FloatTensor,
  emit: (node: Node) => Node,
): Node {
  const { product, kernel, bias } = linear;
  const channels = Number(product.shape.at(-1));

  // The last axes of every kernel hold the output channels: (in, out), or (channels, multiplier) in depthwise ones.
  const scaled = lazyFloats(kernel.shape, () => {
    const [factors, values] = [perChannel(scale, channels), kernel.data];
    for (let at = 0; at < values.length; at += channels) {
      for (let channel = 0; channel < channels; channel++) {
        values[at + channel] = (values[at + channel] ?? 0) * (factors[channel] ?? 1);
      }
    }
    return values;
  });
  const shifted = lazyFloats([channels], () => {
    const [factors, old] = [perChannel(scale, channels), bias?.data];
    return perChannel(offset, channels).map((value, at) => (old?.[at] ?? 0) * (factors[at] ?? 1) + value);
  });
  const kernelNode = emit(constantOf(`${at.name}/kernel`, scaled));
  const [x] = product.inputs;
  const folded = emit({ ...product, inputs: x === undefined ? [] : [x, kernelNode] });
  // It takes the affine map's name, and with it its users: another affine map behind it can be folded too.
  return biasNode(at.name, folded, emit(constantOf(`${at.name}/bias`, shifted)), emit);
}

export const biasNode = (name: string, input: Node, bias: Node, emit: (node: Node) => Node): Node =>
  emit({
    name,
    op: 'BiasAdd',
    inputs: [input, bias],
    attributes: { data_format: { kind: 'string', value: 'NHWC' } },
    shape: input.shape,
    dtype: input.dtype,
  });

/** One value for each channel, where there may be one for all. */
export const perChannel = (tensor: FloatTensor, channels: number): Float32Array => {
  const { data } = tensor;
  return sizeOf(tensor.shape) === 1 ? new Float32Array(channels).fill(data[0] ?? 0) : data;
};
