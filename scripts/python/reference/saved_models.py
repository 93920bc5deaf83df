"""Save small models in the formats of TensorFlow and tfjs, each with its expected output beside it.

    python scripts/python/reference/saved_models.py [--only NAME ...] [--out FOLDER]

<name>/ is a SavedModel or a tfjs model, <name>.pb a frozen graph; <name>.expected.json holds what
TensorFlow gives for the reference input. The folder refused/ holds models that must not be loaded.
Weights follow the rule in synthetic_weights.py, so a second run changes names and dates only.
"""

import argparse
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fixture  # first: it quiets TensorFlow before Keras loads it

import numpy as np
import tensorflow as tf

from small_models import SHAPE, classifier, expected, frozen
from synthetic_weights import value
from tfjs_models import tfjs_graph, tfjs_layers

tf1 = tf.compat.v1


def keras_export(folder: Path) -> None:
    """Keras 3's own way: every variable twice, two signatures, functions in functions."""
    model = classifier()
    model.export(folder / "keras_export", verbose=False)
    expected(folder, "keras_export", model(fixture.reference_input(SHAPE)))


def any_size(folder: Path) -> None:
    model = classifier((None, None, 3), activation=None)
    model.export(folder / "any_size", verbose=False)
    expected(folder, "any_size", model(fixture.reference_input(SHAPE)))


class TwoOutputs(tf.Module):
    """A signature by another name, two outputs, variables in a loop and in a branch."""

    def __init__(self) -> None:
        super().__init__()
        self.kernel = tf.Variable(value("conv/kernel", (3, 3, 3, 4), 1), name="kernel")
        self.table = tf.Variable(value("table/kernel", (5, 4), 1), name="table")
        self.bias = tf.Variable(value("loop/bias", (4,), 1), name="bias")
        self.gain = tf.Variable(value("branch/gamma", (4,), 1), name="gain")

    @tf.function(input_signature=[tf.TensorSpec((None, *SHAPE), tf.float32, name="pixels")])
    def classify(self, pixels: tf.Tensor) -> dict[str, tf.Tensor]:
        y = tf.nn.conv2d(pixels, self.kernel, 2, "SAME")
        for step in tf.range(3):
            y = tf.nn.relu(y) + self.bias * tf.cast(step, tf.float32)
        if tf.reduce_mean(y) < 1000.0:
            y = y * self.gain
        logits = tf.reduce_mean(y, (1, 2)) + tf.gather(self.table, 2)
        return {"logits": logits, "probabilities": tf.nn.softmax(logits)}


def two_outputs(folder: Path) -> None:
    module = TwoOutputs()
    tf.saved_model.save(module, folder / "two_outputs", signatures={"classify": module.classify})
    output = module.classify(tf.constant(fixture.reference_input(SHAPE)))["probabilities"]
    expected(folder, "two_outputs", output)


def tf1_network(pixels: tf.Tensor, use_resource: bool) -> tf.Tensor:
    def variable(name: str, shape: tuple[int, ...]) -> Any:
        initial = tf1.constant_initializer(value(name, shape, 1))
        return tf1.get_variable(name, shape, initializer=initial, use_resource=use_resource)

    y = tf.nn.conv2d(pixels, variable("conv/kernel", (3, 3, 3, 8)), 2, "SAME")
    y = tf.nn.relu(tf.nn.bias_add(y, variable("conv/bias", (8,))))
    y = tf.reshape(y, (-1, 6 * 6 * 8))
    y = tf.matmul(y, variable("classes/kernel", (6 * 6 * 8, 5)))
    return tf.nn.bias_add(y, variable("classes/bias", (5,)))


