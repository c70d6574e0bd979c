"""From the order to open ResNet-50 to its tree on the screen, against torchvision's constructor and one forward pass.

Both sides begin with everything imported, in the worker's thread, and alternate. What keeps the window's own thread is
measured meanwhile, and for a network of ten thousand layers and 21,000 named classes as well.
"""

import time
from pathlib import Path
from statistics import median

import torch

from cnnviz_desktop.core.errors import ConsentNeeded
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.engine.session import EngineSession
from tests.benchmarks.desk import Desk, PaintClock, desk
from tests.benchmarks.limits import at_most
from tests.benchmarks.responsiveness import Pulse

ROUNDS = 7
NETWORK = "torchvision:resnet50@random"
OTHER = "torchvision:resnet18@random"
CLASSES = 21_000
SEARCHES = ("c", "co", "conv", "30.7.conv", "", "identity", "nothing of the kind", "")
LIMITS = {
    "tree_to_constructor_and_forward_ratio": at_most(1.5),
    "longest_gap_while_opening_ms": at_most(100),
    "longest_gap_with_ten_thousand_layers_ms": at_most(100),
    "longest_gap_while_they_are_searched_ms": at_most(100),
}

_PROGRAM = f"""\
from torch import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 1)
        self.parts = nn.Sequential(*(nn.Identity() for _ in range(7)))

    def forward(self, x):
        return x + self.parts(self.conv(x)).relu()


def build():
    blocks = [nn.Sequential(*(Block() for _ in range(20))) for _ in range(50)]
    return nn.Sequential(nn.Conv2d(3, 4, 3), *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, {CLASSES}))
"""
_DESCRIPTION = """\
{"format": 1, "name": "Ten thousand layers", "architecture": {"file": "large.py", "factory": "build"},
 "preprocessing": {"size": [32, 32]}, "class_names": "classes.txt"}
"""


def run() -> dict[str, float]:
    """Medians in seconds, that of the pairs' ratios, and the longest gaps in milliseconds."""
    with desk() as made:
        made.runner.start()
        made.window.open_first(made.pictures(1), OTHER)
        made.wait_until(lambda: made.window.examiner.outline is not None and made.is_idle())
        pulse = Pulse()
        pairs, gaps = [], []
        for _ in range(ROUNDS + 1):
            bare = _bare(made)
            pulse.longest()
            pairs.append((_tree_shown_after(made, NETWORK), bare))
            made.wait_until(made.is_idle)
            gaps.append(pulse.longest())
            made.window.examiner.open_network(OTHER)
            made.wait_until(made.is_idle)
        figures = {
            "tree_shown_s": median(ours for ours, _ in pairs[1:]),
            "constructor_and_forward_s": median(theirs for _, theirs in pairs[1:]),
            "tree_to_constructor_and_forward_ratio": median(ours / theirs for ours, theirs in pairs[1:]),
            "longest_gap_while_opening_ms": max(gaps[1:]),
        }
        figures |= _with_ten_thousand_layers(made, pulse)
        pulse.stop()
    return figures


def _tree_shown_after(made: Desk, network: str) -> float:
    """Seconds from the order until the tree is painted with the layers of the network that are in sight."""
    tree, examiner = made.window.tree, made.window.examiner
    before = examiner.outline

    def is_there() -> bool:
        return examiner.outline is not before and tree.view.model().rowCount() > 0

    clock = PaintClock(tree.view.viewport(), is_there)
    start = time.perf_counter()
    examiner.open_network(network)
    made.wait_for(clock.painted)
    return clock.painted_at - start


def _bare(made: Desk) -> float:
    """Seconds that torchvision's constructor and a forward pass of a blank picture take, in the same thread."""
    from torchvision import models

    taken: list[float] = []

    def errand() -> None:
        start = time.perf_counter()
        module = models.resnet50().eval()
        with torch.no_grad():
            module(torch.zeros(1, 3, 224, 224))
        taken.append(time.perf_counter() - start)

    made.in_worker(errand)
    return taken[0]


def _with_ten_thousand_layers(made: Desk, pulse: Pulse) -> dict[str, float]:
    network = _written(made.folder)
    made.runner.trust(_sha256(network))
    made.window.examiner.open_network(network)  # its program is tried in a process of its own the first time
    made.wait_until(made.is_idle)
    made.window.examiner.open_network(OTHER)
    made.wait_until(made.is_idle)
    pulse.longest()
    shown = _tree_shown_after(made, network)
    made.wait_until(made.is_idle)
    figures = {"ten_thousand_layers_shown_s": shown, "longest_gap_with_ten_thousand_layers_ms": pulse.longest()}
    for text in SEARCHES:
        made.window.tree.search.setText(text)
        made.application.processEvents()
    figures["longest_gap_while_they_are_searched_ms"] = pulse.longest()
    return figures


def _written(folder: Path) -> str:
    (folder / "large.py").write_text(_PROGRAM)
    (folder / "classes.txt").write_text("".join(f"class number {index}\n" for index in range(CLASSES)))
    path = folder / "large.cnnviz-network.json"
    path.write_text(_DESCRIPTION)
    return str(path)


def _sha256(network: str) -> str:
    """Of the program that the user is asked about."""
    try:
        list(EngineSession().run(Request(method="outline", network=network)))
    except ConsentNeeded as needed:
        return needed.sha256
    raise AssertionError("a Python program ran without consent")
