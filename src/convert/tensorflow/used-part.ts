// The part of a graph that a prediction needs, in operations that TensorFlow has, all of them allowed.
import { AppError } from '../../errors/app-error.js';
import { checkOperations } from './check-operations.js';
import type { GraphModel } from './graph-model.js';
import { reach, type Reached } from './reach.js';
import { unfuse } from './unfuse.js';

export function usedPart({ graph, input, output, what }: GraphModel): Reached {
  const { nodes, functions } = reach(graph, [output.node], new Set([input.node]), what);
  if (!nodes.some(({ name }) => name === input.node)) {
    throw new AppError(
      'not_a_classifier',
      `${what}: the output "${output.node}" does not depend on the input "${input.node}"`,
    );
  }
  const used = { nodes: unfuse(nodes, what), functions };
  checkOperations(used, input.node, what);
  return used;
}
