"""A window whose session lacks some official weights, and a cache of its own."""

from pathlib import Path

import pytest

from cnnviz_desktop.core.mirrors import MIRRORS_VARIABLE
from cnnviz_desktop.core.weights_folder import torch_folder
from tests.ui import conftest
from tests.ui.weights.scripted import WeightsSession


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """torch's cache, empty."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "faces"))
    monkeypatch.delenv(MIRRORS_VARIABLE, raising=False)
    made = torch_folder()
    made.mkdir(parents=True)
    return made


@pytest.fixture(autouse=True)
def _session_with_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "ToySession", WeightsSession)
