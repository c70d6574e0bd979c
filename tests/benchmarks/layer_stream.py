"""2,048 maps of ResNet-50's layer4 from the choice of an image to the screen, against the bare forward pass."""

import time
from statistics import median

import torch

from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.engine.images import read_picture
from cnnviz_desktop.engine.inputs import prepare
from tests.benchmarks.desk import Desk, PaintClock, desk
from tests.benchmarks.limits import at_most

ROUNDS = 9
NETWORK = "torchvision:resnet50@random"
CHANNELS = 2048
LIMITS = {"maps_to_forward_ratio": at_most(1.5)}


def run() -> dict[str, float]:
    """Medians in milliseconds of rounds that alternate, and their ratio."""
    with desk() as made:
        made.runner.start()
        made.window.open_first(made.pictures(1), NETWORK)
        made.wait_until(lambda: made.window.examiner.outline is not None and made.is_idle())
        streamed, bare = [], []
        for picture in made.pictures(ROUNDS + 2):
            streamed.append(_shown_after(made, picture))
            bare.append(_bare_forward(made, picture))
    figures = {"maps_on_screen_ms": median(streamed[2:]), "bare_forward_ms": median(bare[2:])}
    figures["maps_to_forward_ratio"] = figures["maps_on_screen_ms"] / figures["bare_forward_ms"]
    return figures


def _shown_after(made: Desk, picture: str) -> float:
    """From the request until all maps have been painted; the image is decoded already, as in the window's strip."""
    list(made.session.run(Request(method="picture", images=(picture,))))
    panel = made.window.results.feature_maps
    made.window.results.setCurrentWidget(panel)
    made.wait_until(made.is_idle)
    panel.show_request("layer4.2", picture)
    clock = PaintClock(panel.grid.viewport(), lambda: int(panel.grid.stack.known.sum()) == CHANNELS)
    start = time.perf_counter()
    made.runner.submit("feature_maps", Request(method="feature_maps", network=NETWORK, images=(picture,)))
    made.wait_for(clock.painted)
    return 1000 * (clock.painted_at - start)


def _bare_forward(made: Desk, picture: str) -> float:
    """What the network alone takes, in the same thread."""
    taken: list[float] = []

    def errand() -> None:
        (bench,) = made.session._benches.values()
        batch = prepare(read_picture(picture), bench.outline.preprocessing).tensor
        with torch.no_grad():
            start = time.perf_counter()
            bench.module(batch)
            taken.append(1000 * (time.perf_counter() - start))

    made.in_worker(errand)
    return taken[0]
