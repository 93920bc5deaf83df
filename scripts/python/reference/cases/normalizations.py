"""Normalizations, and the places of BatchNormalization from which it may be folded away."""

import numpy as np

from cases.case import Case, chain, graph
from keras import layers as L

SMALL = (6, 6, 4)

CASES: list[Case] = [
    chain("batch-norm", lambda: L.BatchNormalization()),
    chain("batch-norm-twice", lambda: L.BatchNormalization(), lambda: L.BatchNormalization()),
    chain("batch-norm-no-center", lambda: L.BatchNormalization(center=False)),
    chain("batch-norm-no-scale", lambda: L.BatchNormalization(scale=False)),
    chain("batch-norm-no-center-no-scale", lambda: L.BatchNormalization(center=False, scale=False)),
    chain("batch-norm-epsilon", lambda: L.BatchNormalization(epsilon=1e-5, momentum=0.9)),
    chain("batch-norm-axis-list", lambda: L.BatchNormalization(), config_edits={"axis": [3]}),
    chain("batch-norm-axis-3", lambda: L.BatchNormalization(axis=3)),
    chain("batch-norm-axis-1", lambda: L.BatchNormalization(axis=1)),
    chain("batch-norm-renorm", lambda: L.BatchNormalization(renorm=True)),
    chain("batch-norm-rank-2", lambda: L.BatchNormalization(), shape=(7,)),
    chain("batch-norm-rank-3", lambda: L.BatchNormalization(), shape=(6, 7)),
    chain("batch-norm-after-conv", lambda: L.Conv2D(4, 3), lambda: L.BatchNormalization()),
    chain(
        "batch-norm-after-conv-no-bias",
        lambda: L.Conv2D(4, 3, use_bias=False),
        lambda: L.BatchNormalization(),
        lambda: L.ReLU(),
    ),
    chain(
        "batch-norm-after-conv-relu",
        lambda: L.Conv2D(4, 3, activation="relu"),
        lambda: L.BatchNormalization(),
    ),
    chain("batch-norm-before-conv-valid", lambda: L.BatchNormalization(), lambda: L.Conv2D(4, 3)),
    chain(
        "batch-norm-before-conv-same",
        lambda: L.BatchNormalization(),
        lambda: L.Conv2D(4, 3, padding="same"),
    ),
    chain(
        "batch-norm-before-padding",
        lambda: L.BatchNormalization(),
        lambda: L.ZeroPadding2D(1),
        lambda: L.Conv2D(4, 3),
    ),
    chain(
        "batch-norm-after-depthwise",
        lambda: L.DepthwiseConv2D(3, depth_multiplier=2, use_bias=False),
        lambda: L.BatchNormalization(),
    ),
    chain(
        "batch-norm-before-depthwise", lambda: L.BatchNormalization(), lambda: L.DepthwiseConv2D(3)
    ),
    chain(
        "batch-norm-after-separable",
        lambda: L.SeparableConv2D(4, 3),
        lambda: L.BatchNormalization(),
    ),
    chain(
        "batch-norm-before-separable",
        lambda: L.BatchNormalization(),
        lambda: L.SeparableConv2D(4, 3, depth_multiplier=2),
    ),
    chain(
        "batch-norm-after-groups",
        lambda: L.Conv2D(6, 3, groups=2),
        lambda: L.BatchNormalization(),
        shape=(8, 8, 4),
    ),
    chain(
        "batch-norm-before-groups",
        lambda: L.BatchNormalization(),
        lambda: L.Conv2D(6, 3, groups=2),
        shape=(8, 8, 4),
    ),
    chain(
        "batch-norm-after-transpose",
        lambda: L.Conv2DTranspose(3, 3, strides=2, padding="same"),
        lambda: L.BatchNormalization(),
        shape=(4, 5, 3),
    ),
    chain(
        "batch-norm-before-transpose",
        lambda: L.BatchNormalization(),
        lambda: L.Conv2DTranspose(3, 3, strides=2, padding="same"),
        shape=(4, 5, 3),
    ),
    chain("batch-norm-after-dense", lambda: L.Dense(6), lambda: L.BatchNormalization(), shape=(7,)),
    chain(
        "batch-norm-before-dense", lambda: L.BatchNormalization(), lambda: L.Dense(6), shape=(7,)
    ),
    chain(
        "batch-norm-flatten-dense",
        lambda: L.BatchNormalization(),
        lambda: L.Flatten(),
        lambda: L.Dense(6),
    ),
    chain(
        "batch-norm-pool-conv",
        lambda: L.BatchNormalization(),
        lambda: L.AveragePooling2D(2, padding="same"),
        lambda: L.Conv2D(4, 2),
        shape=(7, 9, 3),
    ),
    graph(
        "batch-norm-two-readers",
        lambda x: (lambda y: L.Add()([L.BatchNormalization()(y), y]))(L.Conv2D(4, 3)(x)),
    ),
    graph("batch-norm-training-false", lambda x: L.BatchNormalization()(x, training=False)),
    chain("layer-norm", lambda: L.LayerNormalization(), shape=SMALL),
    chain("layer-norm-epsilon", lambda: L.LayerNormalization(epsilon=1e-6), shape=(6, 7)),
    chain("layer-norm-several-axes", lambda: L.LayerNormalization(axis=[1, 2, 3]), shape=SMALL),
    chain("layer-norm-axes-spatial", lambda: L.LayerNormalization(axis=[1, 2]), shape=SMALL),
    chain("layer-norm-axis-1", lambda: L.LayerNormalization(axis=1), shape=(6, 7)),
    chain("layer-norm-no-center", lambda: L.LayerNormalization(center=False), shape=(6, 7)),
    chain("layer-norm-no-scale", lambda: L.LayerNormalization(scale=False), shape=(6, 7)),
    chain("rms-norm", lambda: L.RMSNormalization(), shape=(6, 7)),
    chain("group-norm-1", lambda: L.GroupNormalization(groups=1), shape=SMALL),
    chain("group-norm-2", lambda: L.GroupNormalization(groups=2), shape=SMALL),
    chain("group-norm-minus-1", lambda: L.GroupNormalization(groups=-1), shape=SMALL),
    chain(
        "group-norm-no-center-no-scale",
        lambda: L.GroupNormalization(groups=2, center=False, scale=False, epsilon=1e-5),
        shape=SMALL,
    ),
    chain("unit-norm", lambda: L.UnitNormalization(), shape=(6, 7)),
    chain("unit-norm-axes", lambda: L.UnitNormalization(axis=[1, 2]), shape=(6, 7)),
    chain("unit-norm-tiny", lambda: L.UnitNormalization(), shape=(6, 7), scale=1e-6, shift=-5e-7),
    chain("spectral-norm-conv", lambda: L.SpectralNormalization(L.Conv2D(4, 3))),
    chain(
        "normalization-given",
        lambda: L.Normalization(mean=[0.4, 0.5, 0.3], variance=[0.04, 0.06, 0.09]),
    ),
    chain(
        "normalization-given-numpy",
        lambda: L.Normalization(
            mean=np.array([0.4, 0.5, 0.3]), variance=np.array([0.04, 0.06, 0.09])
        ),
    ),
    chain(
        "normalization-given-scalar", lambda: L.Normalization(axis=None, mean=0.3, variance=0.25)
    ),
    chain(
        "normalization-given-invert",
        lambda: L.Normalization(mean=[0.4, 0.5, 0.3], variance=[0.04, 0.06, 0.09], invert=True),
    ),
    chain(
        "normalization-zero-variance",
        lambda: L.Normalization(mean=[0.4, 0.5, 0.3], variance=[0.0, 1e-16, 1.0]),
    ),
    chain("normalization-weights", lambda: L.Normalization()),
    chain("normalization-weights-invert", lambda: L.Normalization(invert=True)),
    chain("normalization-weights-axis-none", lambda: L.Normalization(axis=None)),
    chain("rescaling", lambda: L.Rescaling(1 / 255), scale=255, shift=0),
    chain("rescaling-offset", lambda: L.Rescaling(1 / 127.5, offset=-1), scale=255, shift=0),
    chain(
        "rescaling-per-channel",
        lambda: L.Rescaling([0.5, 1.5, 2.0], offset=[-0.1, 0.0, 0.3]),
    ),
    chain(
        "rescaling-before-conv-same",
        lambda: L.Rescaling(2.0, offset=0.7),
        lambda: L.Conv2D(4, 3, padding="same"),
    ),
]
