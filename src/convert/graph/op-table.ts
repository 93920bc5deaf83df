// The TensorFlow operations that graphs are made of: what the writer and the precision pass must know of each.

interface OpEntry {
  /** Attributes that name a type: that of an input, or of the output. */
  readonly types: Readonly<Record<string, number | 'output' | 'last input'>>;
  /** Has a kernel that computes in bfloat16 on the CPU, and loses nothing that matters by it. */
  readonly bfloat16: boolean;
}

const float: OpEntry = { types: { T: 0 }, bfloat16: true };
/** Precision matters here, or there is no kernel. */
const exact: OpEntry = { types: { T: 0 }, bfloat16: false };
const indexed = (index: string, at: number | 'last input' = 1): OpEntry => ({
  types: { T: 0, [index]: at },
  bfloat16: true,
});

const table = {
  Placeholder: { types: { dtype: 'output' }, bfloat16: false },
  Const: { types: { dtype: 'output' }, bfloat16: true },
  Cast: { types: { SrcT: 0, DstT: 'output' }, bfloat16: true },
  Identity: float,
  EnsureShape: exact,

  Conv2D: float,
  DepthwiseConv2dNative: float,
  Conv2DBackpropInput: { types: { T: 1 }, bfloat16: false },
  BiasAdd: float,
  MatMul: float,
  BatchMatMulV2: float,
  Einsum: exact,

  MaxPool: float,
  AvgPool: float,
  Mean: indexed('Tidx'),
  Sum: indexed('Tidx'),
  Max: indexed('Tidx'),
  Min: indexed('Tidx'),
  Prod: { types: { T: 0, Tidx: 1 }, bfloat16: false },

  AddV2: float,
  Sub: float,
  Mul: float,
  RealDiv: float,
  FloorDiv: exact,
  FloorMod: exact,
  Maximum: float,
  Minimum: float,
  Pow: exact,
  SquaredDifference: exact,
  Greater: exact,
  SelectV2: { types: { T: 1 }, bfloat16: false },
  /** Ours, not TensorFlow's: x * scale + offset by channel. It is folded into its neighbours or lowered to Mul and AddV2. */
  Affine: float,

  Abs: float,
  Neg: float,
  Floor: exact,
  Exp: float,
  Log: exact,
  Sqrt: float,
  Rsqrt: float,
  Square: float,
  Erf: exact,
  Relu: float,
  Relu6: float,
  LeakyRelu: float,
  Elu: float,
  Selu: float,
  Sigmoid: float,
  Tanh: float,
  Softplus: float,
  Softsign: float,
  Softmax: exact,
  LogSoftmax: { types: { T: 0 }, bfloat16: false },

  Reshape: indexed('Tshape'),
  Transpose: indexed('Tperm'),
  StridedSlice: indexed('Index'),
  ConcatV2: { types: { T: 0, Tidx: 'last input' }, bfloat16: true },
  Tile: indexed('Tmultiples'),
  Pad: indexed('Tpaddings'),
  PadV2: indexed('Tpaddings'),
  MirrorPad: { types: { T: 0, Tpaddings: 1 }, bfloat16: false },
  ReverseV2: indexed('Tidx'),
  Shape: { types: { T: 0, out_type: 'output' }, bfloat16: false },
  Pack: exact,
  BroadcastTo: { types: { T: 0, Tidx: 1 }, bfloat16: false },

  ResizeBilinear: exact,
  ResizeBicubic: exact,
  ResizeNearestNeighbor: exact,
  ScaleAndTranslate: exact,
} as const satisfies Record<string, OpEntry>;

export type OpName = keyof typeof table;

export const opTable: Readonly<Record<OpName, OpEntry>> = table;
