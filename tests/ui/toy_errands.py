"""What the toy session answers before any network is open."""

from collections.abc import Callable, Iterator

from cnnviz_desktop.core.checkpoint_report import ArchitectureGuess, CheckpointPart, CheckpointReport
from cnnviz_desktop.core.description import Architecture
from cnnviz_desktop.core.network_catalogue import LibraryNetwork, NetworkCatalogue
from cnnviz_desktop.core.references import written
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Progress, Result

NETWORKS = tuple(
    LibraryNetwork(library="torchvision", name=name, family="Toys", task="classification") for name in ("toy", "top")
)
"""What the libraries have."""


def _networks(request: Request) -> Iterator[Result]:
    yield Progress(done=0, total=1, text="asking the libraries")
    yield NetworkCatalogue(networks=NETWORKS, missing=("There is no timm.",))


def _checkpoint(request: Request) -> Iterator[Result]:
    """What is in a weights file: it fits the network called toy."""
    guess = ArchitectureGuess(architecture=Architecture(torchvision="toy"), keys=4)
    part = CheckpointPart(place="", keys=4, parameters=435, dtypes=("float32",))
    yield CheckpointReport(
        path=written(request.network),
        bytes=1 << 20,
        sha256="ab" * 32,
        saved="2026-01-31 14:05",
        parts=(part,),
        guesses=(guess,),
    )


ERRANDS: dict[str, Callable[[Request], Iterator[Result]]] = {"networks": _networks, "checkpoint": _checkpoint}
