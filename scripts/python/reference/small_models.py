"""Small Keras models with weights by name, and their expected outputs: what the saved models are made of."""

from pathlib import Path
from typing import Any

import fixture  # first: it quiets TensorFlow before Keras loads it

import keras
import numpy as np
import tensorflow as tf
from keras import layers as L
from tensorflow.core.framework import graph_pb2
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from synthetic_weights import assign

SHAPE = (12, 12, 3)


def expected(
    folder: Path, name: str, output: Any, shape: tuple[int, ...] = SHAPE, note: str = ""
) -> None:
    array = np.asarray(output)
    content = {
        "input_seed": 0,
        "input": 'np.random.RandomState(0).rand(1,*input_shape).astype("float32")',
        "input_shape": list(shape),
        "output_shape": list(array.shape),
        "output": fixture.numbers(array),
        "computed_with": f"tensorflow {tf.__version__}{note}",
    }
    fixture.write_json(folder / f"{name}.expected.json", content)


def small_model(*layers: L.Layer, shape: tuple[Any, ...] = SHAPE) -> keras.Model:
    keras.utils.clear_session()
    model = keras.Sequential([keras.Input(shape, name="image"), *layers])
    assign(model, gain=1)
    return model


def classifier(
    shape: tuple[Any, ...] = SHAPE, activation: str | None = "softmax", classes: int = 4
):
    return small_model(
        L.Conv2D(6, 3, strides=2, activation="relu", name="conv"),
        L.GlobalAveragePooling2D(),
        L.Dense(classes, activation=activation, name="classes"),
        shape=shape,
    )


def frozen(model: keras.Model) -> graph_pb2.GraphDef:
    call = tf.function(lambda image: model(image, training=False))
    concrete = call.get_concrete_function(
        tf.TensorSpec((None, *model.input_shape[1:]), tf.float32, "x")
    )
    return convert_variables_to_constants_v2(concrete).graph.as_graph_def()
