"""Measures speed and memory: ``python -m tests.benchmarks NAME [--json]``. Each name is a module of this package."""

import argparse
import json
import os
from importlib import import_module

NAMES = ("startup", "tiles", "layer_stream", "responsiveness")


def main() -> None:
    """Run one benchmark and print its figures; those ending in ``_ratio`` are what the project promises about."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    arguments = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    figures: dict[str, float] = import_module(f"tests.benchmarks.{arguments.name}").run()
    if arguments.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:40} {value:10.3f}")


if __name__ == "__main__":
    main()
