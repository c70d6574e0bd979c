"""Compares every method with its references: ``python -m tests.correctness``. Exits 1 beyond a tolerance.

``python -m tests.correctness ground_truth`` asks instead whether the maps fall on the objects; ``--write`` does both
and writes the page of the help. The real network takes part where CNNVIZ_REAL_DATA names the folder of the real data.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tests.acceptance.real_data import RealData
from tests.correctness.checks import CHECKS
from tests.correctness.comparing import Check, Row, compared
from tests.correctness.ground_truth import MANY_PASSES, ONE_PASS, SCENES, Tally, measured
from tests.correctness.page import PAGE, ground_truth, page
from tests.correctness.subjects import RESNET20, SAMPLE, TORCHVISION, Source, opened

SOURCES = (SAMPLE, RESNET20, *TORCHVISION)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table that is asked for, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.correctness", description=__doc__)
    parser.add_argument("table", nargs="?", choices=("references", "ground_truth"), default="references")
    parser.add_argument("--network", action="append", help="only networks of that name")
    parser.add_argument("--method", action="append", help="only methods of that id")
    parser.add_argument("--scenes", type=int, default=SCENES, help="how many scenes the ground truth takes")
    parser.add_argument("--write", action="store_true", help="compute both tables and write the page of the help")
    options = parser.parse_args(arguments)
    methods = options.method or [*ONE_PASS, *MANY_PASSES]
    if options.table == "ground_truth" and not options.write:
        print(ground_truth(_truth(methods, options.scenes), options.scenes))
        return 0
    sources = [each for each in SOURCES if not options.network or each.name in options.network]
    checks = [each for each in CHECKS if each.method in methods]
    found = []
    for row in rows(sources, checks):
        found.append(row)
        print(line(row), flush=True)
    if options.write:
        PAGE.write_text(page(found, _truth(methods, options.scenes), options.scenes), "utf-8")
    return 0 if all(row.holds for row in found) else 1


def rows(sources: Iterable[Source], checks: Sequence[Check]) -> Iterator[Row]:
    """Every check on every network, in the networks' order."""
    named = os.environ.get("CNNVIZ_REAL_DATA")
    data = RealData(Path(named)) if named else None
    with tempfile.TemporaryDirectory() as folder:
        for source in sources:
            if source is RESNET20 and data is None:
                print(f"{source.name}: left out, since CNNVIZ_REAL_DATA names no folder")
                continue
            for small in (False, True):
                asked = [each for each in checks if each.small is small and source.name in (each.only or [source.name])]
                if asked:
                    subject = opened(source, Path(folder), small=small, data=data)
                    yield from (compared(check, subject) for check in asked)


def line(row: Row) -> str:
    """The row as a line of text."""
    difference = "refused" if row.difference is None else f"{row.difference:.1e}"
    verdict = "ok" if row.holds else "BEYOND"
    figures = f"{difference:>9}  ≤ {row.tolerance:.0e}  {verdict:7}"
    return f"{row.method:34}{row.network:22}{figures}{row.reference} {row.remark}".rstrip()


def _truth(methods: Sequence[str], scenes: int) -> dict[str, Tally]:
    with tempfile.TemporaryDirectory() as folder:
        return measured(methods, scenes, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
