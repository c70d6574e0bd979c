"""The longest time for which the window's thread was busy while jobs ran: gaps of a 5 ms timer, in milliseconds."""

import time

from PySide6.QtCore import QObject, Qt, QTimer, Slot

from cnnviz_desktop.core.requests import ClassTarget, Request
from cnnviz_desktop.ui.subject import ATTRIBUTION
from tests.benchmarks.desk import Desk, desk
from tests.benchmarks.limits import at_most

INTERVAL_MS = 5
NETWORK = "torchvision:resnet50@random"
LAYERS = ("relu", "layer1.0", "layer2.3", "layer3.5", "layer4.2", "conv1")
LIMITS = {"longest_gap_while_jobs_run_ms": at_most(100)}


def run() -> dict[str, float]:
    """Longest gaps: while torch and then torchvision are imported, which holds the interpreter; while jobs run."""
    with desk() as made:
        pictures = made.pictures(4)
        pulse = Pulse()
        made.window.open_first((), None)
        made.runner.start()
        made.wait_until(lambda: made.window.canvas.overlay is not None and made.is_idle())
        figures = {"longest_gap_while_torch_is_imported_ms": pulse.longest()}
        _open(made, "torchvision:resnet18@random")
        figures["longest_gap_while_torchvision_is_imported_ms"] = pulse.longest()
        _open(made, "sample")
        _open(made, NETWORK)
        for picture in pictures:
            made.window.strip.add(picture)
            made.window.strip.select(picture)
            for layer in LAYERS:
                made.window.examiner.choose_layer(layer)
                made.wait_until(made.is_idle)
            _ask_for_many_classes(made, picture)
            made.wait_until(made.is_idle)
        figures["longest_gap_while_jobs_run_ms"] = pulse.longest()
        pulse.stop()
    return figures


def _open(made: Desk, network: str) -> None:
    made.window.examiner.open_network(network)
    made.wait_until(lambda: _is_open(made, network) and made.is_idle())


def _is_open(made: Desk, network: str) -> bool:
    outline = made.window.examiner.outline
    return outline is not None and outline.network == network


def _ask_for_many_classes(made: Desk, picture: str) -> None:
    targets = tuple(ClassTarget(index) for index in range(20))
    request = Request(method="gradcam", network=NETWORK, images=(picture,), targets=targets)
    made.runner.submit(ATTRIBUTION, request)


class Pulse(QObject):
    """A 5 ms timer that notes the longest time between two of its beats."""

    def __init__(self) -> None:
        super().__init__()
        self._last = time.perf_counter()
        self._longest = 0.0
        self._timer = QTimer(self, interval=INTERVAL_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_beat)
        self._timer.start()

    def longest(self) -> float:
        """The longest gap since this was last asked, in milliseconds."""
        longest, self._longest = self._longest, 0.0
        return 1000 * longest

    def stop(self) -> None:
        """Beat no more."""
        self._timer.stop()

    @Slot()
    def _on_beat(self) -> None:
        now = time.perf_counter()
        self._longest = max(self._longest, now - self._last)
        self._last = now
