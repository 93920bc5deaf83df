// All passes, in their order.
import type { Precision } from '../../../contracts/model.js';
import type { Graph } from '../node.js';
import { toBfloat16 } from './choose-precision.js';
import { foldAffine } from './fold-affine.js';
import { lowerAffine } from './lower-affine.js';

export function optimise(graph: Graph, precision: Precision): Graph {
  const simple = lowerAffine(foldAffine(graph));
  return precision === 'bfloat16' ? toBfloat16(simple) : simple;
}
