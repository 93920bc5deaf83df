// Recurrent layers, as they read pictures row by row: unrolled, since the number of steps is known.
import { AppError } from '../../errors/app-error.js';
import type { Node } from '../graph/node.js';
import { unary } from '../graph/ops/arithmetic.js';
import { biasAdd } from '../graph/ops/convolution.js';
import { matMul } from '../graph/ops/products.js';
import { reshapeAll, slice, stack } from '../graph/ops/shaping.js';
import { lazyFloats, type FloatTensor } from '../graph/tensor.js';
import { activate } from './activations.js';
import { biasesTogether, inputKernelOfCudnn, stateKernelOfCudnn } from './cudnn-weights.js';
import { sizes, type LayerCall, type LayerSpec } from './layer.js';
import { gruStep, lstmStep, simpleStep, type Cell, type Step } from './recurrent-cells.js';

/** Each step is a dozen nodes; the rows of a picture are hundreds. */
const MAX_STEPS = 1024;

/** What the layers of one kind have in common. */
interface Kind {
  readonly gates: number;
  /** As Keras calls the layer inside that holds the weights. */
  readonly cell: string;
  readonly step: Step;
}

const SIMPLE: Kind = { gates: 1, cell: 'simple_rnn_cell', step: simpleStep };
const LSTM: Kind = { gates: 4, cell: 'lstm_cell', step: lstmStep };
const GRU: Kind = { gates: 3, cell: 'gru_cell', step: gruStep };

interface Weights {
  readonly kernel: FloatTensor;
  readonly bias: FloatTensor | undefined;
  readonly cell: Cell;
}

function keras(call: LayerCall, { gates, cell }: Kind, features: number): Weights {
  const { g, config, weight } = call;
  const units = config.integer('units');
  const columns = gates * units;
  const resetsFirst = cell === GRU.cell && !config.boolean('reset_after', false);
  const kernel = weight(`${cell}/kernel`, [features, columns]);
  const recurrent = g.constant(weight(`${cell}/recurrent_kernel`, [units, columns]), 'recurrent');
  const gatesOnly = (from: number, to: number): Node =>
    slice(g, recurrent, [{}, { start: from * units, stop: to * units }]);
  const twoBiases = cell === GRU.cell && !resetsFirst;
  const bias = config.boolean('use_bias', true)
    ? weight(`${cell}/bias`, twoBiases ? [2, columns] : [columns])
    : undefined;
  return {
    kernel,
    bias: bias !== undefined && twoBiases ? half(bias, 0, [columns]) : bias,
    cell: {
      g,
      units,
      recurrent: resetsFirst ? [gatesOnly(0, 2), gatesOnly(2, 3)] : [recurrent],
      recurrentBias: bias !== undefined && twoBiases ? g.constant(half(bias, 1, [1, columns])) : undefined,
      activation: (node) => activate(call, node),
      recurrentActivation: (node) => activate(call, node, 'recurrent_activation'),
    },
  };
}

/** The layers that only GPUs ran: two biases, activations that cannot be chosen, kernels in cuDNN's order. */
function cudnn({ g, config, weight }: LayerCall, { gates, cell }: Kind, features: number): Weights {
  const units = config.integer('units');
  const columns = gates * units;
  const kernel = inputKernelOfCudnn(weight('kernel', [features, columns]), gates);
  const recurrent = stateKernelOfCudnn(weight('recurrent_kernel', [units, columns]), gates);
  const bias = weight('bias', [2 * columns]);
  const isGru = cell === GRU.cell;
  return {
    kernel,
    bias: isGru ? half(bias, 0, [columns]) : biasesTogether(bias),
    cell: {
      g,
      units,
      recurrent: [g.constant(recurrent, 'recurrent')],
      recurrentBias: isGru ? g.constant(half(bias, 1, [1, columns])) : undefined,
      activation: (node) => unary(g, 'Tanh', node),
      recurrentActivation: (node) => unary(g, 'Sigmoid', node),
    },
  };
}

const half = (bias: FloatTensor, at: number, shape: readonly number[]): FloatTensor =>
  lazyFloats(shape, () => {
    const { data } = bias;
    return data.slice((at * data.length) / 2, ((at + 1) * data.length) / 2);
  });

/** The last output, or those of all steps; then, where they are asked for, the last states. */
function unroll(
  { g, config }: LayerCall,
  node: Node,
  { step, gates }: Kind,
  weights: Weights,
): readonly Node[] {
  const { kernel, bias, cell } = weights;
  const [steps = 0, features = 0] = sizes(node);
  if (steps > MAX_STEPS) {
    throw new AppError(
      'model_too_large',
      `${config.where} takes ${steps} steps; at most ${MAX_STEPS} are unrolled`,
      { remedy: 'Shorten what it reads: pool or reshape before it.' },
    );
  }
  const product = matMul(g, reshapeAll(g, node, [null, features]), kernel);
  const biased = bias === undefined ? product : biasAdd(g, product, bias);
  const projected = reshapeAll(g, biased, [null, steps, gates * cell.units]);

  const order = [...Array(steps).keys()];
  if (config.boolean('go_backwards', false)) order.reverse();
  const outputs: Node[] = [];
  let states: readonly Node[] = [];
  for (const index of order) {
    states = step(cell, slice(g, projected, [{}, { index }]), states);
    outputs.push(...states.slice(0, 1));
  }
  const output = config.boolean('return_sequences', false) ? [stack(g, outputs, 1)] : states.slice(0, 1);
  return config.boolean('return_state', false) ? [...output, ...states] : output;
}

function rowsOf({ config, input }: LayerCall): Node {
  const node = input();
  if (node.shape.length !== 3) config.fail('input', 'steps and features beside the batch', node.shape);
  if (config.boolean('time_major', false)) config.fail('time_major', 'false', true);
  return node;
}

const recurrentLayer = (
  name: string,
  kind: Kind,
  declare: typeof keras,
  options: Readonly<Record<string, string>>,
): LayerSpec => ({
  names: [name],
  options: {
    units: '',
    ...options,
    return_sequences: '',
    return_state: '',
    go_backwards: '',
    stateful: 'each picture starts from zeros',
  },
  build(call) {
    const node = rowsOf(call);
    return unroll(call, node, kind, declare(call, kind, Number(node.shape[2])));
  },
});

const BY_KERAS = { activation: 'see Activation', use_bias: '' };
const GATED = { ...BY_KERAS, recurrent_activation: 'see Activation' };

export const recurrent: readonly LayerSpec[] = [
  recurrentLayer('SimpleRNN', SIMPLE, keras, BY_KERAS),
  recurrentLayer('LSTM', LSTM, keras, GATED),
  recurrentLayer('GRU', GRU, keras, { ...GATED, reset_after: '' }),
  recurrentLayer('CuDNNLSTM', LSTM, cudnn, {}),
  recurrentLayer('CuDNNGRU', GRU, cudnn, {}),
];
