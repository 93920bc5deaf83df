// Writes a graph as a SavedModel folder: weights as files that all workers map, or inside for other programs to read.
import { mkdir, open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { WriteOptions } from '../../contracts/conversion.js';
import type { Dtype, Graph, Node } from '../graph/node.js';
import { opTable } from '../graph/op-table.js';
import { sizeOf, type Tensor } from '../graph/tensor.js';
import { toBfloat16Bits } from './bfloat16.js';
import { encodeSavedModel, type AttributeValue, type NodeDef } from './protos.js';

/** Below this a file of its own costs more than it shares. */
const MIN_MAPPED_BYTES = 4096;
const WEIGHTS = 'weights';

export async function writeSavedModel(graph: Graph, options: WriteOptions): Promise<void> {
  const files = path.join(options.folder, WEIGHTS);
  await mkdir(options.weights === 'mapped' ? files : options.folder, { recursive: true });
  const nodes: NodeDef[] = [];
  let number = 0;
  for (const node of graph.nodes) {
    if (node.constant === undefined) {
      nodes.push(plainNode(node));
      continue;
    }
    const size = sizeOf(node.constant.shape) * (node.dtype === 'bfloat16' ? 2 : 4);
    if (options.weights === 'inside' || size < MIN_MAPPED_BYTES) {
      nodes.push(constNode(node, bytesOf(node.constant, node.dtype === 'bfloat16')));
      continue;
    }
    const file = `${(number++).toString().padStart(4, '0')}.bin`;
    await writeDurably(path.join(files, file), bytesOf(node.constant, node.dtype === 'bfloat16'));
    nodes.push(mappedNode(node, path.resolve(options.finalFolder ?? options.folder, WEIGHTS, file)));
  }
  const definition = encodeSavedModel({
    nodes,
    inputs: { image: { name: `${graph.input.name}:0`, dtype: graph.input.dtype, shape: graph.input.shape } },
    outputs: {
      probabilities: { name: `${graph.output.name}:0`, dtype: graph.output.dtype, shape: graph.output.shape },
    },
  });
  await writeFile(path.join(options.folder, 'saved_model.pb'), definition, { flush: true });
}

/** A power cut must not leave a file that has its name and size but not its bytes. */
async function writeDurably(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'w');
  try {
    await handle.writeFile(bytes);
    await handle.datasync();
  } finally {
    await handle.close();
  }
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
    node.op === 'Placeholder' ? [['shape', { kind: 'shape', value: node.shape }]] : [];
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

const mappedNode = (node: Node, file: string): NodeDef => ({
  name: node.name,
  op: 'ImmutableConst',
  inputs: [],
  attributes: {
    dtype: { kind: 'type', value: node.dtype },
    shape: { kind: 'shape', value: node.shape },
    memory_region_name: { kind: 'string', value: file },
  },
});

function bytesOf(tensor: Tensor, halved: boolean): Uint8Array {
  const { data } = tensor;
  const values = halved && data instanceof Float32Array ? toBfloat16Bits(data) : data;
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
