#!/usr/bin/env python3
"""Classify one picture.

    python3 scripts/python/clients/predict.py test/fixtures/digit.png
"""

import json
import sys
from pathlib import Path

import requests

from service import Refused, add_model_options, parser, service


def main() -> int:
    arguments = parser(__doc__.splitlines()[0])
    arguments.add_argument("picture", type=Path)
    add_model_options(arguments)
    arguments.add_argument("--top-k", type=int, help="how many classes; what the model says when not given")
    arguments.add_argument("--json", action="store_true", help="print the whole answer")
    options = arguments.parse_args()
    try:
        answer = service(options).predict(
            options.picture, model=options.model, version=options.version, top_k=options.top_k
        )
    except (Refused, OSError, requests.RequestException) as error:
        print(error, file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(answer, indent=2))
    else:
        for prediction in answer["predictions"]:
            print(f"{prediction['probability']:8.2%}  {prediction['label']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