def tf1_variables(folder: Path) -> None:
    """As TensorFlow 1 left it: reference variables, slots, a saver, tables, channels first."""
    with tf.Graph().as_default(), tf1.Session() as session:
        x = tf1.placeholder(tf.float32, (None, 3, 12, 12), name="x")
        keep = tf1.placeholder_with_default(1.0, (), name="keep_prob")
        logits = tf1_network(tf.transpose(x, (0, 2, 3, 1)) * keep, use_resource=False)
        y = tf.nn.softmax(logits, name="y")
        labels = tf1.placeholder(tf.int64, (None,), name="labels")
        loss = tf1.losses.sparse_softmax_cross_entropy(labels, logits)
        tf1.train.MomentumOptimizer(0.1, 0.9).minimize(loss)
        table = tf.lookup.StaticVocabularyTable(
            tf.lookup.KeyValueTensorInitializer(["a", "b"], np.array([0, 1])), 1
        )
        table.lookup(tf.constant(["a"]))
        session.run([tf1.global_variables_initializer(), tf1.tables_initializer()])
        builder = tf1.saved_model.Builder(str(folder / "tf1_variables"))
        signature = tf1.saved_model.predict_signature_def({"images": x}, {"scores": y})
        builder.add_meta_graph_and_variables(
            session,
            [tf1.saved_model.tag_constants.SERVING, "cpu"],
            {"serving_default": signature},
            main_op=tf1.tables_initializer(),
            strip_default_attrs=True,
        )
        builder.save()
        image = fixture.reference_input((3, 12, 12))
        expected(folder, "tf1_variables", session.run(y, {x: image}), (3, 12, 12))


def tf1_frozen(folder: Path) -> None:
    """From a machine with a GPU: placement in every node, a prediction behind the softmax."""
    with tf.Graph().as_default(), tf1.Session(
        config=tf1.ConfigProto(allow_soft_placement=True)
    ) as session:
        with tf.device("/device:GPU:0"):
            x = tf1.placeholder(tf.float32, (None, *SHAPE), name="x")
            y = tf.nn.softmax(tf1_network(x, use_resource=True), name="final_result")
            tf.argmax(y, 1, name="prediction")
        session.run(tf1.global_variables_initializer())
        graph = tf1.graph_util.convert_variables_to_constants(
            session, tf1.get_default_graph().as_graph_def(), ["prediction"]
        )
        (folder / "tf1_frozen.pb").write_bytes(graph.SerializeToString())
        expected(folder, "tf1_frozen", session.run(y, {x: fixture.reference_input(SHAPE)}))


def tf1_condition(folder: Path) -> None:
    """Branches of TensorFlow 1 with resource variables: training or not, decided as it runs."""
    tf1.disable_control_flow_v2()
    with tf.Graph().as_default(), tf1.Session() as session:
        x = tf1.placeholder(tf.float32, (None, *SHAPE), name="images")
        training = tf1.placeholder_with_default(False, (), name="is_training")
        names = {
            "gamma": (8,),
            "beta": (8,),
            "moving_mean": (8,),
            "moving_variance": (8,),
            "kernel": (3, 3, 3, 8),
        }
        v = {
            name: tf1.get_variable(
                name,
                shape,
                initializer=tf1.constant_initializer(value(f"norm/{name}", shape, 1)),
                use_resource=True,
            )
            for name, shape in names.items()
        }
        y = tf.nn.conv2d(x, v["kernel"], 2, "SAME")
        norm = tf1.nn.fused_batch_norm
        y = tf1.cond(
            training,
            lambda: norm(y, v["gamma"], v["beta"], is_training=True)[0],
            lambda: norm(
                y, v["gamma"], v["beta"], v["moving_mean"], v["moving_variance"], is_training=False
            )[0],
        )
        y = tf.nn.softmax(tf.reduce_mean(tf.nn.relu(y), (1, 2)))
        session.run(tf1.global_variables_initializer())
        tf1.saved_model.simple_save(
            session, str(folder / "tf1_condition"), {"images": x}, {"scores": y}
        )
        expected(folder, "tf1_condition", session.run(y, {x: fixture.reference_input(SHAPE)}))


