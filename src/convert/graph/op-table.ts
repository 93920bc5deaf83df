// The TensorFlow operations that graphs are made of: what the writer and the precision pass must know of each.

interface OpEntry {
  /** Attributes that name a type: that of an input, or of the output. */
  readonly types: Readonly<Record<string, number | 'output' | 'last input'>>;
  /** Has a kernel that computes in bfloat16 on the CPU. */
  readonly bfloat16: boolean;
}

const float: OpEntry = { types: { T: 0 }, bfloat16: true };
/** Precision matters here, and time does not. */
const exact: OpEntry = { types: { T: 0 }, bfloat16: false };
const indexed = (index: string, at: number): OpEntry => ({ types: { T: 0, [index]: at }, bfloat16: true });

const table = {
  Placeholder: { types: { dtype: 'output' }, bfloat16: false },
  Const: { types: { dtype: 'output' }, bfloat16: true },
  Cast: { types: { SrcT: 0, DstT: 'output' }, bfloat16: true },
  Identity: float,

  Conv2D: float,
  DepthwiseConv2dNative: float,
  BiasAdd: float,
  MatMul: float,

  MaxPool: float,
  AvgPool: float,
  Mean: indexed('Tidx', 1),
  Max: indexed('Tidx', 1),

  AddV2: float,
  Mul: float,
  /** Ours, not TensorFlow's: x * scale + offset by channel. It is folded into its neighbours or lowered to Mul and AddV2. */
  Affine: float,

  Relu: float,
  Relu6: float,
  Elu: float,
  Selu: float,
  Sigmoid: float,
  Tanh: float,
  Softplus: float,
  Softsign: float,
  Exp: float,
  LeakyRelu: float,
  Maximum: float,
  Minimum: float,
  Softmax: exact,

  ConcatV2: { types: { T: 0, Tidx: 'last input' }, bfloat16: true },
  Reshape: indexed('Tshape', 1),
  Pad: indexed('Tpaddings', 1),
  ReverseV2: indexed('Tidx', 1),
} as const satisfies Record<string, OpEntry>;

export type OpName = keyof typeof table;

export const opTable: Readonly<Record<OpName, OpEntry>> = table;
