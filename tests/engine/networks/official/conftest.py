"""torch's cache and a web server for tests that download."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cnnviz_desktop.core.mirrors import MIRRORS_VARIABLE
from cnnviz_desktop.core.weights_folder import torch_folder
from tests.engine.networks.official.weights_for_tests import CONTENT
from tests.engine.networks.official.weights_server import WeightsServer, serving


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """torch's cache, empty; no proxy and no mirror."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    for name in ("http_proxy", "https_proxy", "all_proxy", MIRRORS_VARIABLE):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return torch_folder()


@pytest.fixture
def server(folder: Path) -> Iterator[WeightsServer]:
    """Offers `CONTENT`."""
    with serving(CONTENT) as offered:
        yield offered
