"""From an upload to what the model was trained on."""
import io
import os

import numpy as np
from PIL import Image

HEIGHT, WIDTH, CHANNELS = (int(size) for size in os.environ["INPUT"].split(","))
SCALE = os.environ.get("SCALE", "0..1")
CAFFE_MEAN = np.array([103.939, 116.779, 123.68], dtype=np.float32)


def read_picture(data: bytes) -> np.ndarray:
    """One picture as a batch of one, channels last."""
    picture = Image.open(io.BytesIO(data)).convert("L" if CHANNELS == 1 else "RGB")
    if picture.size != (WIDTH, HEIGHT):
        picture = picture.resize((WIDTH, HEIGHT), Image.BILINEAR)
    values = np.asarray(picture, dtype=np.float32).reshape(1, HEIGHT, WIDTH, CHANNELS)
    if SCALE == "caffe":
        return values[..., ::-1] - CAFFE_MEAN
    if SCALE == "-1..1":
        return values / 127.5 - 1
    return values / 255


def three_best(probabilities: np.ndarray) -> dict:
    best = np.argsort(probabilities)[::-1][:3]
    return {
        "predicted_class": str(best[0]),
        "confidence": float(probabilities[best[0]]),
        "predictions": [{"label": str(at), "probability": float(probabilities[at])} for at in best],
    }
