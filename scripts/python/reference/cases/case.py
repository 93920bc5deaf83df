"""One row of the table: a small model for one layer, option or operation."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import keras

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Case:
    """`build` makes the model anew; names are reset before each, so they do not depend on order."""

    name: str
    input_shape: Shape
    build: Callable[[], keras.Model]
    scale: float = 2
    shift: float = -1
    policy: str = "float32"
    """The dtype policy the architecture is written under; the output is computed in float32."""
    config_edits: dict[str, Any] = field(default_factory=dict)
    """Settings that Keras 2 wrote otherwise: {setting: value}, put into every layer that has it."""


def chain(
    name: str, *makers: Callable[[], keras.Layer], shape: Shape = (8, 8, 3), **options: Any
) -> Case:
    """A Sequential model. The layers come as makers, as each must be made under its own case."""

    def build() -> keras.Model:
        return keras.Sequential([keras.Input(shape), *(make() for make in makers)])

    return Case(name, shape, build, **options)


def graph(
    name: str, connect: Callable[[Any], Any], shape: Shape = (8, 8, 3), **options: Any
) -> Case:
    """A Functional model: `connect` leads from the input tensor to the output, or to several."""

    def build() -> keras.Model:
        tensor = keras.Input(shape)
        return keras.Model(tensor, connect(tensor))

    return Case(name, shape, build, **options)
