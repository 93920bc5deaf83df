"""Writes test/fixtures/hostile/: HDF5 files that h5wasm, which the tests use, cannot write.

Each is a Keras 2 checkpoint of the classifier Flatten + Dense(3) on pictures 2x2, whose kernel is not what it seems.

    python scripts/python/hostile_files.py        (needs h5py and NumPy)
"""

import json
import pathlib

import h5py
import numpy as np

FOLDER = pathlib.Path(__file__).parents[2] / "test" / "fixtures" / "hostile"

CONFIG = {
    "class_name": "Sequential",
    "config": {
        "name": "small",
        "layers": [
            {"class_name": "InputLayer", "config": {"name": "image", "batch_shape": [None, 2, 2, 1]}},
            {"class_name": "Flatten", "config": {"name": "flatten"}},
            {"class_name": "Dense", "config": {"name": "dense", "units": 3, "activation": "softmax"}},
        ],
    },
}

VALUES = np.arange(12, dtype="float32").reshape(4, 3)


def external_data(group):
    """The values are the first bytes of a file of the machine."""
    group.create_dataset("kernel:0", shape=(4, 3), dtype="f4", external=[("/etc/passwd", 0, 48)])


def virtual(group):
    layout = h5py.VirtualLayout(shape=(4, 3), dtype="f4")
    layout[:] = h5py.VirtualSource("/etc/other.h5", "kernel", shape=(4, 3))
    group.create_virtual_dataset("kernel:0", layout)


def lzf(group):
    group.create_dataset("kernel:0", data=VALUES, compression="lzf")


def gzip(group):
    """Legitimate, should somebody compress a checkpoint with h5repack."""
    group.create_dataset("kernel:0", data=VALUES, compression="gzip", shuffle=True, fletcher32=True)


def big_endian(group):
    group.create_dataset("kernel:0", data=VALUES.astype(">f8"))


def fill_value(group):
    """4e12 bytes, none of them stored."""
    group.create_dataset("kernel:0", shape=(10**6, 10**6), dtype="f4", chunks=(1000, 1000), fillvalue=1)


def fitting_fill_value(group):
    """40,000,000 bytes, none of them stored, under an architecture that asks for them."""
    group.create_dataset("kernel:0", shape=(4, 2_500_000), dtype="f4", chunks=(4, 1000))


def large_chunk(group):
    """The chunk that holds 12 numbers is 2 GB wide."""
    group.create_dataset("kernel:0", shape=(4, 3), maxshape=(None, None), dtype="f4", chunks=(4, 2**27))


def bad_checksum(group):
    dataset = group.create_dataset("kernel:0", data=VALUES, chunks=(4, 3), fletcher32=True)
    group.file.flush()
    dataset.id.write_direct_chunk((0, 0), bytes(range(52)))


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for make in (external_data, virtual, lzf, gzip, big_endian, fill_value, fitting_fill_value, large_chunk, bad_checksum):
        with h5py.File(FOLDER / f"{make.__name__.replace('_', '-')}.h5", "w") as file:
            config = json.loads(json.dumps(CONFIG))
            if make is fitting_fill_value:
                config["config"]["layers"][2]["config"]["units"] = 2_500_000
            file.attrs["keras_version"] = "2.15.0"
            file.attrs["model_config"] = json.dumps(config)
            root = file.create_group("model_weights")
            root.attrs["layer_names"] = np.array([b"dense"])
            dense = root.create_group("dense")
            dense.attrs["weight_names"] = np.array([b"dense/kernel:0", b"dense/bias:0"])
            inner = dense.create_group("dense")
            make(inner)
            units = config["config"]["layers"][2]["config"]["units"]
            inner.create_dataset("bias:0", shape=(units,), dtype="f4", chunks=None if units == 3 else (1000,))


if __name__ == "__main__":
    main()
