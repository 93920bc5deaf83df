"""Pooling. An average with padding "same" counts only the pixels that lie in the image."""

from cases.case import Case, chain
from keras import layers as L

ODD = (7, 9, 3)

CASES: list[Case] = [
    chain("max-pool", lambda: L.MaxPooling2D()),
    chain("max-pool-odd-valid", lambda: L.MaxPooling2D(2), shape=ODD),
    chain("max-pool-odd-same", lambda: L.MaxPooling2D(2, padding="same"), shape=ODD),
    chain("max-pool-3-stride-2-same", lambda: L.MaxPooling2D(3, strides=2, padding="same")),
    chain("max-pool-3-stride-1-same", lambda: L.MaxPooling2D(3, strides=1, padding="same")),
    chain("max-pool-3x2-stride-2x1", lambda: L.MaxPooling2D((3, 2), strides=(2, 1))),
    chain(
        "max-pool-same-all-negative",
        lambda: L.MaxPooling2D(3, strides=2, padding="same"),
        shape=ODD,
        shift=-3,
    ),
    chain("average-pool", lambda: L.AveragePooling2D(2)),
    chain("average-pool-odd-valid", lambda: L.AveragePooling2D(2), shape=ODD),
    chain("average-pool-odd-same", lambda: L.AveragePooling2D(2, padding="same"), shape=ODD),
    chain("average-pool-3-stride-2-same", lambda: L.AveragePooling2D(3, strides=2, padding="same")),
    chain(
        "average-pool-3-stride-1-same",
        lambda: L.AveragePooling2D(3, strides=1, padding="same"),
        shape=ODD,
    ),
    chain("global-average-pool", lambda: L.GlobalAveragePooling2D()),
    chain("global-average-pool-keepdims", lambda: L.GlobalAveragePooling2D(keepdims=True)),
    chain("global-max-pool", lambda: L.GlobalMaxPooling2D()),
    chain("global-max-pool-keepdims", lambda: L.GlobalMaxPooling2D(keepdims=True)),
    chain("adaptive-average-pool-even", lambda: L.AdaptiveAveragePooling2D(4)),
    chain("adaptive-average-pool-uneven", lambda: L.AdaptiveAveragePooling2D((3, 5))),
    chain("adaptive-max-pool-uneven", lambda: L.AdaptiveMaxPooling2D((3, 5))),
    chain("max-pool-1d-same", lambda: L.MaxPooling1D(2, padding="same"), shape=(11, 3)),
    chain(
        "average-pool-1d-same",
        lambda: L.AveragePooling1D(3, strides=2, padding="same"),
        shape=(12, 3),
    ),
    chain("global-average-pool-1d", lambda: L.GlobalAveragePooling1D(), shape=(12, 3)),
    chain("global-max-pool-1d", lambda: L.GlobalMaxPooling1D(keepdims=True), shape=(12, 3)),
]
