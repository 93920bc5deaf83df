#!/usr/bin/env python3
"""Watch a service's health: a line for each check. Exit code 0 if the last one was healthy.

    python3 scripts/python/clients/health_watch.py --interval 5
    python3 scripts/python/clients/health_watch.py --until-healthy --count 60 --interval 1
"""

import sys
import time
from datetime import datetime

import requests

from service import Service, parser, service


def check(client: Service) -> tuple[bool, str]:
    try:
        response = client.get("/health")
        health = response.json()
        healthy = response.ok and health["status"] == "healthy"
        models = [f"{model['name']}/{model['version']} {model['status']}" for model in health["models"]]
        return healthy, " | ".join([health["status"], f"uptime: {health.get('uptime', 0):.0f}s", *models])
    except requests.RequestException as error:
        return False, f"unreachable | {type(error).__name__}"
    except (ValueError, KeyError, TypeError):
        return False, f"no health answer | status {response.status_code}"


def main() -> int:
    arguments = parser(__doc__.splitlines()[0])
    arguments.add_argument("--interval", type=float, default=5, help="seconds between checks (default: %(default)s)")
    arguments.add_argument("--count", type=int, default=0, help="how many checks; 0 goes on until interrupted")
    arguments.add_argument("--until-healthy", action="store_true", help="end at the first healthy answer")
    options = arguments.parse_args()
    client, done, healthy = service(options), 0, False
    try:
        while True:
            healthy, text = check(client)
            print(f"{datetime.now():%Y-%m-%d %H:%M:%S} | {text}", flush=True)
            done += 1
            if done == options.count or (healthy and options.until_healthy):
                break
            time.sleep(options.interval)
    except KeyboardInterrupt:
        pass
    return 0 if healthy else 1


if __name__ == "__main__":
    sys.exit(main())
