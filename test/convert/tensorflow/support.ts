// What the tests of graphs share: one conversion in a folder of its own, and graphs written by hand.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Conversion } from '../../../src/contracts/artifact.js';
import type { GraphEnds } from '../../../src/contracts/model.js';
import { convertCheckpoint } from '../../../src/convert/convert.js';
import type { ConvertOptions } from '../../../src/contracts/conversion.js';
import {
  encodeSavedModel,
  type AttributeValue,
  type FunctionDef,
  type NodeDef,
} from '../../../src/convert/saved-model/protos.js';

export const FIXTURES = 'test/fixtures/saved-models';

export interface Converted {
  readonly conversion: Conversion;
  /** The saved_model.pb that was made, as text to look for names in. */
  readonly graph: string;
}

type Options = Partial<Omit<ConvertOptions, 'checkpoint' | 'write'>>;

export async function convert(checkpoint: string, options: Options = {}): Promise<Converted> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'h5serve-graph-'));
  try {
    const conversion = await convertCheckpoint({
      checkpoint,
      write: { folder, weights: 'mapped' },
      precision: 'float32',
      maxParameters: 1e9,
      head: { kind: 'pictures', scale: '0..1', output: 'auto', size: {} },
      ...options,
    });
    return { conversion, graph: await readFile(path.join(folder, 'saved_model.pb'), 'latin1') };
  } finally {
    await rm(folder, { recursive: true });
  }
}

export const float: AttributeValue = { kind: 'type', value: 'float32' };

export const node = (
  op: string,
  name: string,
  inputs: readonly string[] = [],
  attributes: NodeDef['attributes'] = { T: float },
): NodeDef => ({
  name,
  op,
  inputs,
  attributes,
});

export const placeholder = (name = 'image'): NodeDef => node('Placeholder', name, [], { dtype: float });

/** A node that calls a function. */
export const call = (name: string, called: string, inputs: readonly string[]): NodeDef =>
  node('PartitionedCall', name, inputs, {
    // AttrValue { func: NameAttrList { name } }
    f: {
      kind: 'encoded',
      value: Buffer.concat([
        Buffer.from([0x52, called.length + 2, 0x0a, called.length]),
        Buffer.from(called),
      ]),
    },
  });

export const functionOf = (name: string, nodes: readonly NodeDef[]): FunctionDef => ({
  name,
  nodes,
  signature: Buffer.concat([Buffer.from([0x0a, name.length]), Buffer.from(name)]),
  returns: [],
  rest: [],
});

/** A SavedModel from a picture 4 x 4 to three scores, made of these nodes: the first is entered, the last left. */
export async function writeGraph(
  folder: string,
  nodes: readonly NodeDef[],
  functions: readonly FunctionDef[] = [],
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, 'saved_model.pb');
  const bytes = encodeSavedModel({
    nodes,
    functions,
    inputs: { image: { name: `${nodes[0]?.name ?? ''}:0`, dtype: 'float32', shape: [null, 4, 4, 3] } },
    outputs: { scores: { name: `${nodes.at(-1)?.name ?? ''}:0`, dtype: 'float32', shape: [null, 3] } },
  });
  await writeFile(file, bytes);
  return file;
}

export const withEnds = (graph: GraphEnds): Options => ({ graph });
