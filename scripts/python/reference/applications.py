"""Write one fixture for each model of keras.applications: architecture, gain, output.

    python scripts/python/reference/applications.py [--only NAME ...] [--search]
                                                    [--out test/fixtures/applications]

The weights are synthetic (see synthetic_weights.py), so a file holds no weights. The gain is chosen
so that the output says something: log-probabilities that differ between the classes and between two
inputs, no saturated softmax. A fixture that is there keeps its gain; --search looks for it anew.
A quarter of an hour on two cores with the search; ConvNeXtXLarge needs 6 GB.
"""

import argparse
import gc
import gzip
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import fixture  # first: it quiets TensorFlow before Keras loads it

import keras
import numpy as np
import tensorflow as tf

from synthetic_weights import assign

NAMES = sorted(name for name in dir(keras.applications) if name[0].isupper())

SCALES_ITSELF = ("ConvNeXt", "EfficientNet", "MobileNetV3")
"""Families whose first layers rescale or normalize pixels of 0..255."""

SIZE_LEFT_OPEN = (224, 224, 3)
"""MobileNetV3 is built for any size unless told; this is the size it is described with."""

BOUNDS = (2.5, 0.05), (3.3, 0.03)
"""The most spread, the least dependence; the second pair is for nets with no gain in the first."""

LEAST_SPREAD = 0.3
MOST_DEPENDENCE = 5.0
HIGHEST_PROBABILITY = 0.5
LOWEST_GAIN, HIGHEST_GAIN = 0.2, 6.0

Predict = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Trial:
    """What one gain gives."""

    gain: float
    spread: float
    """Standard deviation of the log-probabilities over the classes."""
    dependence: float
    """The largest difference of a log-probability between two random inputs."""
    highest: float
    """The highest probability."""
    output: np.ndarray

    def too_much(self, most_spread: float) -> bool:
        """NaN too: a comparison with it fails."""
        return not (
            self.spread <= most_spread
            and self.dependence <= MOST_DEPENDENCE
            and self.highest <= HIGHEST_PROBABILITY
        )

    def enough(self, least_dependence: float) -> bool:
        return self.spread >= LEAST_SPREAD and self.dependence >= least_dependence

    def __str__(self) -> str:
        return (
            f"gain {self.gain:g}: spread {self.spread:.3f}, dependence {self.dependence:.4f}, "
            f"highest {self.highest:.4f}"
        )


def attempt(model: keras.Model, predict: Predict, inputs: list[np.ndarray], gain: float) -> Trial:
    """The two inputs' outputs under this gain."""
    assign(model, gain)
    one, other = (predict(image)[0] for image in inputs)
    with np.errstate(divide="ignore", invalid="ignore"):
        log, log_other = np.log(one.astype("float64")), np.log(other.astype("float64"))
        spread, dependence = float(log.std()), float(np.abs(log - log_other).max())
    return Trial(gain, spread, dependence, float(one.max()), one)


def search(try_gain: Callable[[float], Trial]) -> Trial:
    """Halve the interval (of the logarithm) until both spread and dependence lie in their bounds.

    Eleven halvings, as the gain between too little and too much can be a window of a few per cent.
    """
    for most_spread, least_dependence in BOUNDS:
        low, high = LOWEST_GAIN, HIGHEST_GAIN
        for _ in range(11):
            trial = try_gain(float(f"{np.sqrt(low * high):.4g}"))
            if trial.too_much(most_spread):
                high = trial.gain
            elif trial.enough(least_dependence):
                return trial
            else:
                low = trial.gain
    raise ValueError("no gain gives an output that says something")


def write(path: Path, content: dict) -> int:
    """Gzip without name or date, so that the same content is the same file; returns the size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, separators=(",", ":"), allow_nan=False) + "\n"
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as file:
        file.write(text.encode())
    return path.stat().st_size


def reference(name: str, known_gain: float | None) -> tuple[dict, Trial]:
    """Build the model, settle its gain, and describe it."""
    keras.utils.clear_session()
    gc.collect()
    model = getattr(keras.applications, name)(weights=None)
    shape = model.input_shape[1:]
    if None in shape:
        shape = SIZE_LEFT_OPEN
    scale = 255 if name.startswith(SCALES_ITSELF) else 1
    graph = tf.function(lambda image: model(image, training=False))
    inputs = [fixture.reference_input(shape, scale, seed=seed) for seed in (0, 1)]

    def try_gain(gain: float) -> Trial:
        return attempt(model, lambda image: graph(image).numpy(), inputs, gain)

    trial = try_gain(known_gain) if known_gain else search(try_gain)
    content = {
        "name": name,
        "keras_version": keras.__version__,
        "input_seed": 0,
        "input_scale": scale,
        "input_shape": list(shape),
        "gain": trial.gain,
        "parameters": model.count_params(),
        "architecture": fixture.architecture(model),
        "output": fixture.numbers(trial.output),
    }
    return content, trial


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=fixture.FIXTURES / "applications")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=NAMES)
    parser.add_argument("--search", action="store_true", help="look for the gains anew")
    arguments = parser.parse_args()

    total = 0
    for name in arguments.only or NAMES:
        started = time.monotonic()
        path = arguments.out / f"{name}.json.gz"
        known_gain = None
        if path.exists() and not arguments.search:
            known_gain = json.loads(gzip.decompress(path.read_bytes()))["gain"]
        content, trial = reference(name, known_gain)
        size = write(path, content)
        total += size
        seconds = time.monotonic() - started
        print(f"{name}: {trial}, {size} bytes, {seconds:.0f} s", flush=True)
    print(f"{total} bytes in {arguments.out.name}/")


if __name__ == "__main__":
    main()
