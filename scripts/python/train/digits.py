"""Train the digits model: the five-layer CNN of 225,034 parameters on MNIST.

    python3 -m pip install -r scripts/python/train/requirements.txt
    python3 scripts/python/train/digits.py --data ../shared/data/mnist --out saved_models/digits/v1/model.h5

About 15 seconds an epoch on two cores. The data are the original idx gzip files.
"""

import argparse
import gzip
import os
import struct
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from keras import layers
import tensorflow as tf

from reference import reference, write


def read_idx(path: Path) -> np.ndarray:
    """One idx file: big-endian magic (type and rank), the sizes, then the bytes."""
    with gzip.open(path, "rb") as file:
        _, _, kind, rank = struct.unpack("BBBB", file.read(4))
        if kind != 8:
            raise ValueError(f"{path}: expected unsigned bytes (type 8), found type {kind}")
        shape = struct.unpack(f">{rank}I", file.read(4 * rank))
        return np.frombuffer(file.read(), dtype=np.uint8).reshape(shape)


def find(folder: Path, stem: str) -> Path:
    matches = sorted(folder.glob(f"{stem}*"))
    if not matches:
        raise FileNotFoundError(f"no {stem}* in {folder}")
    return matches[0]


def build() -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ],
        name="digits",
    )


def augmented(images: np.ndarray, labels: np.ndarray, batch: int, seed: int) -> tf.data.Dataset:
    """Small shifts, turns and zooms: what a hand does, and what a crop of a drawing does."""
    jitter = keras.Sequential(
        [
            layers.RandomRotation(0.03, fill_mode="constant", seed=seed),
            layers.RandomTranslation(0.08, 0.08, fill_mode="constant", seed=seed + 1),
            layers.RandomZoom((-0.1, 0.1), fill_mode="constant", seed=seed + 2),
        ]
    )
    dataset = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(len(images), seed=seed)
    return dataset.batch(batch).map(lambda x, y: (jitter(x, training=True), y)).prefetch(4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data/mnist"), help="folder of the idx gzip files")
    parser.add_argument("--out", type=Path, default=Path("saved_models/digits/v1/model.h5"))
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    keras.utils.set_random_seed(options.seed)
    scale = lambda a: a.astype("float32")[..., None] / 255.0
    train_x, train_y = scale(read_idx(find(options.data, "train-images"))), read_idx(find(options.data, "train-labels"))
    test_x, test_y = scale(read_idx(find(options.data, "t10k-images"))), read_idx(find(options.data, "t10k-labels"))

    model = build()
    assert model.count_params() == 225_034, model.count_params()
    steps = options.epochs * (len(train_x) // 128 + 1)
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(2e-3, steps)),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(augmented(train_x, train_y, 128, options.seed), epochs=options.epochs, verbose=2)
    loss, accuracy = model.evaluate(test_x, test_y, verbose=0)
    print(f"test accuracy {accuracy:.4f}, loss {loss:.4f}, on {len(test_x)} digits")
    # Saved without the optimizer: a third of the size, and nobody trains on from a served file.
    options.out.parent.mkdir(parents=True, exist_ok=True)
    model.save(options.out, include_optimizer=False)
    labels = [str(digit) for digit in range(10)]
    write(options.out.parent / "reference.json", reference(model.predict(test_x, verbose=0), test_y, labels))


if __name__ == "__main__":
    main()
