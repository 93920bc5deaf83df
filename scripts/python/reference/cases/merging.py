"""Layers with several inputs, which are two or three branches of the one input."""

from typing import Any

from cases.case import Case, graph
from keras import layers as L


def branches(x: Any, filters: int = 3, count: int = 2) -> list[Any]:
    """Convolutions of the input, named by their place."""
    return [L.Conv2D(filters, 3, name=f"branch_{i}")(x) for i in range(count)]


def squeeze_and_excite(x: Any) -> Any:
    y = L.GlobalAveragePooling2D(keepdims=True)(x)
    y = L.Conv2D(2, 1, activation="relu")(y)
    y = L.Conv2D(3, 1, activation="sigmoid")(y)
    return L.Multiply()([x, y])


def squeeze_and_excite_dense(x: Any) -> Any:
    y = L.GlobalAveragePooling2D()(x)
    y = L.Reshape((1, 1, 3))(y)
    y = L.Dense(3, activation="hard_sigmoid")(y)
    return L.multiply([y, x])


def residual(x: Any) -> Any:
    y = L.Conv2D(4, 3, padding="same", strides=2)(x)
    y = L.BatchNormalization()(y)
    return L.ReLU()(L.add([y, L.Conv2D(4, 1, strides=2)(x)]))


def sequences(x: Any) -> list[Any]:
    """Two sequences of 4 steps by 5."""
    return [L.Dense(5, name=f"branch_{i}")(x) for i in range(2)]


CASES: list[Case] = [
    graph("add", lambda x: L.Add()(branches(x))),
    graph("add-three", lambda x: L.Add()(branches(x, count=3))),
    graph("add-itself", lambda x: L.Add()([x, x])),
    graph("add-broadcast-rank", lambda x: L.Add()([x, L.GlobalAveragePooling2D(keepdims=True)(x)])),
    graph("subtract", lambda x: L.Subtract()(branches(x))),
    graph("multiply", lambda x: L.Multiply()(branches(x))),
    graph("average", lambda x: L.Average()(branches(x, count=3))),
    graph("maximum", lambda x: L.Maximum()(branches(x, count=3))),
    graph("minimum", lambda x: L.Minimum()(branches(x, count=3))),
    graph("concatenate", lambda x: L.Concatenate()([*branches(x, 2), L.Cropping2D(1)(x)])),
    graph("concatenate-axis-1", lambda x: L.Concatenate(axis=1)(branches(x))),
    graph("concatenate-axis-minus-2", lambda x: L.Concatenate(axis=-2)(branches(x))),
    graph(
        "concatenate-batch-norm-conv",
        lambda x: L.Conv2D(3, 3)(L.BatchNormalization()(L.Concatenate()([x, x]))),
    ),
    graph("dot-axes-1", lambda x: L.Dot(axes=1)(sequences(x)), shape=(4, 6)),
    graph(
        "dot-axes-2-normalize", lambda x: L.Dot(axes=2, normalize=True)(sequences(x)), shape=(4, 6)
    ),
    graph("dot-axes-pair", lambda x: L.Dot(axes=(2, 1))([x, L.Permute((2, 1))(x)]), shape=(4, 6)),
    graph("dot-rank-2", lambda x: L.Dot(axes=1)(sequences(x)), shape=(7,)),
    graph("squeeze-and-excite", squeeze_and_excite),
    graph("squeeze-and-excite-dense", squeeze_and_excite_dense),
    graph("residual", residual),
]
