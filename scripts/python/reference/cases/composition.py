"""Whole models: nested and shared layers, two outputs, channels first, dtype policies."""

from typing import Any

import keras
from keras import layers as L

from cases.case import Case, chain, graph

MIXED = ("float16", "bfloat16", "mixed_float16", "mixed_bfloat16")


def block(shape: tuple[int, ...], name: str = "block", **options: Any) -> keras.Model:
    """A Functional model to be nested: convolution, BatchNormalization, ReLU."""
    x = keras.Input(shape)
    y = L.Conv2D(3, 3, padding="same", name=f"{name}_conv")(x)
    y = L.BatchNormalization(name=f"{name}_bn")(y)
    return keras.Model(x, L.ReLU(name=f"{name}_relu")(y), name=name, **options)


def stack(shape: tuple[int, ...], name: str = "stack") -> keras.Sequential:
    """A Sequential model to be nested."""
    return keras.Sequential(
        [
            keras.Input(shape),
            L.Conv2D(3, 3, name=f"{name}_conv"),
            L.MaxPooling2D(name=f"{name}_pool"),
        ],
        name=name,
    )


def functional_in_sequential_in_functional(x: Any) -> Any:
    middle = keras.Sequential(
        [keras.Input((8, 8, 3)), block((8, 8, 3)), L.MaxPooling2D(name="middle_pool")],
        name="middle",
    )
    return L.Dense(4, name="head")(L.Flatten()(middle(x)))


def nested_called_twice(x: Any) -> Any:
    inner = block((8, 8, 3))
    return inner(inner(x))


def nested_on_two_branches(x: Any) -> Any:
    inner = block((8, 8, 3))
    return L.Concatenate()(
        [L.GlobalAveragePooling2D()(inner(x)), L.GlobalMaxPooling2D()(inner(2 * x))]
    )


def shared_layer(x: Any) -> Any:
    shared = L.Conv2D(3, 3, padding="same", activation="relu", name="shared")
    return shared(shared(x))


def nested_two_outputs(x: Any) -> Any:
    inputs = keras.Input((8, 8, 3))
    y = L.Conv2D(3, 3, name="inner_conv")(inputs)
    inner = keras.Model(
        inputs, [L.GlobalAveragePooling2D()(y), L.GlobalMaxPooling2D()(y)], name="inner"
    )
    return L.Subtract()(inner(x))


def fully_convolutional(x: Any) -> keras.Model:
    y = L.Conv2D(4, 3, strides=2, padding="same", activation="relu")(x)
    y = L.GlobalAveragePooling2D()(L.MaxPooling2D(3, strides=2, padding="same")(y))
    return keras.Model(x, L.Dense(4)(y))


def two_outputs(x: Any) -> Any:
    y = L.Flatten()(L.Conv2D(2, 3, name="trunk")(x))
    return [
        L.Dense(4, activation="softmax", name="classes")(y),
        L.Dense(1, activation="sigmoid", name="score")(y),
    ]


def classifier(x: Any) -> Any:
    """The net that stands for each dtype policy; its last layer says float32, as Keras advises."""
    y = L.Conv2D(4, 3, padding="same", use_bias=False)(x)
    y = L.ReLU()(L.BatchNormalization()(y))
    y = L.DepthwiseConv2D(3, strides=2, padding="same")(y)
    y = L.GlobalAveragePooling2D()(y)
    return L.Dense(5, activation="softmax", dtype="float32")(y)


def channels_first(x: Any) -> Any:
    # No stride here: with one, TensorFlow's channels_first kernel for the CPU pads "same" otherwise
    # than its own channels_last kernel and than the GPU.
    y = L.Conv2D(4, 3, padding="same", data_format="channels_first")(x)
    y = L.BatchNormalization(axis=1)(y)
    y = L.DepthwiseConv2D(3, padding="same", data_format="channels_first")(y)
    y = L.MaxPooling2D(2, data_format="channels_first")(y)
    return L.Dense(5)(L.Flatten(data_format="channels_first")(y))


CASES: list[Case] = [
    graph("nested-functional", lambda x: L.GlobalMaxPooling2D()(block((8, 8, 3))(x))),
    graph("nested-three-deep", functional_in_sequential_in_functional),
    chain(
        "nested-in-sequential",
        lambda: stack((8, 8, 3)),
        lambda: L.Flatten(),
        lambda: L.Dense(4),
    ),
    chain(
        "nested-functional-first-in-sequential",
        lambda: block((8, 8, 3)),
        lambda: L.GlobalMaxPooling2D(),
    ),
    graph("nested-not-trainable", lambda x: block((8, 8, 3), trainable=False)(x)),
    graph("nested-training-false", lambda x: L.Flatten()(block((8, 8, 3))(x, training=False))),
    graph("nested-called-twice", nested_called_twice),
    graph("nested-on-two-branches", nested_on_two_branches),
    graph("nested-two-outputs", nested_two_outputs),
    graph("shared-layer", shared_layer),
    graph("two-outputs", two_outputs),
    Case("unknown-size", (8, 8, 3), lambda: fully_convolutional(keras.Input((None, None, 3)))),
    Case(
        "fixed-batch", (8, 8, 3), lambda: fully_convolutional(keras.Input(batch_shape=(1, 8, 8, 3)))
    ),
    graph("rescaling-first", lambda x: classifier(L.Rescaling(1 / 255)(x)), scale=255, shift=0),
    *(graph(f"policy-{name.replace('_', '-')}", classifier, policy=name) for name in MIXED),
    graph("channels-first", channels_first, shape=(3, 8, 8)),
    graph(
        "channels-first-global-average",
        lambda x: L.GlobalAveragePooling2D(data_format="channels_first")(
            L.AveragePooling2D(3, 2, "same", data_format="channels_first")(x)
        ),
        shape=(3, 8, 8),
    ),
    graph(
        "channels-first-conv-groups",
        lambda x: L.Conv2D(4, 3, groups=2, data_format="channels_first")(x),
        shape=(4, 8, 8),
    ),
    graph(
        "channels-first-transpose",
        lambda x: L.Conv2DTranspose(2, 3, strides=2, padding="same", data_format="channels_first")(
            x
        ),
        shape=(3, 5, 5),
    ),
    graph(
        "channels-first-separable-padding",
        lambda x: L.SeparableConv2D(4, 3, data_format="channels_first")(
            L.ZeroPadding2D(((0, 1), (2, 1)), data_format="channels_first")(x)
        ),
        shape=(3, 6, 6),
    ),
]
