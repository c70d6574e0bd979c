"""Compares every method with its references: ``python -m tests.correctness``. Exits 1 beyond a tolerance.

``python -m tests.correctness ground_truth`` asks instead whether the maps fall on the objects; ``--write`` does both
and writes the page of the help. The real network takes part where CNNVIZ_REAL_DATA names the folder of the real data.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from tests.correctness import jobs
from tests.correctness.comparing import Row
from tests.correctness.ground_truth import MANY_PASSES, ONE_PASS, SCENES, together
from tests.correctness.page import PAGE, ground_truth, page
from tests.correctness.subjects import RESNET20

METHODS = (*ONE_PASS, *MANY_PASSES)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables that are asked for, and return the exit code."""
    real_data = os.environ.get("CNNVIZ_REAL_DATA", "")
    options = _options(arguments, real_data)
    networks = [each for each in jobs.SOURCES if not options.network or each in options.network]
    if RESNET20.name in networks and not real_data:
        networks.remove(RESNET20.name)
        print(f"{RESNET20.name}: left out, since CNNVIZ_REAL_DATA names no folder")
    methods, truth = options.method or METHODS, options.write or options.table == "ground_truth"
    found: list[Row] = []
    with jobs.processes(options.jobs) as pool:
        comparisons = jobs.comparisons(networks, methods, real_data)
        rows = pool.map(jobs.rows, comparisons if options.write or not truth else [])
        tallies = pool.map(jobs.tallies, jobs.scenes(options.scenes, methods) if truth else [])
        for part in rows:
            found += part
            print("\n".join(map(line, part)), flush=True)
        counted = together(tallies)
    if truth:
        print(ground_truth(counted, options.scenes))
    if options.write:
        PAGE.write_text(page(found, counted, options.scenes), "utf-8")
    return 0 if all(row.holds for row in found) else 1


def line(row: Row) -> str:
    """The row as a line of text."""
    difference = "–" if row.difference is None else f"{row.difference:.1e}"
    text = f"{row.method:30}{row.network:22}{difference:>8}  {'ok' if row.holds else 'BEYOND':8}{row.reference}"
    if row.control:
        text += f" · in float64 {row.control.difference:.1e}; from there in float32 {row.control.engine:.1e}, "
        text += f"the reference {row.control.reference:.1e}"
    return f"{text} · {row.remark}" if row.remark else text


def _options(arguments: Sequence[str] | None, real_data: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.correctness", description=__doc__)
    parser.add_argument("table", nargs="?", choices=("references", "ground_truth"), default="references")
    parser.add_argument("--network", action="append", choices=tuple(jobs.SOURCES), help="only networks of that name")
    parser.add_argument("--method", action="append", choices=METHODS, help="only methods of that id")
    parser.add_argument("--scenes", type=int, default=SCENES, help="how many scenes the ground truth takes")
    parser.add_argument("--jobs", type=int, default=min(4, os.cpu_count() or 1), help="how many processes share it")
    parser.add_argument("--write", action="store_true", help="compute both tables and write the page of the help")
    options = parser.parse_args(arguments)
    if options.jobs < 1 or options.scenes < 1:
        parser.error("--jobs and --scenes are 1 at least")
    if options.write and (options.network or options.method):
        parser.error("the page shows every network and method: --write goes without --network and --method")
    if options.write and not real_data:
        parser.error(f"the page shows {RESNET20.name}, too: name the folder of the real data in CNNVIZ_REAL_DATA")
    return options


if __name__ == "__main__":
    sys.exit(main())
