"""Recurrent layers over sequences, and over the rows of a picture."""

from typing import Any

from keras import layers as L

from cases.case import Case, chain, graph

SEQUENCE = (5, 3)


def states(x: Any) -> Any:
    whole, hidden, carried = L.LSTM(3, return_sequences=True, return_state=True)(x)
    return L.Concatenate()([L.Flatten()(whole), hidden, carried])


CASES: list[Case] = [
    chain("simple-rnn", lambda: L.SimpleRNN(4), shape=SEQUENCE),
    chain(
        "simple-rnn-relu-no-bias",
        lambda: L.SimpleRNN(4, activation="relu", use_bias=False, return_sequences=True),
        shape=SEQUENCE,
    ),
    chain("lstm", lambda: L.LSTM(4), shape=SEQUENCE),
    chain("lstm-sequences", lambda: L.LSTM(4, return_sequences=True), shape=SEQUENCE),
    chain(
        "lstm-backwards",
        lambda: L.LSTM(4, go_backwards=True, return_sequences=True),
        shape=SEQUENCE,
    ),
    chain(
        "lstm-activations",
        lambda: L.LSTM(4, activation="softsign", recurrent_activation="hard_sigmoid"),
        shape=SEQUENCE,
    ),
    chain("lstm-no-bias", lambda: L.LSTM(4, use_bias=False), shape=SEQUENCE),
    graph("lstm-states", states, shape=SEQUENCE),
    chain(
        "lstm-stacked",
        lambda: L.LSTM(4, return_sequences=True, dropout=0.2, recurrent_dropout=0.2),
        lambda: L.LSTM(3),
        lambda: L.Dense(5, activation="softmax"),
        shape=(12, 10),
    ),
    chain("gru", lambda: L.GRU(4), shape=SEQUENCE),
    chain("gru-reset-before", lambda: L.GRU(4, reset_after=False), shape=SEQUENCE),
    chain(
        "gru-sequences-no-bias",
        lambda: L.GRU(4, use_bias=False, return_sequences=True),
        shape=SEQUENCE,
    ),
    chain("gru-one-step", lambda: L.GRU(4), shape=(1, 3)),
    chain("bidirectional-lstm", lambda: L.Bidirectional(L.LSTM(4)), shape=SEQUENCE),
    *(
        chain(
            f"bidirectional-gru-{mode}",
            lambda mode=mode: L.Bidirectional(L.GRU(3, return_sequences=True), merge_mode=mode),
            shape=SEQUENCE,
        )
        for mode in ("concat", "sum", "mul", "ave")
    ),
    graph(
        "bidirectional-unmerged",
        lambda x: L.Subtract()(L.Bidirectional(L.SimpleRNN(3), merge_mode=None)(x)),
        shape=SEQUENCE,
    ),
    chain(
        "bidirectional-two-layers",
        lambda: L.Bidirectional(
            L.LSTM(4), backward_layer=L.LSTM(2, go_backwards=True, activation="relu")
        ),
        shape=SEQUENCE,
    ),
    chain(
        "time-distributed-lstm",
        lambda: L.TimeDistributed(L.LSTM(4)),
        lambda: L.LSTM(3),
        shape=(4, 5, 1),
    ),
    chain(
        "rows-of-a-picture",
        lambda: L.Reshape((8, 24)),
        lambda: L.Bidirectional(L.LSTM(6, return_sequences=True)),
        lambda: L.GRU(5),
        lambda: L.Dense(4, activation="softmax"),
    ),
]
