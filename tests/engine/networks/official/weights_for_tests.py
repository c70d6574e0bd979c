"""A small file of official weights, and downloading it."""

import hashlib
from collections import deque
from collections.abc import Generator
from pathlib import Path

import pytest

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.official_weights import OfficialWeights
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.engine.networks.official.downloading import Patience, fetch_weights
from tests.engine.networks.official.weights_server import WeightsServer

CONTENT = bytes(range(256)) * 12_000  # 2.9 MiB
SHA256 = hashlib.sha256(CONTENT).hexdigest()
NAME = f"tiny-{SHA256[:8]}.pth"
QUICK = Patience(connect=2, silence=0.4)


def weights_at(url: str, digits: str = SHA256[:8], size: int | None = None) -> OfficialWeights:
    return OfficialWeights(
        network="torchvision:tiny@ONE",
        name="ONE",
        url=f"{url}/models/{NAME}",
        file_name=NAME,
        digits=digits,
        bytes=size,
    )


def ended(download: Generator[Progress, None, Path]) -> Path:
    """What a download returns."""
    returned: list[Path] = []

    def run() -> Generator[Progress, None, None]:
        returned.append((yield from download))

    deque(run(), maxlen=0)
    return returned[0]


def interrupted(server: WeightsServer, at: int) -> None:
    """Download so much and no more."""
    server.ends_at = at
    with pytest.raises(NetworkError, match=r"the connection ended before the file did.* is kept"):
        ended(fetch_weights(weights_at(server.url), patience=QUICK))
    server.ends_at = None
    server.asked.clear()


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
