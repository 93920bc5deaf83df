"""Weights that TypeScript can make again: drawn from the variables' names, not from a file.

The rule. Every variable has a key, a role and a shape.

Key: the names on the way to the variable, joined by "/", then the variable's own name.
The way starts at the layer that the architecture lists (`config.layers[].config.name`) and goes
through the sub-layers that this layer owns. A nested model (Functional, Sequential) starts the way
anew: the layers in it are keyed by their own names, and the model's name is no part of the key.
    Dense "head"                              head/kernel, head/bias
    SeparableConv2D "sep"                     sep/depthwise_kernel, sep/pointwise_kernel, sep/bias
    MultiHeadAttention "mha"                  mha/query/kernel, mha/query/bias, mha/key/...,
                                              mha/value/..., mha/attention_output/...
    TimeDistributed "td" around Dense "d"     td/d/kernel
    SpectralNormalization "sn" around "conv"  sn/vector_u, sn/conv/kernel
    Conv2D "conv" in the nested model "block" conv/kernel
A variable that was made without a name (LayerScale's) is called "variable", without Keras's number.

Values: u = numpy.random.RandomState(crc32(key as UTF-8)).rand(product of the shape), float64, in
C order, so the last axis runs fastest. By the variable's own name (first match; "ends" = ends with):
    ends "kernel", embeddings      ((2u - 1) * gain) * sqrt(6 / fan)
                                   fan = shape[0] * shape[1] for depthwise_kernel,
                                   else max(1, product of all axes but the last)
    gamma, scale                   0.5 + u
    alpha                          0.1 + 0.3 * u
    beta, bias                     (2u - 1) * 0.1
    moving_mean, mean              (2u - 1) * 0.25
    moving_variance, variance      0.5 + u
    any other                      (2u - 1) * 0.1
All in float64, cast to float32 once at the end; a variable of another float type (policy float16)
is cast on from that float32, to the nearest, ties to even. Variables that are no floats
(Normalization's count, the state of random layers) keep what Keras gave them.
"""

import re
import zlib
from collections.abc import Iterator

import keras
import numpy as np


def value(key: str, shape: tuple[int, ...], gain: float) -> np.ndarray:
    """The float32 array for one variable."""
    size = int(np.prod(shape, dtype=np.int64))
    u = np.random.RandomState(zlib.crc32(key.encode())).rand(size).reshape(shape)
    name = key.rsplit("/", 1)[-1]
    if name.endswith("kernel") or name == "embeddings":
        fan = np.prod(shape[:2]) if name == "depthwise_kernel" else max(1, np.prod(shape[:-1]))
        array = (2 * u - 1) * gain * np.sqrt(6 / fan)
    elif name in ("gamma", "scale", "moving_variance", "variance"):
        array = 0.5 + u
    elif name == "alpha":
        array = 0.1 + 0.3 * u
    elif name in ("moving_mean", "mean"):
        array = (2 * u - 1) * 0.25
    else:
        array = (2 * u - 1) * 0.1
    return array.astype("float32")


def stable_name(variable: keras.Variable) -> str:
    """A variable without a name of its own is numbered by Keras, anew in every process."""
    return re.sub(r"^variable_\d+$", "variable", variable.name)


def keyed_variables(
    layer: keras.Layer, way: tuple[str, ...] = ()
) -> Iterator[tuple[str, keras.Variable]]:
    """Every variable under `layer` with its key; a shared layer comes more than once."""
    way = () if isinstance(layer, keras.Model) else (*way, layer.name)
    own = {id(v): v for v in [*layer._trainable_variables, *layer._non_trainable_variables]}
    for variable in own.values():
        yield "/".join((*way, stable_name(variable))), variable
    for child in layer._layers:
        yield from keyed_variables(child, way)


def assign(model: keras.Model, gain: float) -> None:
    """Set every float variable of the model by the rule above."""
    owner: dict[str, int] = {}
    for key, variable in keyed_variables(model):
        if owner.setdefault(key, id(variable)) != id(variable):
            raise ValueError(f"two variables share the key {key!r}: give their layers unlike names")
        if "float" in variable.dtype:
            variable.assign(value(key, tuple(variable.shape), gain))
    missed = [v.path for v in model.weights if id(v) not in owner.values()]
    if missed:
        raise ValueError(f"no key reaches the variables {missed}")
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()  # it computes with a copy of mean and variance
