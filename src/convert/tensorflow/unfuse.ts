// tfjs's converter joins a convolution with its bias and activation into one operation, some of them its own.
// They are taken apart again: TensorFlow joins them itself, as it suits the processor.
import { AppError } from '../../errors/app-error.js';
import type { AttributeValue, NodeDef } from '../saved-model/protos.js';
import { readStrings } from './attributes.js';

interface FusedOp {
  readonly op: string;
  /** Attributes that the plain operation has too. */
  readonly attributes: readonly string[];
}

const CONVOLUTION = ['T', 'strides', 'padding', 'explicit_paddings', 'data_format', 'dilations'];

const FUSED: Readonly<Record<string, FusedOp>> = {
  _FusedConv2D: { op: 'Conv2D', attributes: CONVOLUTION },
  FusedDepthwiseConv2dNative: { op: 'DepthwiseConv2dNative', attributes: CONVOLUTION },
  _FusedDepthwiseConv2dNative: { op: 'DepthwiseConv2dNative', attributes: CONVOLUTION },
  _FusedMatMul: { op: 'MatMul', attributes: ['T', 'transpose_a', 'transpose_b'] },
};

const ACTIVATIONS = new Set(['Relu', 'Relu6', 'Elu', 'LeakyRelu', 'Sigmoid', 'Tanh']);

export const unfuse = (nodes: readonly NodeDef[], what: string): readonly NodeDef[] =>
  nodes.flatMap((node) => {
    const fused = Object.hasOwn(FUSED, node.op) ? FUSED[node.op] : undefined;
    if (fused !== undefined) return takeApart(node, fused, what);
    return node.op === 'Prelu'
      ? prelu(node.name, node.inputs[0] ?? '', node.inputs[1] ?? '', node.attributes['T'])
      : [node];
  });

function takeApart(node: NodeDef, { op, attributes }: FusedOp, what: string): readonly NodeDef[] {
  const steps = readStrings(node.attributes['fused_ops'], what);
  const [x = '', kernel = '', ...more] = node.inputs.filter((input) => !input.startsWith('^'));
  const waits = node.inputs.filter((input) => input.startsWith('^'));
  const { T, data_format: format, leakyrelu_alpha: alpha } = node.attributes;
  const type = optional({ T });

  // The last step has the node's name, and with it its users.
  const nameAfter = (done: number): string =>
    done === steps.length ? node.name : `${node.name}/unfused_${done}`;
  const product: NodeDef = {
    name: nameAfter(0),
    op,
    inputs: [x, kernel, ...waits],
    attributes: optional(Object.fromEntries(attributes.map((key) => [key, node.attributes[key]]))),
  };
  const rest = steps.flatMap((step, at): readonly NodeDef[] => {
    const [name, before] = [nameAfter(at + 1), nameAfter(at)];
    if (step === 'BiasAdd') {
      return [
        {
          name,
          op: step,
          inputs: [before, more.shift() ?? ''],
          attributes: { ...type, ...optional({ data_format: format }) },
        },
      ];
    }
    if (step === 'Prelu') return prelu(name, before, more.shift() ?? '', T);
    if (ACTIVATIONS.has(step)) {
      return [
        {
          name,
          op: step,
          inputs: [before],
          attributes: { ...type, ...(step === 'LeakyRelu' ? optional({ alpha }) : {}) },
        },
      ];
    }
    throw new AppError(
      'layer_unsupported',
      `${what}: the node "${node.name}" joins ${steps.join(', ')} into a ${node.op}`,
    );
  });
  return [product, ...rest];
}

/** relu(x) + alpha * min(x, 0) = relu(x) - alpha * relu(-x) */
function prelu(name: string, x: string, alpha: string, T: AttributeValue | undefined): readonly NodeDef[] {
  const step = (part: string, op: string, ...inputs: string[]): NodeDef => ({
    name: part === '' ? name : `${name}/${part}`,
    op,
    inputs,
    attributes: optional({ T }),
  });
  return [
    step('positive', 'Relu', x),
    step('negated', 'Neg', x),
    step('negative', 'Relu', `${name}/negated`),
    step('scaled', 'Mul', `${name}/negative`, alpha),
    step('', 'Sub', `${name}/positive`, `${name}/scaled`),
  ];
}

const optional = (
  attributes: Readonly<Record<string, AttributeValue | undefined>>,
): Readonly<Record<string, AttributeValue>> =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, value] as const],
    ),
  );