def one_picture(folder: Path) -> None:
    """A frozen graph for one picture at a time, which it scales itself."""
    with tf.Graph().as_default() as graph, tf1.Session() as session:
        x = tf1.placeholder(tf.float32, (1, *SHAPE), name="input")
        y = tf.nn.conv2d(
            x / 127.5 - 1.0, tf.constant(value("conv/kernel", (3, 3, 3, 4), 1)), 2, "SAME"
        )
        y = tf.reshape(tf.nn.relu(y), (1, 6 * 6 * 4))
        y = tf.nn.softmax(tf.matmul(y, tf.constant(value("dense/kernel", (6 * 6 * 4, 3), 1))))
        (folder / "one_picture.pb").write_bytes(graph.as_graph_def().SerializeToString())
        expected(folder, "one_picture", session.run(y, {x: fixture.reference_input(SHAPE)}))


def frozen_sigmoid(folder: Path) -> None:
    model = classifier(activation="sigmoid", classes=1)
    (folder / "frozen_sigmoid.pb").write_bytes(frozen(model).SerializeToString())
    expected(folder, "frozen_sigmoid", model(fixture.reference_input(SHAPE)))


class Bytes(tf.Module):
    """Pixels as bytes, scaled by the model itself."""

    @tf.function(input_signature=[tf.TensorSpec((None, *SHAPE), tf.uint8, name="image")])
    def serve(self, image: tf.Tensor) -> tf.Tensor:
        kernel = tf.constant(value("conv/kernel", (3, 3, 3, 4), 1))
        y = tf.nn.conv2d(tf.cast(image, tf.float32) / 255.0, kernel, 2, "SAME")
        return tf.nn.softmax(tf.reduce_mean(tf.nn.relu(y), (1, 2)))


def uint8_input(folder: Path) -> None:
    module = Bytes()
    tf.saved_model.save(module, folder / "uint8_input", signatures=module.serve)


# What must not be loaded


class Reader(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec((None, *SHAPE), tf.float32, name="image")])
    def serve(self, image: tf.Tensor) -> tf.Tensor:
        secret = tf.cast(tf.strings.length(tf.io.read_file("/etc/passwd")), tf.float32)
        return tf.nn.softmax(tf.reduce_mean(image, (1, 2)) + secret)


class Python(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec((None, *SHAPE), tf.float32, name="image")])
    def serve(self, image: tf.Tensor) -> tf.Tensor:
        y = tf.numpy_function(lambda v: v, [tf.reduce_mean(image, (1, 2))], tf.float32)
        return tf.nn.softmax(tf.ensure_shape(y, (None, 3)))


def refused(folder: Path) -> None:
    for name, module in [("reads_file", Reader()), ("python_function", Python())]:
        tf.saved_model.save(module, folder / "refused" / name, signatures=module.serve)
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, (None, *SHAPE), name="x")
        stolen = tf.raw_ops.ImmutableConst(
            dtype=tf.float32, shape=(3,), memory_region_name="/etc/passwd"
        )
        tf.nn.softmax(tf.reduce_mean(x, (1, 2)) + stolen, name="y")
    (folder / "refused" / "maps_file.pb").write_bytes(graph.as_graph_def().SerializeToString())


MAKERS: list[Callable[[Path], None]] = [
    keras_export,
    any_size,
    two_outputs,
    uint8_input,
    tf1_variables,
    tf1_frozen,
    tf1_condition,
    one_picture,
    frozen_sigmoid,
    tfjs_layers,
    tfjs_graph,
    refused,
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="*", metavar="NAME")
    parser.add_argument("--out", type=Path, default=fixture.FIXTURES / "saved-models")
    options = parser.parse_args()
    for maker in MAKERS:
        name = maker.__name__
        if options.only and name not in options.only:
            continue
        shutil.rmtree(options.out / name, ignore_errors=True)
        maker(options.out)
        for unread in [*options.out.rglob("fingerprint.pb"), *options.out.rglob("assets")]:
            if unread.is_dir():
                shutil.rmtree(unread)
            else:
                unread.unlink()
        print(name)


if __name__ == "__main__":
    main()
