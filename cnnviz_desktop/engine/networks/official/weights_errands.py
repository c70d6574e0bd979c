"""The errands about official weights: downloading those that a network names, and importing them from a file."""

from collections.abc import Generator
from pathlib import Path

from cnnviz_desktop.core.errors import RequestError
from cnnviz_desktop.core.mirrors import split_mirrors
from cnnviz_desktop.core.official_weights import OfficialWeights, StoredWeights
from cnnviz_desktop.core.references import described, network_title
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.core.weights_folder import stored_file
from cnnviz_desktop.engine.networks.official.downloading import fetch_weights
from cnnviz_desktop.engine.networks.official.pretrained import official_weights
from cnnviz_desktop.engine.networks.official.weights_store import import_weights


def download(request: Request) -> Generator[Progress | StoredWeights, None, None]:
    """Download the official weights that the request's network names; see `fetch_weights`."""
    official = yield from _official(request)
    mirrors = split_mirrors(str(request.parameters.get("mirrors", "")))
    yield stored_file((yield from fetch_weights(official, mirrors)))


def import_file(request: Request) -> Generator[Progress | StoredWeights, None, None]:
    """Import the official weights that the request's network names; see `import_weights`."""
    file = str(request.parameters.get("file", ""))
    if not file:
        raise RequestError("Importing weights needs a file.")
    official = yield from _official(request)
    yield stored_file((yield from import_weights(official, Path(file))))


def _official(request: Request) -> Generator[Progress, None, OfficialWeights]:
    yield Progress(done=0, total=1, text=f"looking up {network_title(request.network)}")
    return official_weights(described(request.network))
