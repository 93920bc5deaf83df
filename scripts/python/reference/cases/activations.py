"""Activations: every name Keras 3.15 knows, as a layer and as an option, and the activation layers.

`threshold` is missing: it has two arguments without defaults, so a name alone cannot call it.
"""

from functools import partial

from cases.case import Case, chain, graph
from keras import layers as L

NAMES = (
    "celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu "
    "linear log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus "
    "softsign sparse_plus sparse_sigmoid sparsemax squareplus swish tanh tanh_shrink"
).split()

SHAPE = (5, 5, 4)
WIDE = {"shape": SHAPE, "scale": 16, "shift": -8}

CASES: list[Case] = [
    *(
        chain(f"activation-{name.replace('_', '-')}", partial(L.Activation, name), **WIDE)
        for name in NAMES
    ),
    *(
        chain(
            f"dense-{name.replace('_', '-')}",
            partial(L.Dense, 6, activation=name),
            shape=(5,),
            scale=6,
            shift=-3,
        )
        for name in (
            "relu6",
            "leaky_relu",
            "elu",
            "selu",
            "gelu",
            "silu",
            "hard_sigmoid",
            "hard_silu",
        )
    ),
    graph("activation-functional", lambda x: L.Activation("swish")(x), **WIDE),
    chain("relu", lambda: L.ReLU(), **WIDE),
    chain("relu-max-value", lambda: L.ReLU(max_value=3.5), **WIDE),
    chain("relu-threshold", lambda: L.ReLU(threshold=1.5), **WIDE),
    chain("relu-negative-slope", lambda: L.ReLU(negative_slope=0.1), **WIDE),
    chain(
        "relu-all-options", lambda: L.ReLU(max_value=5.0, negative_slope=0.2, threshold=1.0), **WIDE
    ),
    chain("leaky-relu", lambda: L.LeakyReLU(), **WIDE),
    chain("leaky-relu-slope", lambda: L.LeakyReLU(negative_slope=0.05), **WIDE),
    chain("prelu", lambda: L.PReLU(), **WIDE),
    chain("prelu-shared-axes", lambda: L.PReLU(shared_axes=[1, 2]), **WIDE),
    chain("prelu-rank-2", lambda: L.PReLU(), shape=(7,)),
    chain("elu", lambda: L.ELU(), **WIDE),
    chain("elu-alpha", lambda: L.ELU(alpha=0.5), **WIDE),
    chain("softmax", lambda: L.Softmax(), **WIDE),
    chain("softmax-axis-1", lambda: L.Softmax(axis=1), **WIDE),
    chain("softmax-axes", lambda: L.Softmax(axis=[1, 2]), **WIDE),
]
