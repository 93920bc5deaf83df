#!/usr/bin/env python3
"""Classify by TensorFlow Serving's REST API: pictures as base64, or a .npy of numbers as Keras's predict takes them.

    python3 scripts/python/clients/tf_serving_client.py --model digits digit.png other.png
    python3 scripts/python/clients/tf_serving_client.py --model digits --npy batch.npy --column

Needs `requests`; `numpy` for --npy alone.
"""

import argparse
import base64
import json
import os
import sys
from pathlib import Path

import requests


class Refused(Exception):
    """The server's `error`."""


class TensorFlowServing:
    def __init__(self, url: str, model: str, version: str | None = None, key: str | None = None, timeout: float = 30):
        self.address = f"{url.rstrip('/')}/v1/models/{model}" + (f"/versions/{version}" if version else "")
        self.timeout = timeout
        self.session = requests.Session()
        if key:
            self.session.headers["X-API-Key"] = key

    def status(self) -> list:
        return self._answer(self.session.get(self.address, timeout=self.timeout))["model_version_status"]

    def metadata(self) -> dict:
        return self._answer(self.session.get(f"{self.address}/metadata", timeout=self.timeout))["metadata"]

    def predict(self, values: list, column: bool = False) -> list:
        """One row for each example. A value is `picture(...)`, or nested lists of numbers."""
        answer = self._post("predict", {"inputs": values} if column else {"instances": values})
        return answer["outputs" if column else "predictions"]

    def classify(self, pictures: list) -> list:
        """[[label, probability], ...] for each picture."""
        return self._post("classify", {"examples": [{"image": value} for value in pictures]})["results"]

    def _post(self, verb: str, body: dict) -> dict:
        return self._answer(self.session.post(f"{self.address}:{verb}", json=body, timeout=self.timeout))

    @staticmethod
    def _answer(response: requests.Response) -> dict:
        if not response.ok:
            raise Refused(f"{response.status_code}: {said(response)}")
        return response.json()


def said(response: requests.Response) -> str:
    """Also of what is in front of the service, or not the service at all."""
    try:
        return response.json()["error"]
    except (ValueError, KeyError, TypeError):
        return response.text[:200]


def picture(path: Path) -> dict:
    return {"b64": base64.b64encode(path.read_bytes()).decode()}


def numbers(path: Path) -> list:
    import numpy

    return numpy.load(path).tolist()


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("pictures", type=Path, nargs="*")
    arguments.add_argument("--npy", type=Path, help="an array of examples, the first axis counts them")
    arguments.add_argument("--column", action="store_true", help="send `inputs` and not `instances`")
    arguments.add_argument("--classify", action="store_true", help="ask for labels")
    arguments.add_argument("--url", default=os.environ.get("H5SERVE_URL", "http://localhost:8000"))
    arguments.add_argument("--key", default=os.environ.get("H5SERVE_KEY"), help="API key, where one is asked for")
    arguments.add_argument("--model", required=True)
    arguments.add_argument("--version")
    options = arguments.parse_args()
    serving = TensorFlowServing(options.url, options.model, options.version, options.key)
    try:
        if options.classify:
            answer = serving.classify([picture(path) for path in options.pictures])
        elif options.npy:
            answer = serving.predict(numbers(options.npy), options.column)
        elif options.pictures:
            answer = serving.predict([picture(path) for path in options.pictures], options.column)
        else:
            answer = {"status": serving.status(), "metadata": serving.metadata()}
    except (Refused, OSError, requests.RequestException) as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
