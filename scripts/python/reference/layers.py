"""Write one fixture for each row of the table in cases/: architecture, input rule, output.

python scripts/python/reference/layers.py [--only CASE ...] [--out test/fixtures/layers]
"""

import argparse
from pathlib import Path

import fixture  # first: it quiets TensorFlow before Keras loads it

import keras
import numpy as np

from cases import ALL
from cases.case import Case
from synthetic_weights import assign

MOST_NUMBERS = 500


def fresh(case: Case, policy: str) -> keras.Model:
    """The case's model with names that start from the beginning."""
    keras.utils.clear_session()
    keras.config.set_dtype_policy(policy)
    return case.build()


def in_float32(model: keras.Model, case: Case) -> keras.Model:
    """The model with the same weights, rounded as they may be, that computes in float32."""
    weights = [keras.ops.cast(variable, "float32") for variable in model.weights]
    exact = fresh(case, "float32")
    for variable, values in zip(exact.weights, weights, strict=True):
        variable.assign(values)
    return exact


def compute(model: keras.Model, case: Case) -> list[np.ndarray]:
    """The outputs at inference, in the model's order."""
    image = fixture.reference_input(case.input_shape, case.scale, case.shift)
    outputs = model(image, training=False)
    return [np.asarray(output) for output in keras.tree.flatten(outputs)]


def with_edits(node: object, edits: dict) -> object:
    """The architecture with some settings written as Keras 2 wrote them."""
    if isinstance(node, list):
        return [with_edits(child, edits) for child in node]
    if isinstance(node, dict):
        return {k: edits[k] if k in edits else with_edits(v, edits) for k, v in node.items()}
    return node


def describe(case: Case) -> dict:
    """Everything that the case's file holds."""
    model = fresh(case, case.policy)
    architecture = with_edits(fixture.architecture(model), case.config_edits)
    assign(model, gain=1)
    if case.policy != "float32":
        model = in_float32(model, case)
    first, *others = compute(model, case)
    if first.size > MOST_NUMBERS:
        raise ValueError(f"{first.size} numbers, more than {MOST_NUMBERS}")
    content = {
        "case": case.name,
        "keras_version": keras.__version__,
        "input_seed": 0,
        "input_scale": case.scale,
        "input_shift": case.shift,
        "input_shape": list(case.input_shape),
        "gain": 1,
        "architecture": architecture,
        "output_shape": list(first.shape),
        "output": fixture.numbers(first),
    }
    if others:
        content["other_outputs"] = [
            {"output_shape": list(array.shape), "output": fixture.numbers(array)}
            for array in others
        ]
    return content


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=fixture.FIXTURES / "layers")
    parser.add_argument("--only", nargs="+", metavar="CASE")
    arguments = parser.parse_args()

    names = [case.name for case in ALL]
    if len(set(names)) != len(names):
        raise ValueError(f"named twice: {sorted({n for n in names if names.count(n) > 1})}")
    if unknown := set(arguments.only or ()) - set(names):
        parser.error(f"no such case: {sorted(unknown)}")

    sizes = []
    failures = []
    for case in ALL:
        if arguments.only and case.name not in arguments.only:
            continue
        try:
            sizes.append(fixture.write_json(arguments.out / f"{case.name}.json", describe(case)))
        except Exception as error:  # the table is long: tell all faults of one run together
            failures.append(f"{case.name}: {type(error).__name__}: {str(error)[:300]}")
    print(f"{len(sizes)} cases, {sum(sizes)} bytes in {arguments.out.name}/")
    if failures:
        raise SystemExit("\n".join(failures))


if __name__ == "__main__":
    main()
