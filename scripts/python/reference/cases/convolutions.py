"""Convolutions: plain, depthwise, separable, transposed, one-dimensional; Dense stands here too."""

from cases.case import Case, chain, graph
from keras import layers as L

ODD = (7, 9, 3)
FOUR = (8, 8, 4)

CASES: list[Case] = [
    chain("conv2d-valid", lambda: L.Conv2D(4, 3)),
    chain("conv2d-same", lambda: L.Conv2D(4, 3, padding="same")),
    chain("conv2d-same-stride-2-even", lambda: L.Conv2D(4, 3, strides=2, padding="same")),
    chain("conv2d-same-stride-2-odd", lambda: L.Conv2D(4, 3, strides=2, padding="same"), shape=ODD),
    chain("conv2d-valid-stride-2-even", lambda: L.Conv2D(4, 3, strides=2)),
    chain("conv2d-valid-stride-2-odd", lambda: L.Conv2D(4, 3, strides=2), shape=ODD),
    chain("conv2d-same-stride-2-1", lambda: L.Conv2D(4, 3, strides=(2, 1), padding="same")),
    chain("conv2d-same-stride-3-kernel-5", lambda: L.Conv2D(4, 5, strides=3, padding="same")),
    chain("conv2d-stride-beyond-kernel", lambda: L.Conv2D(4, 2, strides=3, padding="same")),
    chain("conv2d-dilation-valid", lambda: L.Conv2D(4, 3, dilation_rate=2)),
    chain("conv2d-dilation-same", lambda: L.Conv2D(4, 3, dilation_rate=2, padding="same")),
    chain("conv2d-dilation-2-3", lambda: L.Conv2D(4, 3, dilation_rate=(2, 3), padding="same")),
    chain("conv2d-groups", lambda: L.Conv2D(6, 3, groups=2), shape=FOUR),
    chain(
        "conv2d-groups-same-stride-2",
        lambda: L.Conv2D(8, 3, groups=4, strides=2, padding="same"),
        shape=FOUR,
    ),
    chain("conv2d-1x1", lambda: L.Conv2D(4, 1)),
    chain("conv2d-1x1-stride-2", lambda: L.Conv2D(4, 1, strides=2), shape=ODD),
    chain("conv2d-no-bias", lambda: L.Conv2D(4, 3, use_bias=False)),
    chain("conv2d-even-kernel-same", lambda: L.Conv2D(4, 2, padding="same")),
    chain("conv2d-kernel-4-stride-2", lambda: L.Conv2D(4, 4, strides=2, padding="same"), shape=ODD),
    chain("conv2d-kernel-1x7", lambda: L.Conv2D(4, (1, 7), padding="same")),
    chain("conv2d-kernel-covers-input", lambda: L.Conv2D(10, 8)),
    chain("conv2d-relu", lambda: L.Conv2D(4, 3, activation="relu")),
    chain("conv2d-leaky-relu", lambda: L.Conv2D(4, 3, activation="leaky_relu")),
    chain("conv2d-gelu", lambda: L.Conv2D(4, 3, activation="gelu")),
    chain("conv2d-softmax", lambda: L.Conv2D(4, 3, activation="softmax")),
    chain("conv2d-activation-layer", lambda: L.Conv2D(4, 3, activation=L.LeakyReLU(0.05))),
    graph("conv2d-hard-sigmoid", lambda x: L.Conv2D(4, 3, activation="hard_sigmoid")(x)),
    graph(
        "conv2d-regularized-constrained",
        lambda x: L.Conv2D(
            4, 3, kernel_regularizer="l2", bias_regularizer="l1", kernel_constraint="max_norm"
        )(x),
    ),
    chain("conv2d-two", lambda: L.Conv2D(5, 3, activation="relu"), lambda: L.Conv2D(4, 3)),
    chain("depthwise-valid", lambda: L.DepthwiseConv2D(3)),
    chain("depthwise-same-relu6", lambda: L.DepthwiseConv2D(3, padding="same", activation="relu6")),
    chain("depthwise-multiplier-2", lambda: L.DepthwiseConv2D(3, depth_multiplier=2)),
    chain(
        "depthwise-multiplier-2-dilation",
        lambda: L.DepthwiseConv2D(3, depth_multiplier=2, dilation_rate=2),
    ),
    chain("depthwise-same-stride-2-even", lambda: L.DepthwiseConv2D(3, strides=2, padding="same")),
    chain(
        "depthwise-same-stride-2-odd",
        lambda: L.DepthwiseConv2D(5, strides=2, padding="same"),
        shape=ODD,
    ),
    chain("depthwise-dilation-same", lambda: L.DepthwiseConv2D(3, dilation_rate=2, padding="same")),
    chain("depthwise-no-bias", lambda: L.DepthwiseConv2D(3, use_bias=False)),
    chain("separable-valid", lambda: L.SeparableConv2D(4, 3)),
    chain(
        "separable-same-relu", lambda: L.SeparableConv2D(4, 3, padding="same", activation="relu")
    ),
    chain("separable-multiplier-2", lambda: L.SeparableConv2D(4, 3, depth_multiplier=2)),
    chain(
        "separable-same-stride-2-odd",
        lambda: L.SeparableConv2D(4, 3, strides=2, padding="same"),
        shape=ODD,
    ),
    chain("separable-dilation", lambda: L.SeparableConv2D(4, 3, dilation_rate=2, padding="same")),
    chain("separable-no-bias", lambda: L.SeparableConv2D(4, 3, use_bias=False)),
    chain("transpose-valid", lambda: L.Conv2DTranspose(3, 3), shape=(4, 5, 3)),
    chain("transpose-same", lambda: L.Conv2DTranspose(3, 3, padding="same"), shape=(4, 5, 3)),
    chain(
        "transpose-same-stride-2",
        lambda: L.Conv2DTranspose(3, 3, strides=2, padding="same"),
        shape=(4, 5, 3),
    ),
    chain("transpose-valid-stride-2", lambda: L.Conv2DTranspose(3, 3, strides=2), shape=(4, 5, 3)),
    chain(
        "transpose-kernel-2-stride-2", lambda: L.Conv2DTranspose(3, 2, strides=2), shape=(4, 5, 3)
    ),
    chain(
        "transpose-kernel-4-stride-2-same",
        lambda: L.Conv2DTranspose(3, 4, strides=2, padding="same", activation="relu"),
        shape=(4, 5, 3),
    ),
    chain(
        "transpose-stride-beyond-kernel",
        lambda: L.Conv2DTranspose(2, 2, strides=3),
        shape=(4, 5, 3),
    ),
    chain(
        "transpose-output-padding-same",
        lambda: L.Conv2DTranspose(3, 3, strides=2, padding="same", output_padding=1),
        shape=(4, 5, 3),
    ),
    chain(
        "transpose-output-padding-valid",
        lambda: L.Conv2DTranspose(3, 3, strides=2, padding="valid", output_padding=1),
        shape=(4, 5, 3),
    ),
    chain(
        "transpose-output-padding-0",
        lambda: L.Conv2DTranspose(3, 3, strides=2, padding="same", output_padding=0),
        shape=(4, 5, 3),
    ),
    chain("transpose-no-bias", lambda: L.Conv2DTranspose(3, 3, use_bias=False), shape=(4, 5, 3)),
    chain("transpose-dilation", lambda: L.Conv2DTranspose(3, 3, dilation_rate=2), shape=(4, 5, 3)),
    chain("conv1d-valid", lambda: L.Conv1D(4, 3), shape=(12, 3)),
    chain("conv1d-same-stride-2", lambda: L.Conv1D(4, 3, strides=2, padding="same"), shape=(12, 3)),
    chain(
        "conv1d-causal-dilation",
        lambda: L.Conv1D(4, 3, padding="causal", dilation_rate=2),
        shape=(12, 3),
    ),
    chain("depthwise-conv1d", lambda: L.DepthwiseConv1D(3, depth_multiplier=2), shape=(12, 3)),
    chain("separable-conv1d", lambda: L.SeparableConv1D(4, 3, padding="same"), shape=(12, 3)),
    chain(
        "transpose-conv1d",
        lambda: L.Conv1DTranspose(4, 3, strides=2, padding="same"),
        shape=(12, 3),
    ),
    chain(
        "conv3d-same-stride-2",
        lambda: L.Conv3D(4, 3, strides=2, padding="same"),
        shape=(5, 6, 6, 2),
    ),
    chain("dense-rank-2", lambda: L.Dense(5), shape=(7,)),
    chain("dense-rank-3", lambda: L.Dense(5, activation="tanh"), shape=(6, 7)),
    chain("dense-rank-4", lambda: L.Dense(4, activation="relu")),
    chain("dense-no-bias", lambda: L.Dense(5, use_bias=False), shape=(7,)),
    chain("dense-softmax", lambda: L.Flatten(), lambda: L.Dense(10, activation="softmax")),
    chain(
        "einsum-dense-rank-2",
        lambda: L.EinsumDense("ab,bc->ac", output_shape=5, bias_axes="c"),
        shape=(7,),
    ),
    chain(
        "einsum-dense-heads",
        lambda: L.EinsumDense("abc,cde->abde", output_shape=(None, 2, 5), bias_axes="de"),
        shape=(6, 7),
    ),
    chain(
        "einsum-dense-no-bias-swapped",
        lambda: L.EinsumDense("abc,bd->adc", output_shape=(4, 7)),
        shape=(6, 7),
    ),
    chain(
        "einsum-dense-ellipsis",
        lambda: L.EinsumDense("...x,xy->...y", output_shape=4, bias_axes="y", activation="relu"),
    ),
]
