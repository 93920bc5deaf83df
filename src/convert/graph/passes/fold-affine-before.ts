// Folds an affine map by channel into the convolution or matrix product behind it:
// k(x * s + o)  =  (k * s)(x) + k(o). With an offset only where no padding comes between: padding adds plain zeros.
import { constantOf, floatConstant, type Graph, type Node } from '../node.js';
import { lazyFloats, sizeOf, type FloatTensor } from '../tensor.js';
import { biasNode, perChannel } from './fold-affine.js';
import { countUses, mapGraph } from './map-graph.js';

export function foldAffineBefore(graph: Graph): Graph {
  const uses = countUses(graph);
  const usedOnce = new Set(graph.nodes.filter((node) => uses.get(node) === 1).map((node) => node.name));

  return mapGraph(graph, (node, emit) => {
    const layout = LAYOUTS[node.op];
    const [affine, kernelNode] = node.inputs;
    const kernel = floatConstant(kernelNode);
    if (layout === undefined || affine?.op !== 'Affine' || kernel === undefined || !usedOnce.has(affine.name))
      return node;
    const [source, scaleNode, offsetNode] = affine.inputs;
    const [scale, offset] = [floatConstant(scaleNode), floatConstant(offsetNode)];
    if (source === undefined || scale === undefined || offset === undefined) return node;
    const channels = Number(source.shape.at(-1));
    const shifts = offset.data.some((value) => value !== 0);
    // Grouped kernels see a part of the channels; preprocessing keeps its offset, which rounding would hurt most.
    if (layout.channels(kernel) !== channels || (shifts && (affine.exact === true || pads(node, kernel))))
      return node;

    const inputOf = layout.input(kernel);
    const scaled = lazyFloats(kernel.shape, () => {
      const factors = perChannel(scale, channels);
      return kernel.data.map((value, index) => value * (factors[inputOf(index)] ?? 1));
    });
    const folded = emit({ ...node, inputs: [source, emit(constantOf(`${node.name}/scaled`, scaled))] });
    if (!shifts) return folded;
    const outputs = Number(node.shape.at(-1));
    const bias = lazyFloats([outputs], () => {
      const offsets = perChannel(offset, channels);
      const sums = new Float64Array(outputs);
      kernel.data.forEach((value, index) => {
        sums[index % outputs] = (sums[index % outputs] ?? 0) + value * (offsets[inputOf(index)] ?? 0);
      });
      return Float32Array.from(sums);
    });
    // The product is renamed, as what stands for it now is the sum.
    const product = emit({ ...folded, name: `${node.name}/product` });
    return biasNode(node.name, product, emit(constantOf(`${node.name}/shift`, bias)), emit);
  });
}

interface Layout {
  readonly channels: (kernel: FloatTensor) => number;
  /** The input channel that a value of the kernel multiplies. The output channel is its index modulo the outputs. */
  readonly input: (kernel: FloatTensor) => (index: number) => number;
}

const LAYOUTS: Readonly<Partial<Record<Node['op'], Layout>>> = {
  Conv2D: {
    channels: (kernel) => kernel.shape[2] ?? 0,
    input:
      ({ shape }) =>
      (index) =>
        Math.floor(index / (shape[3] ?? 1)) % (shape[2] ?? 1),
  },
  DepthwiseConv2dNative: {
    channels: (kernel) => kernel.shape[2] ?? 0,
    input:
      ({ shape }) =>
      (index) =>
        Math.floor(index / (shape[3] ?? 1)) % (shape[2] ?? 1),
  },
  MatMul: {
    channels: (kernel) => kernel.shape[0] ?? 0,
    input:
      ({ shape }) =>
      (index) =>
        Math.floor(index / (shape[1] ?? 1)),
  },
};

/** Whether zeros stand around the picture: "same" around more than one pixel. */
const pads = (node: Node, kernel: FloatTensor): boolean =>
  node.attributes['padding']?.value === 'SAME' && sizeOf(kernel.shape.slice(0, 2)) > 1;
