"""Arithmetic and `keras.ops` on the tensors of a Functional model, as Keras 3 records them."""

from typing import Any

import numpy as np
from keras import layers as L
from keras import ops

from cases.case import Case, graph

SMALL = (4, 5, 3)
POSITIVE = {"shape": SMALL, "scale": 2, "shift": 0.5}
SEQUENCE = (6, 8)


def conv(x: Any) -> Any:
    return L.Conv2D(3, 3, padding="same")(x)


def operation(name: str, connect: Any, shape: tuple[int, ...] = SMALL, **options: Any) -> Case:
    return graph(f"op-{name}", connect, shape=shape, **options)


CASES: list[Case] = [
    operation("add-number", lambda x: x + 1),
    operation("number-add", lambda x: 1.5 + x),
    operation("multiply-number", lambda x: 2 * x),
    operation("subtract-number", lambda x: x - 0.5),
    operation("number-subtract", lambda x: 1 - x),
    operation("divide-number", lambda x: x / 2),
    operation("number-divide", lambda x: 1 / x, **{**POSITIVE}),
    operation("divide-255-subtract", lambda x: x / 127.5 - 1.0, scale=255, shift=0),
    operation("power", lambda x: x**2),
    operation("power-of-number", lambda x: 2**x),
    operation("negative", lambda x: -x),
    operation("absolute", lambda x: abs(x)),
    operation("floor-divide", lambda x: x // 0.3),
    operation("modulo", lambda x: x % 0.3),
    operation("add-tensors", lambda x: x + conv(x)),
    operation("subtract-tensors", lambda x: conv(x) - x),
    operation("multiply-tensors", lambda x: x * conv(x)),
    operation("divide-tensors", lambda x: conv(x) / (x * x + 1)),
    operation("subtract-array", lambda x: x - np.array([0.4, 0.5, 0.6], "float32")),
    operation("divide-array", lambda x: x / np.array([0.4, 0.5, 0.6], "float32")),
    operation(
        "caffe-preprocessing",
        lambda x: x[..., ::-1] - np.array([103.9, 116.8, 123.7], "float32"),
        scale=255,
        shift=0,
    ),
    operation("hard-swish-arithmetic", lambda x: x * ops.relu6(x + 3) / 6, scale=10, shift=-5),
    operation("relu", ops.relu),
    operation("relu6", ops.relu6, scale=16, shift=-8),
    operation("sigmoid", ops.sigmoid),
    operation("tanh", ops.tanh),
    operation("softmax", lambda x: ops.softmax(x, axis=-1)),
    operation("gelu", ops.gelu),
    operation("gelu-exact", lambda x: ops.gelu(x, approximate=False)),
    operation("silu", ops.silu),
    operation("leaky-relu", lambda x: ops.leaky_relu(x, negative_slope=0.1)),
    operation("hard-sigmoid", ops.hard_sigmoid, scale=16, shift=-8),
    operation("softplus", ops.softplus),
    operation("exp", ops.exp),
    operation("log", ops.log, **POSITIVE),
    operation("sqrt", ops.sqrt, **POSITIVE),
    operation("rsqrt", ops.rsqrt, **POSITIVE),
    operation("square", ops.square),
    operation("reciprocal", ops.reciprocal, **POSITIVE),
    operation("clip", lambda x: ops.clip(x, -0.3, 0.6)),
    operation("maximum", lambda x: ops.maximum(x, conv(x))),
    operation("maximum-number", lambda x: ops.maximum(x, 0.1)),
    operation("minimum", lambda x: ops.minimum(x, conv(x))),
    operation("mean-axis", lambda x: ops.mean(x, axis=[1, 2])),
    operation("mean-axis-keepdims", lambda x: ops.mean(x, axis=-1, keepdims=True)),
    operation("max-axis", lambda x: ops.max(x, axis=(1, 2))),
    operation("min-axis", lambda x: ops.min(x, axis=3)),
    operation("sum-axis", lambda x: ops.sum(x, axis=1)),
    operation("var-axis", lambda x: ops.var(x, axis=1)),
    operation("normalize", lambda x: ops.normalize(x, axis=-1)),
    operation("reshape", lambda x: ops.reshape(x, (-1, 20, 3))),
    operation("transpose", lambda x: ops.transpose(x, (0, 3, 1, 2))),
    operation("swapaxes", lambda x: ops.swapaxes(x, 1, 2)),
    operation("concatenate", lambda x: ops.concatenate([x, conv(x)], axis=-1)),
    operation("stack", lambda x: ops.stack([x, conv(x)], axis=1)),
    operation("split", lambda x: ops.multiply(*ops.split(conv(x), [1], axis=-1))),
    operation("pad", lambda x: ops.pad(x, [[0, 0], [1, 2], [0, 1], [0, 0]])),
    operation(
        "pad-reflect", lambda x: ops.pad(x, [[0, 0], [1, 2], [0, 1], [0, 0]], mode="reflect")
    ),
    operation("squeeze", lambda x: ops.squeeze(x[:, :, :1, :], axis=2)),
    operation("expand-dims", lambda x: ops.expand_dims(x, -1)),
    operation("slice-rows", lambda x: x[:, 1:, :]),
    operation("slice-steps", lambda x: x[:, ::2, 1:-1]),
    operation("slice-reverse", lambda x: x[..., ::-1]),
    operation("index-last-axis", lambda x: x[..., 0]),
    operation("index-first-token", lambda x: x[:, 0], shape=SEQUENCE),
    operation("index-new-axis", lambda x: x[:, None]),
    operation("matmul", lambda x: ops.matmul(x, ops.transpose(x, (0, 2, 1))), shape=SEQUENCE),
    operation("matmul-operator", lambda x: x @ L.Permute((2, 1))(x), shape=SEQUENCE),
    operation("einsum", lambda x: ops.einsum("bij,bkj->bik", x, x), shape=SEQUENCE),
    operation("average-pool", lambda x: ops.average_pool(x, 2, strides=2, padding="same")),
    operation("max-pool", lambda x: ops.max_pool(x, 3, strides=2, padding="same")),
    operation("image-resize", lambda x: ops.image.resize(x, (6, 7))),
    operation("cast", lambda x: ops.cast(x, "float32")),
    operation("repeat", lambda x: ops.repeat(x, 2, axis=1)),
    operation("flip", lambda x: ops.flip(x, axis=2)),
]
