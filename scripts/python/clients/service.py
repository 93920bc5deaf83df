"""What the clients share: one service, asked with patience. Needs `requests` and nothing else."""

import argparse
import email.utils
import os
import random
import sys
import threading
import time
from pathlib import Path

import requests

BUSY = (429, 503)
PICTURE_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".heic"}


class Refused(Exception):
    """The service said no; `problem` is its answer: code, detail, remedy, request_id."""

    def __init__(self, status: int, problem: dict):
        self.status, self.problem = status, problem
        code, detail = problem.get("code", status), problem.get("detail", "no detail")
        remedy = f" ({problem['remedy']})" if problem.get("remedy") else ""
        super().__init__(f"{code}: {detail}{remedy}")


class Service:
    def __init__(self, url: str, key: str | None = None, timeout: float = 30, retries: int = 5, max_wait: float = 60):
        self.url, self.key, self.timeout, self.retries, self.max_wait = url.rstrip("/"), key, timeout, retries, max_wait
        self.waits = 0
        # A session is not made for several threads at once.
        self._local = threading.local()
        self._lock = threading.Lock()

    @property
    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            if self.key:
                self._local.session.headers["X-API-Key"] = self.key
        return self._local.session

    def get(self, path: str) -> requests.Response:
        return self._session.get(self.url + path, timeout=self.timeout)

    def post(self, path: str, files: list, params: dict | None = None) -> dict:
        """`files`: (field, (name, bytes)). Waits and tries again while the service is busy or cannot be reached."""
        given = {name: value for name, value in (params or {}).items() if value is not None}
        for attempt in range(self.retries + 1):
            last = attempt == self.retries
            try:
                response = self._session.post(self.url + path, files=files, params=given, timeout=self.timeout)
            except requests.ConnectionError:
                if last:
                    raise
                self._wait(None, attempt)
                continue
            body = _json(response)
            # A batch of which every picture failed has results, too: the caller looks at each.
            if response.ok or "results" in body:
                return body
            if last or response.status_code not in BUSY:
                raise Refused(response.status_code, body)
            self._wait(response.headers.get("Retry-After"), attempt)
        raise AssertionError("the last attempt returns or raises")

    def predict(self, picture: Path, **params) -> dict:
        return self.post("/predict", [("file", (_name(picture), picture.read_bytes()))], params)

    def batch_predict(self, pictures: list[Path], **params) -> list[dict]:
        files = [("files", (_name(picture), picture.read_bytes())) for picture in pictures]
        return self.post("/batch-predict", files, params)["results"]

    def _wait(self, retry_after: str | None, attempt: int) -> None:
        with self._lock:
            self.waits += 1
        seconds = _seconds(retry_after)
        if seconds is None:
            seconds = 0.25 * 2**attempt
        # A little more by chance: clients that were refused together do not come back together.
        time.sleep(min(seconds + random.uniform(0, 0.25), self.max_wait))


def _name(picture: Path) -> str:
    """Names of files are bytes, and not always text."""
    return os.fsencode(picture.name).decode("utf-8", "replace")


def _json(response: requests.Response) -> dict:
    try:
        body = response.json()
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {"detail": response.text[:200]}


def _seconds(retry_after: str | None) -> float | None:
    """Retry-After is a number of seconds or a date."""
    if retry_after is None:
        return None
    if retry_after.isdigit():
        return float(retry_after)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (TypeError, ValueError):
        return None


def parser(description: str) -> argparse.ArgumentParser:
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--url", default=os.environ.get("H5SERVE_URL", "http://localhost:8000"), help="default: %(default)s")
    made.add_argument("--key", default=os.environ.get("H5SERVE_KEY"), help="API key, where the service asks for one")
    made.add_argument("--timeout", type=float, default=30, help="seconds for one request (default: %(default)s)")
    return made


def add_model_options(made: argparse.ArgumentParser) -> None:
    made.add_argument("--model", help="which model; the service's default when not given")
    made.add_argument("--version", help="which version of it; the newest when not given")
    made.add_argument("--retries", type=int, default=5, help="tries after the first while the service is busy (default: %(default)s)")


def service(options: argparse.Namespace) -> Service:
    return Service(options.url, options.key, options.timeout, getattr(options, "retries", 0))
