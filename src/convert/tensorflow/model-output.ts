// What a graph gives: how many classes, and whether they are probabilities already.
import { AppError } from '../../errors/app-error.js';
import type { Shape } from '../graph/node.js';
import { readShape, readTensor } from './attributes.js';
import type { Endpoint } from './graph-model.js';
import type { Reached } from './reach.js';
import { traceBack, type Source } from './trace.js';

export interface ModelOutput {
  /** Batch first, as null; nothing else is open. */
  readonly shape: Shape;
  /** False: the shape was counted together, and the tensor may have more axes of size 1. */
  readonly certain: boolean;
  readonly ending: 'Softmax' | 'Sigmoid' | 'Identity';
}

/** Operations that keep the number of classes. */
const KEEPING = new Set(['Softmax', 'LogSoftmax', 'Sigmoid', 'Reshape', 'Squeeze', 'Cast']);
/** Operations whose second input tells it, and which of its axes. */
const TELLING: Readonly<Record<string, number>> = {
  BiasAdd: -1,
  BiasAddV1: -1,
  Add: -1,
  AddV2: -1,
  MatMul: 1,
  Conv2D: 3,
};

export function modelOutput(
  graph: Reached,
  output: Endpoint,
  classes: number | undefined,
  what: string,
): ModelOutput {
  const last = traceBack(graph, output);
  const ending = lastOperation(last);
  const known = output.shape?.slice(1);
  if (known !== undefined && known.length > 0 && !known.includes(null))
    return { shape: [null, ...known], certain: true, ending };
  const counted = classes ?? countClasses(last, what);
  if (counted !== undefined) return { shape: [null, counted], certain: false, ending };
  throw new AppError(
    'not_a_classifier',
    `${what}: the graph does not say how many classes its output "${output.node}" has`,
    {
      remedy: 'Say it in the manifest: "graph": { "classes": 1000 }.',
    },
  );
}

function lastOperation(source: Source | undefined): ModelOutput['ending'] {
  const op = source?.node.op;
  if (op === 'Softmax' || op === 'Sigmoid') return op;
  return op === 'Reshape' || op === 'Squeeze' || op === 'Cast' ? lastOperation(source?.input(0)) : 'Identity';
}

function countClasses(source: Source | undefined, what: string): number | undefined {
  if (source === undefined) return undefined;
  const { node } = source;
  if (KEEPING.has(node.op)) return countClasses(source.input(0), what);
  const axis = TELLING[node.op];
  if (axis === undefined) return undefined;
  return constantShape(source.input(1), what)?.at(axis) ?? countClasses(source.input(0), what);
}

/** Of a constant or of a variable. */
const constantShape = (source: Source | undefined, what: string): Shape | undefined =>
  source === undefined
    ? undefined
    : (readTensor(source.node.attributes['value'], what)?.shape ??
      readShape(source.node.attributes['shape'], what));
