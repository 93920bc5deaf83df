"""The table of small models, one file per subject; ALL is the whole of it."""

from cases import (
    activations,
    attention,
    composition,
    convolutions,
    merging,
    normalizations,
    operations,
    pooling,
    preprocessing,
    recurrent,
    shaping,
)
from cases.case import Case

ALL: list[Case] = [
    *convolutions.CASES,
    *pooling.CASES,
    *normalizations.CASES,
    *activations.CASES,
    *shaping.CASES,
    *preprocessing.CASES,
    *merging.CASES,
    *attention.CASES,
    *recurrent.CASES,
    *operations.CASES,
    *composition.CASES,
]
