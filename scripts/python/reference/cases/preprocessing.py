"""Resizing and cropping of images, and the layers that only act in training.

The random layers are the identity at inference, RandomCrop with them: it leaves the size as it is
though its output shape says otherwise. They have a seed so that their config is the same at each run.
"""

from functools import partial

from cases.case import Case, chain
from keras import layers as L

SEVEN = {"shape": (7, 9, 2)}

CASES: list[Case] = [
    chain("resizing-bilinear-down", lambda: L.Resizing(4, 5), **SEVEN),
    chain("resizing-bilinear-up", lambda: L.Resizing(11, 12), **SEVEN),
    chain("resizing-bilinear-half", lambda: L.Resizing(4, 4)),
    chain("resizing-bilinear-same-size", lambda: L.Resizing(7, 9), **SEVEN),
    chain("resizing-nearest-down", lambda: L.Resizing(4, 5, interpolation="nearest"), **SEVEN),
    chain("resizing-nearest-up", lambda: L.Resizing(11, 12, interpolation="nearest"), **SEVEN),
    chain("resizing-nearest-half", lambda: L.Resizing(4, 4, interpolation="nearest")),
    chain("resizing-bicubic-down", lambda: L.Resizing(4, 5, interpolation="bicubic"), **SEVEN),
    chain("resizing-bicubic-up", lambda: L.Resizing(11, 12, interpolation="bicubic"), **SEVEN),
    chain("resizing-lanczos3-up", lambda: L.Resizing(11, 12, interpolation="lanczos3"), **SEVEN),
    chain("resizing-bilinear-antialias", lambda: L.Resizing(4, 5, antialias=True), **SEVEN),
    chain(
        "resizing-crop-to-aspect-ratio",
        lambda: L.Resizing(5, 5, crop_to_aspect_ratio=True),
        **SEVEN,
    ),
    chain(
        "resizing-crop-to-aspect-ratio-tall",
        lambda: L.Resizing(6, 3, crop_to_aspect_ratio=True),
        **SEVEN,
    ),
    chain(
        "resizing-pad-to-aspect-ratio", lambda: L.Resizing(6, 6, pad_to_aspect_ratio=True), **SEVEN
    ),
    chain(
        "resizing-pad-fill-value",
        lambda: L.Resizing(8, 4, pad_to_aspect_ratio=True, fill_value=0.5),
        **SEVEN,
    ),
    chain(
        "resizing-rescaling-conv",
        lambda: L.Resizing(6, 6),
        lambda: L.Rescaling(1 / 255),
        lambda: L.Conv2D(4, 3),
        scale=255,
        shift=0,
    ),
    chain("center-crop-even", lambda: L.CenterCrop(4, 4)),
    chain("center-crop-odd", lambda: L.CenterCrop(4, 4), **SEVEN),
    chain("center-crop-equal", lambda: L.CenterCrop(7, 9), **SEVEN),
    chain("center-crop-larger", lambda: L.CenterCrop(10, 10), **SEVEN),
    chain("random-crop-equal", lambda: L.RandomCrop(7, 9, seed=1), **SEVEN),
    chain("random-crop-smaller", lambda: L.RandomCrop(4, 5, seed=1), **SEVEN),
    chain("random-crop-square-of-wide", lambda: L.RandomCrop(5, 5, seed=1), **SEVEN),
    chain("random-crop-larger", lambda: L.RandomCrop(10, 10, seed=1), **SEVEN),
    *(
        chain(f"training-only-{name}", maker, lambda: L.Dense(3), shape=(4, 4, 3))
        for name, maker in {
            "identity": L.Identity,
            "dropout": partial(L.Dropout, 0.5, seed=1),
            "spatial-dropout": partial(L.SpatialDropout2D, 0.5, seed=1),
            "gaussian-noise": partial(L.GaussianNoise, 0.5, seed=1),
            "gaussian-dropout": partial(L.GaussianDropout, 0.5, seed=1),
            "alpha-dropout": partial(L.AlphaDropout, 0.5, seed=1),
            "activity-regularization": partial(L.ActivityRegularization, l1=0.1, l2=0.1),
            "random-flip": partial(L.RandomFlip, "horizontal_and_vertical", seed=1),
            "random-rotation": partial(L.RandomRotation, 0.2, seed=1),
            "random-zoom": partial(L.RandomZoom, 0.2, seed=1),
            "random-translation": partial(L.RandomTranslation, 0.2, 0.1, seed=1),
            "random-shear": partial(L.RandomShear, 0.2, 0.1, seed=1),
            "random-perspective": partial(L.RandomPerspective, seed=1),
            "random-elastic-transform": partial(L.RandomElasticTransform, seed=1),
            "random-erasing": partial(L.RandomErasing, seed=1),
        }.items()
    ),
    *(
        chain(
            f"training-only-{name}",
            maker,
            lambda: L.Rescaling(1 / 255),
            shape=(4, 4, 3),
            scale=255,
            shift=0,
        )
        for name, maker in {
            "random-contrast": partial(L.RandomContrast, 0.2, seed=1),
            "random-brightness": partial(L.RandomBrightness, 0.2, seed=1),
            "random-saturation": partial(L.RandomSaturation, 0.2, seed=1),
            "random-hue": partial(L.RandomHue, 0.2, seed=1),
            "random-sharpness": partial(L.RandomSharpness, 0.2, seed=1),
            "random-grayscale": partial(L.RandomGrayscale, 0.5, seed=1),
            "random-color-jitter": partial(L.RandomColorJitter, brightness_factor=0.2, seed=1),
            "random-color-degeneration": partial(L.RandomColorDegeneration, 0.5, seed=1),
            "random-posterization": partial(L.RandomPosterization, 4, seed=1),
            "random-invert": partial(L.RandomInvert, seed=1),
            "random-gaussian-blur": partial(L.RandomGaussianBlur, seed=1),
            "rand-augment": partial(L.RandAugment, seed=1),
            "aug-mix": partial(L.AugMix, seed=1),
            "mix-up": partial(L.MixUp, seed=1),
            "cut-mix": partial(L.CutMix, seed=1),
            "solarization": partial(L.Solarization, seed=1),
        }.items()
    ),
]
