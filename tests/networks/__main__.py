"""Opens every network and looks into it: ``python -m tests.networks``. Exits 1 where something is not as it should be.

All of torchvision's networks, and of timm one of each of many families, with random weights: tree, shapes, suggested
layer; of those that give class scores also one Grad-CAM, and that it leaves no trace. ``--write`` makes the page.
"""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

from cnnviz_desktop.engine.networks.torchvision_models import KINDS, torchvision_names
from tests.networks.families import TIMM
from tests.networks.page import PAGE, page
from tests.networks.survey import Finding, surveyed

LIBRARIES = ("torchvision", "timm")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line for each network, and return the exit code."""
    options = _options(arguments)
    found: list[Finding] = []
    explained, others = _references(options.library, options.names or ())
    with ProcessPoolExecutor(options.jobs, get_context("spawn")) as pool:
        for batch, ask in ((explained, surveyed), (others, partial(surveyed, explained=False))):
            for finding in pool.map(ask, batch):
                found.append(finding)
                print(line(finding), flush=True)
    failed = [finding for finding in found if finding.failures]
    print(f"{len(found)} networks, {len(failed)} with failures")
    if options.write:
        PAGE.write_text(page(found), "utf-8")
    return 1 if failed else 0


def line(finding: Finding) -> str:
    """The finding as a line of text."""
    counts = f"{finding.shaped}/{finding.layers}"
    verdict = "; ".join(finding.failures) or finding.remark or "ok"
    where = f"{finding.suggested} {finding.cells}".strip()
    return f"{finding.reference:52}{counts:>11}  {where:44}{finding.seconds:6.1f} s  {verdict}"


def _references(library: str | None, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """What opens the networks that are asked for: those that give class scores, and the others."""
    found = {kind: list[str]() for kind in KINDS}
    if library in (None, "torchvision"):
        for kind in KINDS:
            found[kind] += [f"torchvision:{name}@random" for name in torchvision_names(kind)]
    if library in (None, "timm"):
        found["classification"] += [f"timm:{name}@random" for name in TIMM]
    wanted = {f"{each}:{name}@random" for each in LIBRARIES for name in names}
    kept = {kind: [one for one in every if not names or one in wanted] for kind, every in found.items()}
    return kept["classification"], [*kept["segmentation"], *kept["detection"]]


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.networks", description=__doc__)
    parser.add_argument("--library", choices=LIBRARIES, help="only the networks of that one")
    parser.add_argument("--jobs", type=int, default=1, help="how many processes share it")
    parser.add_argument("--names", nargs="+", metavar="NAME", help="only networks of these names")
    parser.add_argument("--write", action="store_true", help="survey all networks and write the page of the help")
    options = parser.parse_args(arguments)
    if options.jobs < 1:
        parser.error("--jobs is 1 at least")
    if options.write and (options.library or options.names):
        parser.error("the page shows every network: --write goes without --library and --names")
    return options


if __name__ == "__main__":
    sys.exit(main())
