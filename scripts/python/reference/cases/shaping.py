"""Layers that move pixels about: flatten, reshape, permute, pad, crop, upsample."""

from cases.case import Case, chain
from keras import layers as L

SMALL = (4, 5, 3)

CASES: list[Case] = [
    chain("flatten", lambda: L.Flatten(), shape=SMALL),
    chain("flatten-rank-2", lambda: L.Flatten(), shape=(7,)),
    chain(
        "flatten-after-conv-dense", lambda: L.Conv2D(3, 3), lambda: L.Flatten(), lambda: L.Dense(5)
    ),
    chain("reshape", lambda: L.Reshape((6, 10)), shape=SMALL),
    chain("reshape-minus-1", lambda: L.Reshape((-1, 3)), shape=SMALL),
    chain("reshape-to-image", lambda: L.Reshape((7, 7, 1)), lambda: L.Conv2D(3, 3), shape=(49,)),
    chain("permute", lambda: L.Permute((3, 1, 2)), shape=SMALL),
    chain("permute-rank-3", lambda: L.Permute((2, 1)), shape=(6, 7)),
    chain("repeat-vector", lambda: L.RepeatVector(4), shape=(7,)),
    chain("zero-padding", lambda: L.ZeroPadding2D(2), shape=SMALL),
    chain("zero-padding-pair", lambda: L.ZeroPadding2D((1, 2)), shape=SMALL),
    chain("zero-padding-pairs", lambda: L.ZeroPadding2D(((0, 1), (2, 3))), shape=SMALL),
    chain(
        "zero-padding-before-conv-stride-2",
        lambda: L.ZeroPadding2D(((0, 1), (0, 1))),
        lambda: L.Conv2D(4, 3, strides=2),
    ),
    chain(
        "zero-padding-before-max-pool",
        lambda: L.ZeroPadding2D(1),
        lambda: L.MaxPooling2D(3, 2),
        shift=-3,
    ),
    chain("zero-padding-1d", lambda: L.ZeroPadding1D((1, 2)), shape=(6, 7)),
    chain("cropping", lambda: L.Cropping2D(1)),
    chain("cropping-pair", lambda: L.Cropping2D((1, 2))),
    chain("cropping-pairs", lambda: L.Cropping2D(((0, 1), (2, 3)))),
    chain("cropping-1d", lambda: L.Cropping1D((1, 2)), shape=(6, 7)),
    chain("upsampling-nearest", lambda: L.UpSampling2D(), shape=SMALL),
    chain("upsampling-nearest-3-2", lambda: L.UpSampling2D((3, 2)), shape=SMALL),
    chain("upsampling-bilinear", lambda: L.UpSampling2D(interpolation="bilinear"), shape=SMALL),
    chain(
        "upsampling-bilinear-3-2",
        lambda: L.UpSampling2D((3, 2), interpolation="bilinear"),
        shape=SMALL,
    ),
    chain("upsampling-bicubic", lambda: L.UpSampling2D(interpolation="bicubic"), shape=SMALL),
    chain("upsampling-lanczos3", lambda: L.UpSampling2D(interpolation="lanczos3"), shape=SMALL),
    chain("upsampling-1d", lambda: L.UpSampling1D(3), shape=(6, 7)),
]
