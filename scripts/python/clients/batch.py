#!/usr/bin/env python3
"""Classify several pictures, up to 20 in a request. Exit code 1 where one of them failed.

    python3 scripts/python/clients/batch.py *.png
"""

import sys
from pathlib import Path

import requests

from service import Refused, Service, add_model_options, parser, service

MOST = 20


def groups(pictures: list[Path]) -> list[list[Path]]:
    """Of equal size, as far as possible: a request must not have a single picture."""
    count = -(-len(pictures) // MOST)
    return [pictures[at::count] for at in range(count)]


def results(client: Service, pictures: list[Path], **params) -> dict[Path, dict]:
    found = {}
    for group in groups(pictures):
        if len(group) == 1:
            try:
                found[group[0]] = {"success": True, **client.predict(group[0], **params)}
            except Refused as refusal:
                found[group[0]] = {"success": False, "error": refusal.problem}
        else:
            found.update(zip(group, client.batch_predict(group, **params)))
    return found


def main() -> int:
    arguments = parser(__doc__.splitlines()[0])
    arguments.add_argument("pictures", type=Path, nargs="+")
    add_model_options(arguments)
    options = arguments.parse_args()
    pictures = list(dict.fromkeys(options.pictures))
    try:
        found = results(service(options), pictures, model=options.model, version=options.version)
    except (Refused, OSError, requests.RequestException) as error:
        print(error, file=sys.stderr)
        return 2
    for picture in pictures:
        result = found[picture]
        if result["success"]:
            print(f"{picture}\t{result['predicted_class']}\t{result['confidence']:.4f}")
        else:
            print(f"{picture}\t{result['error']['code']}: {result['error']['detail']}", file=sys.stderr)
    return 0 if all(result["success"] for result in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
