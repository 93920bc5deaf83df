"""Models in the two formats of tfjs, written as its converter does: shards, quantised weights, fused operations."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import fixture  # first: it quiets TensorFlow before Keras loads it

import keras
import numpy as np
import tensorflow as tf
from keras import layers as L
from tensorflow.core.framework import graph_pb2, node_def_pb2

from small_models import SHAPE, classifier, expected, frozen, small_model

tf1 = tf.compat.v1


def group(weights: Iterable[tuple[str, np.ndarray, str | None]]) -> tuple[list[dict], bytes, dict]:
    """The entries of a weights manifest, the bytes, and what a reader gets back from them."""
    entries, data, read = [], b"", {}
    for name, array, kind in weights:
        entry: dict[str, Any] = {
            "name": name,
            "shape": list(array.shape),
            "dtype": str(array.dtype),
        }
        stored = array
        read[name] = array
        if kind == "float16":
            stored = array.astype("float16")
            entry["quantization"] = {"dtype": kind}
            read[name] = stored.astype("float32")
        elif kind is not None:
            top = np.iinfo(kind).max
            low = float(array.min())
            scale = float(array.max() - array.min()) / top or 1.0
            stored = np.round((array.astype("float64") - low) / scale).astype(kind)
            entry["quantization"] = {"dtype": kind, "scale": scale, "min": low}
            read[name] = (stored.astype("float64") * scale + low).astype("float32")
        entries.append(entry)
        data += stored.tobytes()
    return entries, data, read


def write_tfjs(folder: Path, model: dict, entries: list[dict], data: bytes) -> None:
    """Two shards, as large models have them; the cut falls into a tensor."""
    folder.mkdir(parents=True, exist_ok=True)
    cut = len(data) // 2
    paths = []
    for number, part in enumerate([data[:cut], data[cut:]], 1):
        paths.append(f"group1-shard{number}of2.bin")
        (folder / paths[-1]).write_bytes(part)
    model["weightsManifest"] = [{"paths": paths, "weights": entries}]
    fixture.write_json(folder / "model.json", model)


def tfjs_layers(folder: Path) -> None:
    """The layers format, one kind of quantisation after another."""
    model = classifier()
    kinds = ["uint8", "uint16", "float16", None]
    named = [
        (v.path.split("/", 1)[-1] if v.path.count("/") > 1 else v.path, v) for v in model.weights
    ]
    entries, data, read = group(
        (name, np.asarray(v), kind) for (name, v), kind in zip(named, kinds, strict=True)
    )
    topology = {"keras_version": keras.__version__, "backend": "tensorflow"}
    topology["model_config"] = json.loads(model.to_json())
    write_tfjs(
        folder / "tfjs_layers", {"format": "layers-model", "modelTopology": topology}, entries, data
    )
    for name, v in named:
        v.assign(read[name])
    output = model(fixture.reference_input(SHAPE))
    expected(folder, "tfjs_layers", output, note=", weights dequantised as q * scale + min")


def fused(graph: graph_pb2.GraphDef) -> graph_pb2.GraphDef:
    """What tfjs's converter makes: convolution, bias and activation as one operation of its own."""
    names = {
        "Conv2D": "_FusedConv2D",
        "DepthwiseConv2dNative": "FusedDepthwiseConv2dNative",
        "MatMul": "_FusedMatMul",
    }
    nodes = {node.name: node for node in graph.node}
    users: dict[str, list[node_def_pb2.NodeDef]] = {}
    for node in graph.node:
        for name in node.input:
            users.setdefault(name, []).append(node)
    for node in list(graph.node):
        if node.op not in names or users[node.name][0].op != "BiasAdd":
            continue
        chain, arguments, ops = [users[node.name][0]], [users[node.name][0].input[1]], [b"BiasAdd"]
        following = users[chain[0].name]
        if len(following) == 1 and following[0].op in ("Relu", "Relu6", "Elu", "Prelu"):
            chain.append(following[0])
            ops.append(following[0].op.encode())
            arguments.extend(following[0].input[1:])
        made = node_def_pb2.NodeDef(name=chain[-1].name, op=names[node.op], device="/device:CPU:0")
        made.input.extend([*node.input, *arguments])
        for key, attribute in node.attr.items():
            made.attr[key].CopyFrom(attribute)
        made.attr["fused_ops"].list.s.extend(ops)
        made.attr["num_args"].i = len(arguments)
        made.attr["epsilon"].f = 0
        for old in [node, *chain]:
            del nodes[old.name]
        nodes[made.name] = made
    ordered = graph_pb2.GraphDef(versions=graph.versions)
    ordered.node.extend(nodes.values())
    return ordered


