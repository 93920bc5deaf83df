// Writes a graph as a SavedModel folder: weights as files that all workers map, or inside for other programs to read.
import type { WriteOptions } from '../../contracts/conversion.js';
import type { Dtype, Graph, Node } from '../graph/node.js';
import { opTable } from '../graph/op-table.js';
import { sizeOf, type Tensor } from '../graph/tensor.js';
import { toBfloat16Bits } from '../graph/bfloat16.js';
import { encodeSavedModel, type AttributeValue, type NodeDef, type SavedModelDef } from './protos.js';
import { ModelFiles } from './model-files.js';

/** Returns the SHA-256 of each file. */
export async function writeSavedModel(
  graph: Graph,
  options: WriteOptions,
): Promise<Readonly<Record<string, string>>> {
  const files = new ModelFiles(options);
  await writeDefinition(graph, { nodes: await nodeDefs(graph.nodes, files) }, files);
  return files.hashes;
}

/** `definition` holds the nodes of `graph`, and what they need beside. */
export async function writeDefinition(
  graph: Graph,
  definition: Omit<SavedModelDef, 'inputs' | 'outputs'>,
  files: ModelFiles,
): Promise<void> {
  const bytes = encodeSavedModel({
    ...definition,
    inputs: { image: { name: `${graph.input.name}:0`, dtype: graph.input.dtype, shape: graph.input.shape } },
    outputs: {
      probabilities: { name: `${graph.output.name}:0`, dtype: graph.output.dtype, shape: graph.output.shape },
    },
  });
  await files.define(bytes);
}

/** The weights are on the disk when this resolves. */
export async function nodeDefs(nodes: readonly Node[], files: ModelFiles): Promise<NodeDef[]> {
  const written: NodeDef[] = [];
  const unsafe = new Set(nodes.filter(({ op }) => !READING.has(op)).flatMap(({ inputs }) => inputs));
  try {
    for (const node of nodes) written.push(await nodeDef(node, files, !unsafe.has(node)));
  } finally {
    await files.finish();
  }
  return written;
}

/**
 * Operations that only read the weights they are given. Others may put their result where an input was: written to a
 * mapped file, that ends the process.
 */
export const READING: ReadonlySet<string> = new Set([
  'Conv2D',
  'Conv2DBackpropInput',
  'Conv3D',
  'DepthwiseConv2dNative',
  'MatMul',
  'BatchMatMul',
  'BatchMatMulV2',
  'BatchMatMulV3',
  'Gather',
  'GatherV2',
]);

async function nodeDef(node: Node, files: ModelFiles, onlyRead: boolean): Promise<NodeDef> {
  if (node.constant === undefined) return plainNode(node);
  const halved = node.dtype === 'bfloat16';
  const size = sizeOf(node.constant.shape) * (halved ? 2 : 4);
  const bytes = bytesOf(node.constant, halved);
  return onlyRead && files.takes(size) ? mappedNode(node, await files.store(bytes)) : constNode(node, bytes);
}

function plainNode(node: Node): NodeDef {
  const typeFrom = (from: number | string): Dtype => {
    if (from === 'output') return node.dtype;
    return node.inputs.at(from === 'last input' ? -1 : Number(from))?.dtype ?? node.dtype;
  };
  const types = Object.entries(opTable[node.op].types).map(([name, from]): [string, AttributeValue] => [
    name,
    { kind: 'type', value: typeFrom(from) },
  ]);
  const shape: [string, AttributeValue][] =
    node.op === 'Placeholder' || node.op === 'EnsureShape'
      ? [['shape', { kind: 'shape', value: node.shape }]]
      : [];
  return {
    name: node.name,
    op: node.op,
    inputs: node.inputs.map((input) => input.name),
    attributes: { ...node.attributes, ...Object.fromEntries([...types, ...shape]) },
  };
}

const constNode = (node: Node, bytes: Uint8Array): NodeDef => ({
  name: node.name,
  op: 'Const',
  inputs: [],
  attributes: {
    dtype: { kind: 'type', value: node.dtype },
    value: { kind: 'tensor', value: { dtype: node.dtype, shape: node.shape.map(Number), bytes } },
  },
});

const mappedNode = (node: Node, file: Readonly<Record<string, AttributeValue>>): NodeDef => ({
  name: node.name,
  op: 'ImmutableConst',
  inputs: [],
  attributes: {
    dtype: { kind: 'type', value: node.dtype },
    shape: { kind: 'shape', value: node.shape },
    ...file,
  },
});

function bytesOf(tensor: Tensor, halved: boolean): Uint8Array {
  const { data } = tensor;
  const values = halved && data instanceof Float32Array ? toBfloat16Bits(data) : data;
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
