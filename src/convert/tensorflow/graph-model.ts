// A model as a TensorFlow graph, whichever file it came from: what all that reads graphs ends in.
import type { Shape } from '../graph/node.js';
import type { NodeDef } from '../saved-model/protos.js';
import type { GraphDef } from './graph-def.js';

/** A tensor by which the graph is entered or left. */
export interface Endpoint {
  readonly node: string;
  /** Which output of the node. */
  readonly output: number;
  /** As types.proto numbers it. */
  readonly dtype: number;
  /** Batch first; undefined where not even the rank is known. */
  readonly shape: Shape | undefined;
}

/** Values that stand outside the graph, read when they are asked for. */
export interface Weight {
  readonly dtype: number;
  readonly shape: readonly number[];
  readonly read: () => Promise<Uint8Array>;
}

export interface GraphModel {
  /** For messages: the file. */
  readonly what: string;
  readonly graph: GraphDef;
  readonly input: Endpoint;
  readonly output: Endpoint;
  /** The values of those among the nodes, variables or constants, that do not hold them. */
  weights(nodes: readonly NodeDef[]): Promise<ReadonlyMap<NodeDef, Weight>>;
}

export interface TensorName {
  readonly node: string;
  readonly output: number;
}

/** `image:0` is the first output of the node `image`, and so is `image`; `^image` waits for the node only. */
export function parseTensorName(name: string): TensorName {
  const found = /^\^?(.*?)(?::(\d+))?$/s.exec(name);
  return { node: found?.[1] ?? name, output: Number(found?.[2] ?? 0) };
}

export const isControl = (input: string): boolean => input.startsWith('^');

/** The remedy where variables cannot be made constants here. */
export const FREEZE_IT =
  "Freeze the graph with TensorFlow's convert_variables_to_constants_v2, and serve the .pb file.";
