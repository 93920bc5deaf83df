"""Load what `h5serve convert` writes with Python's TensorFlow, and compare it with Keras.

    python scripts/python/reference/check_saved_model.py [NAME ...]

NAME is an architecture of test/fixtures/applications. Each is synthesised as a Keras checkpoint, converted, loaded
with tf.saved_model.load and run beside keras.models.load_model. What TensorFlow Serving needs is checked, too: the
tag `serve`, the signature `serving_default`, and weights inside the folder, so that it can be moved.
"""

import gzip
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"

import keras
import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

ROOT = Path(__file__).resolve().parents[3]
NAMES = ["MobileNetV2", "MobileNetV3Small", "EfficientNetB0", "ResNet50", "DenseNet121", "ConvNeXtTiny"]
TOLERANCE = 1e-4


def h5serve(*arguments: str) -> None:
    command = ["node", "scripts/h5serve.mjs", *arguments]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def refuse_what_serving_cannot_load(folder: Path) -> None:
    model = saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes())
    (graph,) = model.meta_graphs
    assert list(graph.meta_info_def.tags) == ["serve"], graph.meta_info_def.tags
    assert "serving_default" in graph.signature_def
    mapped = [node.name for node in graph.graph_def.node if node.op == "ImmutableConst"]
    assert not mapped, f"weights outside the model: {mapped}"
    assert str(folder).encode() not in model.SerializeToString(), "the folder's own path is in the model"


def run(folder: Path, pictures: np.ndarray) -> np.ndarray:
    signature = tf.saved_model.load(str(folder), tags=["serve"]).signatures["serving_default"]
    return signature(image=tf.constant(pictures))["probabilities"].numpy()


def check(name: str) -> bool:
    fixture = ROOT / "test/fixtures/applications" / f"{name}.json.gz"
    with tempfile.TemporaryDirectory() as temporary:
        at = Path(temporary)
        checkpoint = at / "model.h5"
        h5serve("synth", str(fixture), str(checkpoint))
        keras.utils.clear_session()
        model = keras.models.load_model(checkpoint, compile=False)
        # Some architectures take pictures of any size: theirs is in the fixture, and pictures need it said.
        shape = json.loads(gzip.decompress(fixture.read_bytes()))["input_shape"]
        pixels = np.random.RandomState(0).randint(0, 256, (2, *shape)).astype("uint8")
        given = {"pixels": pixels, "raw": (pixels / 255).astype("float32")}
        expected = model.predict(given["raw"], verbose=0)
        differences = []
        for way, options in {"pixels": ["--scale", "0..1"], "raw": ["--raw"]}.items():
            written = at / "written"
            size = f"{shape[0]}x{shape[1]}"
            h5serve("convert", str(checkpoint), str(written), "--size", size, *options)
            moved = written.rename(at / way)
            refuse_what_serving_cannot_load(moved)
            found = run(moved, given[way])
            differences.append(float(np.abs(found - expected).max() / expected.max()))
    good = max(differences) <= TOLERANCE
    print(f"{name:20} {differences[0]:10.1e} {differences[1]:10.1e}{'' if good else '  DIFFERS'}", flush=True)
    return good


print(f"{'architecture':20} {'pixels':>10} {'raw':>10}   parts of the largest probability")
results = [check(name) for name in sys.argv[1:] or NAMES]
sys.exit(0 if all(results) else 1)
