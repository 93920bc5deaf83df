// The operations that a graph by others may be made of: those that compute. Graphs can also read and write files, run
// Python, open connections; what is not listed here is refused, whatever it does.

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const COMPUTATION = words(`
  Abs Acos Acosh Add AddN AddV2 AccumulateNV2 Asin Asinh Atan Atan2 Atanh BitwiseAnd BitwiseOr BitwiseXor Bucketize Cast
  Ceil ClipByValue Cos Cosh Cross Cumprod Cumsum CumulativeLogsumexp Digamma Div DivNoNan Equal Erf Erfc Erfinv Exp Expm1
  Floor FloorDiv FloorMod Greater GreaterEqual Igamma Igammac Inv Invert IsFinite IsInf IsNan LeftShift Less LessEqual
  Lgamma Log Log1p LogicalAnd LogicalNot LogicalOr Maximum Minimum Mod Mul MulNoNan Ndtri Neg NextAfter NotEqual Pow
  RealDiv Reciprocal RightShift Rint Round Rsqrt Sigmoid Sign Sin Sinh Sqrt Square SquaredDifference Sub Tan Tanh
  TruncateDiv TruncateMod Xdivy Xlog1py Xlogy Zeta

  All Any ArgMax ArgMin Bincount DenseBincount EuclideanNorm L2Loss Max Mean Min Prod Sum HistogramFixedWidth InTopK
  InTopKV2 NthElement SegmentMax SegmentMean SegmentMin SegmentProd SegmentSum TopK TopKV2 Unique UniqueV2
  UnsortedSegmentMax UnsortedSegmentMin UnsortedSegmentProd UnsortedSegmentSum

  BatchMatMul BatchMatMulV2 BatchMatMulV3 Cholesky Diag DiagPart Einsum MatMul MatrixBandPart MatrixDeterminant
  MatrixDiag MatrixDiagPart MatrixDiagPartV2 MatrixDiagPartV3 MatrixDiagV2 MatrixDiagV3 MatrixInverse MatrixSetDiag
  MatrixSetDiagV2 MatrixSetDiagV3 MatrixSolve MatrixTriangularSolve Qr SelfAdjointEigV2 Svd
  Complex ComplexAbs Conj FFT FFT2D FFT3D IFFT IFFT2D IFFT3D Imag IRFFT IRFFT2D IRFFT3D Real RFFT RFFT2D RFFT3D
`);

const NETWORKS = words(`
  AvgPool AvgPool3D BatchNormWithGlobalNormalization BiasAdd BiasAddV1 Conv Conv2D Conv2DBackpropInput
  Conv2DBackpropInputV2 Conv3D Conv3DBackpropInputV2 DepthwiseConv2dNative DepthwiseConv2dNativeBackpropInput Dilation2D
  Elu ExtractImagePatches ExtractVolumePatches FractionalAvgPool FractionalMaxPool FusedBatchNorm FusedBatchNormV2
  FusedBatchNormV3 FusedPadConv2D FusedResizeAndPadConv2D LeakyRelu LogSoftmax LRN MaxPool MaxPool3D MaxPoolV2
  MaxPoolWithArgmax Relu Relu6 Selu Softmax Softplus Softsign
  Dequantize FakeQuantWithMinMaxArgs FakeQuantWithMinMaxVars FakeQuantWithMinMaxVarsPerChannel QuantizeAndDequantize
  QuantizeAndDequantizeV2 QuantizeAndDequantizeV3 QuantizeAndDequantizeV4 QuantizeV2
  BlockLSTM BlockLSTMV2 GRUBlockCell LSTMBlockCell
`);

const SHAPING = words(`
  BatchToSpace BatchToSpaceND Bitcast BroadcastArgs BroadcastTo Concat ConcatOffset ConcatV2 ConjugateTranspose Const
  DataFormatDimMap DataFormatVecPermute DepthToSpace DynamicPartition DynamicStitch EnsureShape ExpandDims Fill Gather
  GatherNd GatherV2 GuaranteeConst Identity IdentityN InvertPermutation LinSpace ListDiff MirrorPad OneHot OnesLike Pack
  Pad PadV2 ParallelConcat ParallelDynamicStitch Placeholder PlaceholderWithDefault PreventGradient Range Rank Reshape
  Reverse ReverseSequence ReverseV2 Roll ScatterNd SelectV2 Select Shape ShapeN Size Slice Snapshot SpaceToBatch
  SpaceToBatchND SpaceToDepth Split SplitV Squeeze StopGradient StridedSlice TensorScatterAdd TensorScatterMax
  TensorScatterMin TensorScatterSub TensorScatterUpdate Tile Transpose Unpack UnravelIndex Where ZerosLike
`);

const PICTURES = words(`
  AdjustContrastv2 AdjustHue AdjustSaturation CombinedNonMaxSuppression CropAndResize ExtractGlimpse ExtractGlimpseV2
  HSVToRGB ImageProjectiveTransformV2 ImageProjectiveTransformV3 NonMaxSuppression NonMaxSuppressionV2
  NonMaxSuppressionV3 NonMaxSuppressionV4 NonMaxSuppressionV5 ResizeArea ResizeBicubic ResizeBilinear
  ResizeNearestNeighbor RGBToHSV ScaleAndTranslate
`);

/** Layers that only act in training (Dropout, RandomFlip) leave them behind a condition. */
const RANDOM = words(`
  Multinomial ParameterizedTruncatedNormal RandomGamma RandomShuffle RandomStandardNormal RandomUniform RandomUniformInt
  StatelessMultinomial StatelessRandomGetAlg StatelessRandomGetKeyCounter StatelessRandomGetKeyCounterAlg
  StatelessRandomNormal StatelessRandomNormalV2 StatelessRandomUniform StatelessRandomUniformFullInt
  StatelessRandomUniformFullIntV2 StatelessRandomUniformInt StatelessRandomUniformIntV2 StatelessRandomUniformV2
  StatelessTruncatedNormal StatelessTruncatedNormalV2 TruncatedNormal
`);

const CONTROL = words(`
  Assert Case CheckNumerics CheckNumericsV2 ControlTrigger DeviceIndex Enter Exit FakeParam If LoopCond Merge
  NextIteration NoOp PartitionedCall StatefulPartitionedCall StatelessCase StatelessIf StatelessWhile Switch ToBool While
  EmptyTensorList TensorListConcat TensorListConcatV2 TensorListElementShape TensorListFromTensor TensorListGather
  TensorListGetItem TensorListLength TensorListPopBack TensorListPushBack TensorListReserve TensorListResize
  TensorListScatter TensorListScatterV2 TensorListSetItem TensorListSplit TensorListStack
  TensorArrayCloseV3 TensorArrayConcatV3 TensorArrayGatherV3 TensorArrayReadV3 TensorArrayScatterV3 TensorArraySizeV3
  TensorArraySplitV3 TensorArrayV3 TensorArrayWriteV3
`);

/** Variables are read and never written: they become constants (freeze.ts). */
const VARIABLES = words('ReadVariableOp ResourceGather VariableShape VarHandleOp Variable VariableV2');

const ALLOWED: ReadonlySet<string> = new Set([
  ...COMPUTATION,
  ...NETWORKS,
  ...SHAPING,
  ...PICTURES,
  ...RANDOM,
  ...CONTROL,
  ...VARIABLES,
]);

export const isAllowed = (op: string): boolean => ALLOWED.has(op);
