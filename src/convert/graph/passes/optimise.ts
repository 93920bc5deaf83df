// All passes, in their order.
import type { Precision } from '../../../contracts/model.js';
import type { Graph } from '../node.js';
import { toBfloat16 } from './choose-precision.js';
import { foldAffine } from './fold-affine.js';
import { foldAffineBefore } from './fold-affine-before.js';
import { lowerAffine } from './lower-affine.js';
import { mergeBiases } from './merge-biases.js';
import { partGroups } from './part-groups.js';
import { sinkTransposes } from './sink-transposes.js';

export function optimise(graph: Graph, precision: Precision): Graph {
  const channelsLast = sinkTransposes(graph);
  const folded = mergeBiases(foldAffineBefore(foldAffine(channelsLast)));
  const simple = partGroups(lowerAffine(folded));
  return precision === 'bfloat16' ? toBfloat16(simple) : simple;
}
