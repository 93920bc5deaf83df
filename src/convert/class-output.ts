// From what the model ends in to one probability per class: the last nodes of every served graph.
import type { OutputKind } from '../contracts/conversion.js';
import { AppError } from '../errors/app-error.js';
import type { GraphBuilder } from './graph/builder.js';
import type { Node } from './graph/node.js';
import { affine } from './graph/ops/arithmetic.js';
import { concat, reshape } from './graph/ops/shaping.js';
import { floatScalar, sizeOf } from './graph/tensor.js';

/** Operations that pass values on as they are. */
const TRANSPARENT = new Set(['Reshape', 'Identity', 'Cast']);

export function classOutput(g: GraphBuilder, output: Node, kind: OutputKind, notices: string[]): Node {
  const sizes = output.shape.slice(1).map(Number);
  if (sizes.filter((size) => size > 1).length > 1) {
    throw new AppError(
      'not_a_classifier',
      `the model ends in ${sizes.join(' x ')} numbers: classes of many places, not of one picture`,
    );
  }
  const classes = sizeOf(sizes);
  const flat = output.shape.length === 2 ? output : reshape(g, output, [classes]);
  const probabilities = asProbabilities(g, flat, classes, kind, notices);
  return classes === 1 ? bothClasses(g, probabilities) : probabilities;
}

function asProbabilities(
  g: GraphBuilder,
  output: Node,
  classes: number,
  kind: OutputKind,
  notices: string[],
): Node {
  const ending = lastOperation(output);
  if (kind === 'probabilities' || (kind === 'auto' && (ending === 'Softmax' || ending === 'Sigmoid')))
    return output;
  if (kind === 'auto' && classes === 1) {
    throw new AppError(
      'not_a_classifier',
      'the model ends in one number without a sigmoid: it predicts a quantity, or a logit',
      {
        remedy: 'If it is a classifier, say so in the manifest: "output": "logits" (or "probabilities").',
      },
    );
  }
  if (kind === 'auto')
    notices.push(
      'The model ends without a softmax; one was added. Set "output" in the manifest to say otherwise.',
    );
  return g.map(classes === 1 ? 'Sigmoid' : 'Softmax', output);
}

function lastOperation(node: Node): string {
  const [before] = node.inputs;
  return TRANSPARENT.has(node.op) && before !== undefined ? lastOperation(before) : node.op;
}

/** One sigmoid says how likely class 1 is; class 0 is the rest. */
const bothClasses = (g: GraphBuilder, probability: Node): Node =>
  concat(g, [affine(g, probability, floatScalar(-1), floatScalar(1), true), probability], 1);
