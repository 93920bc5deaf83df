"""Writes an ONNX graph from a Keras .h5 checkpoint, layer by layer: plain convolutional classifiers.

python to_onnx.py CHECKPOINT.h5 OUT.onnx [--check]
"""
import json
import sys

import h5py
import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save


class Graph:
    def __init__(self):
        self.nodes, self.weights = [], []

    def weight(self, value):
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, op, *inputs, **attributes):
        name = f"{op}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], name=name, **attributes))
        return name


def activation(g, x, name, rank):
    if name in (None, "linear"):
        return x
    if name == "relu":
        return g.add("Relu", x)
    if name == "relu6":
        return clipped(g, x, 6)
    if name == "sigmoid":
        return g.add("Sigmoid", x)
    if name == "softmax":
        return g.add("Softmax", x, axis=1 if rank == 4 else -1)
    raise SystemExit(f"activation {name} is not covered")


def clipped(g, x, most):
    return g.add("Clip", x, g.weight(np.float32(0)), g.weight(np.float32(most)))


def padding(config):
    if config["padding"] == "same":
        return {"auto_pad": "SAME_UPPER"}
    return {"auto_pad": "VALID"}


def convolution(g, config, weights, x):
    kernel = weights["kernel"].transpose(3, 2, 0, 1)
    bias = [g.weight(weights["bias"])] if config["use_bias"] else []
    y = g.add("Conv", x, g.weight(kernel), *bias, strides=config["strides"], dilations=config["dilation_rate"],
              group=config.get("groups", 1), **padding(config))
    return activation(g, y, config["activation"], 4)


def depthwise(g, config, weights, x):
    kernel = weights.get("depthwise_kernel", weights.get("kernel"))
    height, width, channels, multiplier = kernel.shape
    kernel = kernel.transpose(2, 3, 0, 1).reshape(channels * multiplier, 1, height, width)
    bias = [g.weight(weights["bias"])] if config["use_bias"] else []
    y = g.add("Conv", x, g.weight(kernel), *bias, strides=config["strides"], group=channels, **padding(config))
    return activation(g, y, config["activation"], 4)


def dense(g, config, weights, x):
    y = g.add("MatMul", x, g.weight(weights["kernel"]))
    if config["use_bias"]:
        y = g.add("Add", y, g.weight(weights["bias"]))
    return activation(g, y, config["activation"], 2)


def batch_norm(g, config, weights, x):
    names = ["gamma", "beta", "moving_mean", "moving_variance"]
    return g.add("BatchNormalization", x, *(g.weight(weights[name]) for name in names), epsilon=config["epsilon"])


def relu(g, config, _weights, x):
    most = config.get("max_value")
    return g.add("Relu", x) if most is None else clipped(g, x, most)


def zero_padding(g, config, _weights, x):
    (top, bottom), (left, right) = config["padding"]
    return g.add("Pad", x, g.weight(np.array([0, 0, top, left, 0, 0, bottom, right], dtype=np.int64)))


def flatten(g, _config, _weights, x):
    return g.add("Flatten", g.add("Transpose", x, perm=[0, 2, 3, 1]))


LAYERS = {
    "Conv2D": convolution,
    "DepthwiseConv2D": depthwise,
    "Dense": dense,
    "BatchNormalization": batch_norm,
    "ReLU": relu,
    "Activation": lambda g, config, _w, x: activation(g, x, config["activation"], 4),
    "ZeroPadding2D": zero_padding,
    "MaxPooling2D": lambda g, config, _w, x: g.add(
        "MaxPool", x, kernel_shape=config["pool_size"], strides=config["strides"], **padding(config)),
    "GlobalAveragePooling2D": lambda g, _c, _w, x: g.add("Flatten", g.add("GlobalAveragePool", x)),
    "Flatten": flatten,
    "Dropout": lambda _g, _c, _w, x: x,
    "Add": lambda g, _c, _w, *xs: g.add("Add", *xs),
}


def tensors(value):
    """Names of the layers whose outputs stand in a Keras 3 call."""
    if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
        yield value["config"]["keras_history"][0]
    elif isinstance(value, dict):
        for item in value.values():
            yield from tensors(item)
    elif isinstance(value, list):
        for item in value:
            yield from tensors(item)


def layer_weights(file, name):
    found = {}
    group = file["model_weights"].get(name)
    if group is not None:
        group.visititems(lambda path, item: found.__setitem__(path.split("/")[-1].split(":")[0], item[()])
                         if isinstance(item, h5py.Dataset) else None)
    return found


def convert(source, target):
    with h5py.File(source) as file:
        config = json.loads(file.attrs["model_config"])["config"]
        g, outputs, previous, shape = Graph(), {}, None, None
        for layer in config["layers"]:
            settings = layer["config"]
            name = settings["name"]
            if layer["class_name"] == "InputLayer":
                shape = settings.get("batch_shape") or settings["batch_input_shape"]
                outputs[name] = g.add("Transpose", "x", perm=[0, 3, 1, 2])
            else:
                inputs = list(tensors(layer.get("inbound_nodes", []))) or [previous]
                build = LAYERS.get(layer["class_name"])
                if build is None:
                    raise SystemExit(f"layer {layer['class_name']} is not covered")
                outputs[name] = build(g, settings, layer_weights(file, name), *(outputs[at] for at in inputs))
            previous = name
    g.nodes.append(helper.make_node("Identity", [outputs[previous]], ["y"]))
    graph = helper.make_graph(
        g.nodes, "model",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", *shape[1:]])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", None])],
        g.weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    checker.check_model(model)
    save(model, target)
    return shape


def check(source, target, shape):
    import keras
    import onnxruntime

    values = np.random.default_rng(1).random((4, *shape[1:]), dtype=np.float32)
    expected = keras.models.load_model(source, compile=False).predict(values, verbose=0)
    (found,) = onnxruntime.InferenceSession(target).run(["y"], {"x": values})
    print(f"largest difference from Keras: {np.abs(expected - found).max():.2e}")


if __name__ == "__main__":
    source, target, *flags = sys.argv[1:]
    size = convert(source, target)
    if "--check" in flags:
        check(source, target, size)
