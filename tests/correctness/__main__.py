"""Compares every method with its references: ``python -m tests.correctness``. Exits 1 beyond a tolerance."""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tests.acceptance.real_data import RealData
from tests.correctness.checks import CHECKS
from tests.correctness.comparing import Check, Row, compared
from tests.correctness.subjects import RESNET20, SAMPLE, TORCHVISION, Source, opened

SOURCES = (SAMPLE, RESNET20, *TORCHVISION)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.correctness", description=__doc__)
    parser.add_argument("--network", action="append", help="only networks of that name")
    parser.add_argument("--method", action="append", help="only methods of that id")
    options = parser.parse_args(arguments)
    sources = [each for each in SOURCES if not options.network or each.name in options.network]
    checks = [each for each in CHECKS if not options.method or each.method in options.method]
    holds = True
    for row in rows(sources, checks):
        holds = holds and row.holds
        print(line(row), flush=True)
    return 0 if holds else 1


def rows(sources: Iterable[Source], checks: Sequence[Check]) -> Iterator[Row]:
    """Every check on every network, in the networks' order."""
    with tempfile.TemporaryDirectory() as folder:
        for source in sources:
            named = os.environ.get("CNNVIZ_REAL_DATA")
            if source is RESNET20 and not named:
                print(f"{source.name}: left out, since CNNVIZ_REAL_DATA names no folder")
                continue
            data = RealData(Path(named)) if named else None
            for small in (False, True):
                asked = [each for each in checks if each.small is small and source.name in (each.only or [source.name])]
                if not asked:
                    continue
                subject = opened(source, Path(folder), small=small, data=data)
                for check in asked:
                    yield compared(check, subject)


def line(row: Row) -> str:
    """The row as a line of text."""
    difference = "refused" if row.difference is None else f"{row.difference:.1e}"
    verdict = "ok" if row.holds else "BEYOND"
    figures = f"{difference:>9}  ≤ {row.tolerance:.0e}  {verdict:7}"
    return f"{row.method:34}{row.network:22}{figures}{row.reference} {row.remark}".rstrip()


if __name__ == "__main__":
    sys.exit(main())
