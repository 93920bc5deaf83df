"""Attention over sequences and images, and a vision transformer without an embedding table."""

from typing import Any

import keras
from keras import layers as L

from cases.case import Case, chain, graph

SEQUENCE = (6, 8)


def self_attention(x: Any, **options: Any) -> Any:
    settings = {"num_heads": 2, "key_dim": 3, **options}
    return L.MultiHeadAttention(**settings)(x, x)


def cross_attention(x: Any) -> Any:
    return L.MultiHeadAttention(2, 3)(x[:, :2, :], x)


def separate_key(x: Any) -> Any:
    return L.MultiHeadAttention(2, 3)(L.Dense(8)(x), value=x, key=L.Dense(7)(x))


def vision_transformer(x: Any) -> Any:
    """Patches, one pre-norm block, a mean over the patches, a classifier."""
    x = L.Conv2D(8, 4, strides=4, name="patches")(x)
    x = L.Reshape((-1, 8))(x)
    y = L.LayerNormalization(epsilon=1e-6)(x)
    y = L.MultiHeadAttention(num_heads=2, key_dim=4, dropout=0.1, seed=1)(y, y)
    x = L.Add()([x, y])
    y = L.LayerNormalization(epsilon=1e-6)(x)
    y = L.Dense(16, activation="gelu")(y)
    y = L.Dropout(0.1, seed=1)(y)
    y = L.Dense(8)(y)
    x = L.Add()([x, y])
    x = L.LayerNormalization(epsilon=1e-6)(x)
    return L.Dense(10, activation="softmax")(L.GlobalAveragePooling1D()(x))


def flattened_transformer(x: Any) -> Any:
    """The form of the Keras example: patches by reshape and transpose, x + y by the operator."""
    x = keras.ops.reshape(x, (-1, 2, 4, 2, 4, 3))
    x = keras.ops.transpose(x, (0, 1, 3, 2, 4, 5))
    x = keras.ops.reshape(x, (-1, 4, 48))
    x = L.Dense(8)(x)
    y = L.LayerNormalization()(x)
    x = x + L.MultiHeadAttention(2, 4)(y, y)
    return L.Dense(5)(L.Flatten()(x))


CASES: list[Case] = [
    graph("mha", self_attention, shape=SEQUENCE),
    graph("mha-value-dim", lambda x: self_attention(x, value_dim=5), shape=SEQUENCE),
    graph("mha-output-shape", lambda x: self_attention(x, output_shape=4), shape=SEQUENCE),
    graph("mha-no-bias", lambda x: self_attention(x, use_bias=False), shape=SEQUENCE),
    graph("mha-one-head", lambda x: self_attention(x, num_heads=1), shape=SEQUENCE),
    graph(
        "mha-causal",
        lambda x: L.MultiHeadAttention(2, 3)(x, x, use_causal_mask=True),
        shape=SEQUENCE,
    ),
    graph("mha-cross", cross_attention, shape=SEQUENCE),
    graph("mha-separate-key", separate_key, shape=SEQUENCE),
    graph("mha-image-all-positions", self_attention, shape=(3, 4, 5)),
    graph("mha-attention-axes", lambda x: self_attention(x, attention_axes=(2,)), shape=(3, 4, 5)),
    graph("group-query-attention", lambda x: L.GroupQueryAttention(3, 4, 2)(x, x), shape=SEQUENCE),
    graph(
        "attention-dot", lambda x: L.Attention(use_scale=True)([x, L.Dense(8)(x)]), shape=SEQUENCE
    ),
    graph(
        "attention-additive", lambda x: L.AdditiveAttention()([x, L.Dense(8)(x)]), shape=SEQUENCE
    ),
    graph("vit", vision_transformer),
    graph("vit-operations", flattened_transformer),
    chain("time-distributed-dense", lambda: L.TimeDistributed(L.Dense(4)), shape=SEQUENCE),
    chain("time-distributed-conv", lambda: L.TimeDistributed(L.Conv2D(2, 3)), shape=(3, 6, 6, 2)),
]
