// Weights of CuDNNLSTM and CuDNNGRU in the order of LSTM and GRU (_convert_rnn_weights in Keras 2's hdf5_format.py).
import { lazyFloats, type FloatTensor } from '../graph/tensor.js';

/** Each gate's block of [rows, units] lies in memory as its transpose does. */
export const inputKernelOfCudnn = (kernel: FloatTensor, gates: number): FloatTensor =>
  byGate(kernel, gates, (row, column, rows, units) => {
    const place = column * rows + row;
    return [Math.floor(place / units), place % units];
  });

/** Each gate's block is transposed. */
export const stateKernelOfCudnn = (kernel: FloatTensor, gates: number): FloatTensor =>
  byGate(kernel, gates, (row, column) => [column, row]);

/** cuDNN adds a bias to both products; where both are summed at once, so may they be. */
export const biasesTogether = (bias: FloatTensor): FloatTensor => {
  const columns = Number(bias.shape[0]) / 2;
  return lazyFloats([columns], () => {
    const { data } = bias;
    return data.slice(0, columns).map((value, at) => value + (data[columns + at] ?? 0));
  });
};

/** `from` says where in its gate's block the value for a row and column stands. */
const byGate = (
  kernel: FloatTensor,
  gates: number,
  from: (row: number, column: number, rows: number, units: number) => readonly [number, number],
): FloatTensor =>
  lazyFloats(kernel.shape, () => {
    const { data } = kernel;
    const [rows = 0, columns = 0] = kernel.shape;
    const units = columns / gates;
    return data.map((_, at) => {
      const [row, column] = [Math.floor(at / columns), at % columns];
      const [fromRow, fromColumn] = from(row, column % units, rows, units);
      return data[fromRow * columns + (column - (column % units)) + fromColumn] ?? NaN;
    });
  });
