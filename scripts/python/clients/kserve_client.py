#!/usr/bin/env python3
"""Classify by KServe's Open Inference Protocol v2, tensors in binary: pictures, or a .npy of numbers or pixels.

    python3 scripts/python/clients/kserve_client.py --model digits digit.png --classes 3
    python3 scripts/python/clients/kserve_client.py --model digits --npy batch.npy

The data type of the array decides: float16, float32 and float64 are numbers as Keras's predict takes them, uint8 is
pixels. Needs `requests`; `numpy` for --npy alone.
"""

import argparse
import json
import os
import struct
import sys
from pathlib import Path

import requests

HEADER = "Inference-Header-Content-Length"


class Refused(Exception):
    """The server's `error`."""


class KServe:
    def __init__(self, url: str, model: str, version: str | None = None, key: str | None = None, timeout: float = 30):
        self.url = url.rstrip("/")
        self.address = f"{self.url}/v2/models/{model}" + (f"/versions/{version}" if version else "")
        self.timeout = timeout
        self.session = requests.Session()
        if key:
            self.session.headers["X-API-Key"] = key

    def ready(self) -> bool:
        places = (f"{self.url}/v2/health/live", f"{self.url}/v2/health/ready", f"{self.address}/ready")
        return all(self.session.get(place, timeout=self.timeout).ok for place in places)

    def metadata(self) -> dict:
        server = self._answer(self.session.get(f"{self.url}/v2", timeout=self.timeout)).json()
        return {"server": server, "model": self._answer(self.session.get(self.address, timeout=self.timeout)).json()}

    def infer(self, datatype: str, shape: list, data: bytes, classes: int = 0) -> tuple:
        """The answer's head, and its one output: numbers in a flat tuple, or texts `probability:index:label`."""
        model = self.metadata()["model"]
        parameters = {"binary_data": True, **({"classification": classes} if classes else {})}
        head = json.dumps({
            "id": "1",
            "inputs": [{
                "name": model["inputs"][0]["name"],
                "shape": shape,
                "datatype": datatype,
                "parameters": {"binary_data_size": len(data)},
            }],
            "outputs": [{"name": model["outputs"][0]["name"], "parameters": parameters}],
        }).encode()
        response = self._answer(self.session.post(
            f"{self.address}/infer",
            data=head + data,
            headers={"Content-Type": "application/octet-stream", HEADER: str(len(head))},
            timeout=self.timeout,
        ))
        length = int(response.headers[HEADER])
        answer, binary = json.loads(response.content[:length]), response.content[length:]
        output = answer["outputs"][0]
        assert output["parameters"]["binary_data_size"] == len(binary)
        if output["datatype"] == "BYTES":
            return answer, tuple(text.decode() for text in elements(binary))
        return answer, struct.unpack(f"<{len(binary) // 4}f", binary)

    @staticmethod
    def _answer(response: requests.Response) -> requests.Response:
        if not response.ok:
            raise Refused(f"{response.status_code}: {said(response)}")
        return response


def said(response: requests.Response) -> str:
    """Also of what is in front of the service, or not the service at all."""
    try:
        return response.json()["error"]
    except (ValueError, KeyError, TypeError):
        return response.text[:200]


def elements(binary: bytes):
    """Each behind its length, a 4-byte unsigned integer."""
    at = 0
    while at < len(binary):
        (length,) = struct.unpack_from("<I", binary, at)
        yield binary[at + 4 : at + 4 + length]
        at += 4 + length


def pictures(paths: list) -> tuple:
    files = [path.read_bytes() for path in paths]
    return "BYTES", [len(files)], b"".join(struct.pack("<I", len(data)) + data for data in files)


def array(path: Path) -> tuple:
    import numpy

    names = {"float16": "FP16", "float32": "FP32", "float64": "FP64", "uint8": "UINT8"}
    values = numpy.load(path)
    name = names.get(values.dtype.name, values.dtype.name.upper())
    return name, list(values.shape), numpy.ascontiguousarray(values.astype(values.dtype.newbyteorder("<"))).tobytes()


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("pictures", type=Path, nargs="*")
    arguments.add_argument("--npy", type=Path, help="an array of examples, the first axis counts them")
    arguments.add_argument("--classes", type=int, default=0, help="ask for so many labels, and not for the numbers")
    arguments.add_argument("--url", default=os.environ.get("H5SERVE_URL", "http://localhost:8000"))
    arguments.add_argument("--key", default=os.environ.get("H5SERVE_KEY"), help="API key, where one is asked for")
    arguments.add_argument("--model", required=True)
    arguments.add_argument("--version")
    options = arguments.parse_args()
    server = KServe(options.url, options.model, options.version, options.key)
    try:
        if not options.npy and not options.pictures:
            print(json.dumps({"ready": server.ready(), **server.metadata()}))
            return 0
        tensor = array(options.npy) if options.npy else pictures(options.pictures)
        answer, values = server.infer(*tensor, classes=options.classes)
    except (Refused, OSError, requests.RequestException) as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps({"shape": answer["outputs"][0]["shape"], "values": values}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
