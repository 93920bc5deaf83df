"""Save small models as real checkpoint files, each with its expected output beside it.

    python scripts/python/reference/checkpoints.py [--only NAME ...] [--out test/fixtures/checkpoints]

<name>.h5 and <name>.keras hold the same model; some have <name>.weights.h5 too, the weights alone,
with <name>.architecture.json as `to_json()` gives it. The .keras files carry the date of their
making, so a second run changes bytes, not contents.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fixture  # first: it quiets TensorFlow before Keras loads it

import keras
import numpy as np
from keras import layers as L

from cases import attention, composition
from synthetic_weights import assign


@dataclass(frozen=True)
class Checkpoint:
    """`build` makes the model anew under the default policy of the moment."""

    name: str
    shape: tuple[int, ...]
    build: Callable[[], keras.Model]
    policy: str = "float32"
    compiled: bool = False
    weights_alone: bool = False
    h5_readable: bool = True
    """Keras writes operations (x * 2) into .h5, but cannot read them: "Unknown layer"."""


def functional(
    name: str, shape: tuple[int, ...], connect: Callable[[Any], Any], **options: Any
) -> Checkpoint:
    """A Functional model: `connect` leads from the input tensor to the output, or to several."""

    def build() -> keras.Model:
        x = keras.Input(shape, name="image")
        return keras.Model(x, connect(x), name=name)

    return Checkpoint(name, shape, build, **options)


def sequential() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((12, 12, 1)),
            L.Conv2D(4, 3, activation="relu"),
            L.BatchNormalization(),
            L.MaxPooling2D(),
            L.Dropout(0.25, seed=1),
            L.Flatten(),
            L.Dense(10, activation="softmax"),
        ],
        name="sequential",
    )


def residual(x: Any) -> Any:
    y = L.Conv2D(6, 3, strides=2, padding="same", use_bias=False)(x)
    y = L.ReLU()(L.BatchNormalization()(y))
    y = L.Add()([y, L.Conv2D(6, 1, strides=2)(x)])
    return L.Dense(5, activation="softmax")(L.GlobalAveragePooling2D()(y))


def nested_twice(x: Any) -> Any:
    """A frozen backbone in a model in the model, as transfer learning leaves it."""
    backbone = composition.block((10, 10, 3), name="backbone", trainable=False)
    middle_input = keras.Input((10, 10, 3))
    y = L.Rescaling(2.0, offset=-1.0, name="to_range")(middle_input)
    y = backbone(y, training=False)
    middle = keras.Model(middle_input, L.MaxPooling2D(name="middle_pool")(y), name="middle")
    y = L.Dense(8, activation="relu", name="hidden")(L.Flatten(name="flat")(middle(x)))
    return L.Dense(4, activation="softmax", name="classes")(y)


def nested_sequential() -> keras.Model:
    augmentation = keras.Sequential(
        [
            keras.Input((10, 10, 3)),
            L.RandomFlip("horizontal", seed=1),
            L.RandomRotation(0.1, seed=1),
        ],
        name="augmentation",
    )
    return keras.Sequential(
        [
            keras.Input((10, 10, 3)),
            augmentation,
            composition.stack((10, 10, 3)),
            L.Flatten(name="flat"),
            L.Dense(4, activation="softmax", name="classes"),
        ],
        name="nested_sequential",
    )


def shared_layer(x: Any) -> Any:
    y = composition.shared_layer(x)
    return L.Dense(4, activation="softmax", name="classes")(L.GlobalAveragePooling2D()(y))


def small_transformer(x: Any) -> Any:
    y = L.Reshape((-1, 8))(L.Conv2D(8, 4, strides=4, name="patches")(x))
    y = L.Add()([y, attention.self_attention(L.LayerNormalization()(y), value_dim=5)])
    y = L.Dense(8, activation="gelu", name="hidden")(y)
    return L.Dense(4, activation="softmax", name="classes")(L.GlobalAveragePooling1D()(y))


def recurrent(x: Any) -> Any:
    y = L.Reshape((10, 30))(L.Conv2D(3, 1)(x))
    y = L.Bidirectional(
        L.LSTM(6, return_sequences=True),
        backward_layer=L.GRU(6, return_sequences=True, go_backwards=True, name="own"),
    )(y)
    y = L.TimeDistributed(L.Dense(5, activation="relu"))(y)
    y = L.Bidirectional(L.GRU(4), merge_mode="sum")(L.GRU(4, return_sequences=True)(y))
    return L.Dense(4, activation="softmax")(y)


def model_at_each_step(x: Any) -> Any:
    """A net for each of a few pictures, and a recurrent layer over what it says of them."""
    net = composition.block((5, 10, 3), name="net")
    y = L.TimeDistributed(net)(L.Reshape((2, 5, 10, 3))(x))
    y = L.LSTM(4)(L.TimeDistributed(L.GlobalMaxPooling2D())(y))
    return L.Dense(4, activation="softmax")(y)


def separable(x: Any) -> Any:
    y = L.SeparableConv2D(6, 3, padding="same", activation="relu")(x)
    y = L.SeparableConv2D(8, 3, strides=2, depth_multiplier=2, use_bias=False)(y)
    y = L.BatchNormalization()(y)
    return L.Dense(4, activation="softmax")(L.GlobalMaxPooling2D()(y))


def preprocessing(x: Any) -> Any:
    """Layers whose numbers lie partly in the config and partly in the weights."""
    y = L.Rescaling([0.5, 1.0, 2.0], offset=[0.0, -0.5, -1.0])(x)
    y = L.Normalization()(y)
    y = L.ZeroPadding2D(((0, 1), (0, 1)))(y)
    y = L.Conv2D(4, 3, strides=2)(y)
    y = L.PReLU(shared_axes=[1, 2])(y)
    y = L.GroupNormalization(groups=2)(y)
    return L.Dense(4, activation="softmax")(L.Flatten()(y))


def operations(x: Any) -> Any:
    """Arithmetic between the layers, as Keras 3 records it."""
    y = L.Conv2D(4, 3)(x * 2 - 1)
    y = y * keras.ops.relu6(y + 3) / 6
    y = keras.ops.concatenate([y[:, 1:, :, :], y[:, :-1, :, :]], axis=-1)
    return L.Dense(4, activation="softmax")(keras.ops.mean(y, axis=(1, 2)))


TABLE: list[Checkpoint] = [
    Checkpoint("sequential", (12, 12, 1), sequential, weights_alone=True),
    Checkpoint("compiled", (12, 12, 1), sequential, compiled=True),
    functional("functional", (10, 10, 3), residual),
    functional("nested", (10, 10, 3), nested_twice, weights_alone=True),
    Checkpoint("nested_sequential", (10, 10, 3), nested_sequential),
    functional("shared_layer", (10, 10, 3), shared_layer),
    functional("two_outputs", (8, 8, 3), composition.two_outputs),
    functional("attention", (6, 8), lambda x: L.Flatten()(attention.self_attention(x))),
    functional("vit", (8, 8, 3), small_transformer, weights_alone=True),
    functional("recurrent", (10, 10, 3), recurrent, weights_alone=True),
    functional("model_at_each_step", (10, 10, 3), model_at_each_step, weights_alone=True),
    functional("separable", (10, 10, 3), separable),
    functional("preprocessing", (8, 8, 3), preprocessing),
    functional("operations", (8, 8, 3), operations, h5_readable=False),
    functional("mixed_bfloat16", (8, 8, 3), composition.classifier, policy="mixed_bfloat16"),
    functional("mixed_float16", (8, 8, 3), composition.classifier, policy="mixed_float16"),
    functional("float16", (8, 8, 3), composition.classifier, policy="float16"),
    functional("bfloat16", (8, 8, 3), composition.classifier, policy="bfloat16"),
]


def fresh(checkpoint: Checkpoint, policy: str) -> keras.Model:
    """The model under `policy`, its names from the beginning, its weights by the rule."""
    keras.utils.clear_session()
    keras.config.set_dtype_policy(policy)
    model = checkpoint.build()
    if checkpoint.compiled:  # a step makes the optimizer's state, which the file then holds
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        model.train_on_batch(fixture.reference_input(checkpoint.shape), np.array([3]))
    assign(model, gain=1)
    return model


def save(checkpoint: Checkpoint, folder: Path) -> dict:
    """Write the checkpoint's files; returns the content of its expected.json."""
    saved = fresh(checkpoint, checkpoint.policy)
    saved.save(folder / f"{checkpoint.name}.keras")
    if checkpoint.policy != "bfloat16":  # HDF5 knows no bfloat16, and the old form writes as it is
        saved.save(folder / f"{checkpoint.name}.h5")
    if checkpoint.weights_alone:
        saved.save_weights(folder / f"{checkpoint.name}.weights.h5")
        (folder / f"{checkpoint.name}.architecture.json").write_text(saved.to_json() + "\n")
    weights = [np.asarray(keras.ops.cast(v, "float32")) for v in saved.weights]

    exact = fresh(checkpoint, "float32")
    for variable, array in zip(exact.weights, weights, strict=True):
        if "float" in variable.dtype:
            variable.assign(array)
    outputs = exact(fixture.reference_input(checkpoint.shape), training=False)
    first, *others = (np.asarray(output) for output in keras.tree.flatten(outputs))
    narrow = (
        "" if checkpoint.policy == "float32" else ", the saved weights computed with in float32"
    )
    content = {
        "input_seed": 0,
        "input": 'np.random.RandomState(0).rand(1,*input_shape).astype("float32")',
        "input_shape": list(checkpoint.shape),
        "output_shape": list(first.shape),
        "output": fixture.numbers(first),
        "computed_with": f"keras {keras.__version__}{narrow}",
    }
    if others:
        content["other_outputs"] = [
            {"output_shape": list(array.shape), "output": fixture.numbers(array)}
            for array in others
        ]
    return content