def with_prelu(graph: graph_pb2.GraphDef) -> None:
    """tfjs has PReLU as one operation; TensorFlow writes relu(x) - alpha * relu(-x)."""
    nodes = {node.name: node for node in graph.node}
    for add in [node for node in graph.node if "p_re_lu" in node.name and node.op == "AddV2"]:
        relu, product = (nodes[name] for name in add.input)
        negated = nodes[product.input[0]]
        add.op = "Prelu"
        alpha = negated.input[0]
        source = relu.input[0]
        del add.input[:]
        add.input.extend([source, alpha])
    used = {name for node in graph.node for name in node.input} | {"Identity"}
    for _ in range(4):
        kept = [n for n in graph.node if n.name in used or n.op in ("Placeholder", "Prelu")]
        del graph.node[:]
        graph.node.extend(kept)
        used = {name for node in graph.node for name in node.input} | {"Identity"}


def json_attribute(attribute: Any) -> dict:
    """protobuf's JSON, as the converter writes it: 64-bit numbers and bytes as text."""
    from google.protobuf.json_format import MessageToDict

    return MessageToDict(attribute)


def json_shape(*sizes: int) -> dict:
    return {"dim": [{"size": str(size)} for size in sizes]}


def tfjs_graph(folder: Path) -> None:
    model = small_model(
        L.Conv2D(8, 3, name="conv"),
        L.PReLU(shared_axes=[1, 2], name="p_re_lu"),
        L.DepthwiseConv2D(3, padding="same", activation="relu6", name="depthwise"),
        L.Conv2D(4, 1, activation="elu", name="pointwise"),
        L.Flatten(),
        L.Dense(6, activation="relu", name="hidden"),
        L.Dense(4, name="classes"),
        L.Softmax(),
    )
    graph = frozen(model)
    for node in graph.node:  # control edges only hold the reads together
        data = [name for name in node.input if not name.startswith("^")]
        del node.input[:]
        node.input.extend(data)
    simple = tf1.graph_util.remove_training_nodes(graph, ["Identity"])
    nodes = {node.name: node for node in simple.node}
    for node in simple.node:  # the bias goes through a Reshape and a Squeeze that change nothing
        if node.op == "BiasAdd" and nodes[node.input[1]].op == "Squeeze":
            node.input[1] = nodes[nodes[node.input[1]].input[0]].input[0]
    with_prelu(simple)
    small = fused(simple)
    constants = [node for node in small.node if node.op == "Const"]
    kinds = {"conv": "uint16", "pointwise": "float16"}
    weights = []
    for node in constants:
        array = tf.make_ndarray(node.attr["value"].tensor)
        kind = next((kinds[key] for key in kinds if f"/{key}_" in node.name), None)
        weights.append((node.name, array, kind if array.size > 8 else None))
    entries, data, read = group(weights)
    written = []
    for node in small.node:
        attributes = {key: json_attribute(node.attr[key]) for key in sorted(node.attr)}
        for attribute in attributes.values():
            attribute.get("tensor", {}).pop("tensorContent", None)
        record: dict[str, Any] = {"name": node.name, "op": node.op}
        if node.input:
            record["input"] = list(node.input)
        if node.device:
            record["device"] = node.device
        record["attr"] = attributes
        written.append(record)
    topology = {"node": written, "library": {}, "versions": {"producer": graph.versions.producer}}
    signature = {
        "inputs": {
            "image": {"name": "x:0", "dtype": "DT_FLOAT", "tensorShape": json_shape(-1, *SHAPE)}
        },
        "outputs": {
            "output_0": {
                "name": "Identity:0",
                "dtype": "DT_FLOAT",
                "tensorShape": json_shape(-1, 4),
            }
        },
    }
    content = {"format": "graph-model", "signature": signature, "modelTopology": topology}
    write_tfjs(folder / "tfjs_graph", content, entries, data)

    for node in graph.node:
        if node.name in read and node.op == "Const":
            node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(read[node.name]))
    with tf.Graph().as_default(), tf1.Session() as session:
        tf.import_graph_def(graph, name="")
        output = session.run("Identity:0", {"x:0": fixture.reference_input(SHAPE)})
    expected(folder, "tfjs_graph", output, note=", weights dequantised, operations not fused")
