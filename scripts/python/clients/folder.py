#!/usr/bin/env python3
"""Classify every picture of a folder and what lies below it, several at a time, into a CSV or JSON file.

    python3 scripts/python/clients/folder.py pictures/ --out results.csv

Where the service is busy (429, 503) it waits as long as Retry-After says. Exit code 1 where a picture failed.
"""

import csv
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import TextIO

import requests

from service import PICTURE_SUFFIXES, Refused, Service, add_model_options, parser, service

COLUMNS = ["file", "predicted_class", "confidence", "model", "model_version", "inference_time_ms", "error"]


def pictures_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in PICTURE_SUFFIXES and path.is_file())


def classify(client: Service, folder: Path, picture: Path, params: dict) -> dict:
    row = {"file": str(picture.relative_to(folder))}
    try:
        answer = client.predict(picture, **params)
    except (Refused, OSError, requests.RequestException) as error:
        return {**row, "error": str(error)}
    return {**row, **{name: answer[name] for name in COLUMNS if name in answer}, "error": None}


def write(rows: list[dict], file: TextIO, kind: str) -> None:
    if kind == "json":
        json.dump(rows, file, indent=2)
        file.write("\n")
        return
    table = csv.DictWriter(file, COLUMNS, restval="")
    table.writeheader()
    table.writerows(rows)


def main() -> int:
    arguments = parser(__doc__.splitlines()[0])
    arguments.add_argument("folder", type=Path)
    add_model_options(arguments)
    arguments.add_argument("--at-once", type=int, default=8, help="pictures under way at a time (default: %(default)s)")
    arguments.add_argument("--out", type=Path, help="a .csv or .json file; standard output when not given")
    arguments.add_argument("--format", choices=["csv", "json"], help="by the file's name when not given, else csv")
    arguments.add_argument("--quiet", action="store_true", help="no progress")
    options = arguments.parse_args()
    if options.at_once < 1:
        arguments.error("--at-once must be 1 or more")
    if not options.folder.is_dir():
        arguments.error(f"{options.folder} is no folder")
    if options.out is not None and not options.out.resolve().parent.is_dir():
        arguments.error(f"there is no folder for {options.out}")
    pictures = pictures_in(options.folder)
    if not pictures:
        arguments.error(f"{options.folder} has no pictures ({', '.join(sorted(PICTURE_SUFFIXES))})")

    client, started = service(options), time.monotonic()
    params = {"model": options.model, "version": options.version}
    rows = {}
    with ThreadPoolExecutor(options.at_once) as threads:
        waiting = {threads.submit(classify, client, options.folder, picture, params): picture for picture in pictures}
        for done, future in enumerate(as_completed(waiting), 1):
            rows[waiting[future]] = future.result()
            if not options.quiet:
                rate = done / max(time.monotonic() - started, 1e-9)
                print(f"\r{done}/{len(pictures)} pictures, {rate:.0f} a second", end="", file=sys.stderr, flush=True)
    in_order = [rows[picture] for picture in pictures]
    failed = sum(row["error"] is not None for row in in_order)
    if not options.quiet:
        print(f"\n{len(pictures) - failed} classified, {failed} failed, {client.waits} waits", file=sys.stderr)

    kind = options.format or ("json" if options.out is not None and options.out.suffix == ".json" else "csv")
    if options.out is None:
        write(in_order, sys.stdout, kind)
    else:
        with options.out.open("w", newline="", encoding="utf-8", errors="backslashreplace") as file:
            write(in_order, file, kind)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