def check(checkpoint: Checkpoint, folder: Path, expected: dict) -> float:
    """The largest difference when Keras reads the files again (under their policy, half too)."""
    keras.utils.clear_session()
    keras.config.set_dtype_policy("float32")
    image = fixture.reference_input(checkpoint.shape)
    worst = 0.0
    for file in sorted(folder.glob(f"{checkpoint.name}.*")):
        if file.suffix == ".json" or (file.suffix == ".h5" and not checkpoint.h5_readable):
            continue
        if file.name.endswith(".weights.h5"):
            model = keras.models.model_from_json(
                (folder / f"{checkpoint.name}.architecture.json").read_text()
            )
            model.load_weights(file)
        else:
            model = keras.models.load_model(file, compile=False)
        first = np.asarray(keras.tree.flatten(model(image, training=False))[0], "float32")
        worst = max(worst, float(np.abs(first.ravel() - expected["output"]).max()))
    return worst


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=fixture.FIXTURES / "checkpoints")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=[c.name for c in TABLE])
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)

    for checkpoint in TABLE:
        if arguments.only and checkpoint.name not in arguments.only:
            continue
        expected = save(checkpoint, arguments.out)
        fixture.write_json(arguments.out / f"{checkpoint.name}.expected.json", expected)
        difference = check(checkpoint, arguments.out, expected)
        limit = 1e-6 if checkpoint.policy == "float32" else 1e-2
        if not difference < limit:
            raise ValueError(f"{checkpoint.name}: Keras reads its own file {difference} apart")
        sizes = {
            file.name.removeprefix(checkpoint.name): file.stat().st_size
            for file in sorted(arguments.out.glob(f"{checkpoint.name}.*"))
        }
        print(f"{checkpoint.name}: {sizes}, read again within {difference:.1e}", flush=True)


if __name__ == "__main__":
    main()
