"""What the three scripts share: the input, the form of numbers, the architecture, the file."""

import json
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np

FIXTURES = Path(__file__).resolve().parents[3] / "test" / "fixtures"


def reference_input(
    shape: tuple[int, ...], scale: float = 1, shift: float = 0, seed: int = 0
) -> np.ndarray:
    """One image of noise: rand * scale + shift in float64, then float32; the batch axis is 1."""
    return (np.random.RandomState(seed).rand(1, *shape) * scale + shift).astype("float32")


def numbers(array: np.ndarray) -> list[float]:
    """The values in C order, each with the fewest digits that name its float32 (9 at most)."""
    values = np.asarray(array, dtype="float32").ravel()
    if not np.all(np.isfinite(values)):
        raise ValueError("the output holds NaN or infinity")
    return [float(str(value)) for value in values]


def architecture(model: keras.Model) -> dict:
    """The model as `to_json()` writes it, parsed."""
    return json.loads(model.to_json())


def write_json(path: Path, content: dict) -> int:
    """Write `content` on one line; returns the size in bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.write_text(json.dumps(content, separators=(",", ":"), allow_nan=False) + "\n")
