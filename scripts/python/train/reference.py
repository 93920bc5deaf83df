"""Write a model's reference.json: what its predictions are like on its test pictures.

    python3 scripts/python/train/reference.py --model saved_models/digits/v1/model.h5 --data ../shared/data/mnist

The service compares what it predicts with the shares of the classes and of the confidences (`GET /drift`).
"""

import argparse
import json
from pathlib import Path

import numpy as np

CONFIDENCE_BINS = 10


def reference(probabilities: np.ndarray, truth: np.ndarray, labels: list[str]) -> dict:
    """`share` is of the predictions, `support` of the truth: where they differ, the model is wrong."""
    predicted = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    bins, _ = np.histogram(np.minimum(confidence, 1), bins=CONFIDENCE_BINS, range=(0, 1))
    classes = {}
    for index, label in enumerate(labels):
        right = int(((predicted == index) & (truth == index)).sum())
        guessed, support = int((predicted == index).sum()), int((truth == index).sum())
        classes[label] = {
            "share": round(guessed / len(truth), 6),
            "precision": round(right / max(guessed, 1), 4),
            "recall": round(right / max(support, 1), 4),
            "f1": round(2 * right / max(guessed + support, 1), 4),
            "support": support,
        }
    return {
        "samples": len(truth),
        "accuracy": round(float((predicted == truth).mean()), 4),
        "classes": classes,
        "confidence": [round(int(count) / len(truth), 6) for count in bins],
    }


def write(path: Path, content: dict) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=Path("saved_models/digits/v1/model.h5"))
    parser.add_argument("--data", type=Path, default=Path("../shared/data/mnist"), help="folder of the idx gzip files")
    options = parser.parse_args()

    import keras
    from digits import find, read_idx

    images = read_idx(find(options.data, "t10k-images")).astype("float32")[..., None] / 255.0
    truth = read_idx(find(options.data, "t10k-labels"))
    probabilities = keras.models.load_model(options.model, compile=False).predict(images, verbose=0)
    labels = (options.model.parent / "labels.txt").read_text().split()
    content = reference(probabilities, truth, labels)
    write(options.model.parent / "reference.json", content)
    print(f"accuracy {content['accuracy']} on {content['samples']} pictures")


if __name__ == "__main__":
    main()
