"""Measures speed: ``python -m tests.benchmarks NAME [--json]``. Exits 1 where a figure is beyond what is promised.

Each name is a module of this package: ``run()`` gives figures by name, ``LIMITS`` the promises about some of them.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

from tests.benchmarks.limits import Limit

NAMES = ("startup", "tiles", "layer_stream", "responsiveness", "attribution", "many_passes", "opening")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one benchmark, print its figures beside their limits, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--json", action="store_true", help="one JSON object: figures, and limits by the figure's name")
    options = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    benchmark = import_module(f"tests.benchmarks.{options.name}")
    figures: dict[str, float] = benchmark.run()
    limits: dict[str, Limit] = benchmark.LIMITS
    if options.json:
        print(json.dumps({"figures": figures, "limits": {name: limit.to_json() for name, limit in limits.items()}}))
    else:
        print(table(figures, limits))
    return 0 if all(limit.holds(figures[name]) for name, limit in limits.items()) else 1


def table(figures: Mapping[str, float], limits: Mapping[str, Limit]) -> str:
    """A line a figure: its name, its value, and its limit with ``ok`` or ``beyond`` where it has one."""
    lines = []
    for name, figure in figures.items():
        limit = limits.get(name)
        verdict = "" if limit is None else f"  {limit!s:<8}{'ok' if limit.holds(figure) else 'beyond'}"
        lines.append(f"{name:48}{figure:10.3f}{verdict}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
