"""The whole way, over the real engine and a web server on this machine: asked, downloaded, opened, and there again."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.description import NetworkDescription
from cnnviz_desktop.core.settings import SettingsFile
from cnnviz_desktop.engine.networks.official import pretrained
from cnnviz_desktop.engine.session import EngineSession
from cnnviz_desktop.jobs.runner import JobRunner
from cnnviz_desktop.ui.main_window import MainWindow
from cnnviz_desktop.ui.weights.needed_dialog import NeededDialog
from tests.engine.networks.official.weights_server import WeightsServer, serving

REFERENCE = "torchvision:squeezenet1_1@IMAGENET1K_V1"
PATIENCE_MS = 60_000


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[WeightsServer]:
    """Offers random weights in place of squeezenet's own, under the hash that they have."""
    from torchvision import models

    file = io.BytesIO()
    torch.save(models.squeezenet1_1().state_dict(), file)
    digits = hashlib.sha256(file.getvalue()).hexdigest()[:8]
    own = pretrained.trained_weights
    with serving(file.getvalue()) as offered:

        def trained(description: NetworkDescription) -> pretrained.TrainedWeights:
            told = own(description)
            return replace(told, official=replace(told.official, url=f"{offered.url}/s.pth", digits=digits))

        monkeypatch.setattr(pretrained, "trained_weights", trained)
        yield offered


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    runner = JobRunner(EngineSession)
    window = MainWindow(runner, SettingsFile(tmp_path / "settings.json"))
    qtbot.addWidget(window)
    window.open_first(("sample:scene_01",), REFERENCE)
    window.show()
    runner.start()
    yield window
    assert runner.shutdown(20)


def test_that_weights_are_asked_for_downloaded_and_used(
    qtbot: QtBot, server: WeightsServer, window: MainWindow, folder: Path
) -> None:
    qtbot.waitUntil(lambda: bool(window.findChildren(NeededDialog)), timeout=PATIENCE_MS)
    assert server.asked == []
    (dialog,) = window.findChildren(NeededDialog)
    dialog.download_button.click()
    qtbot.waitUntil(lambda: window.examiner.outline is not None, timeout=PATIENCE_MS)
    outline = window.examiner.outline
    assert outline is not None
    assert outline.network == REFERENCE
    assert len(outline.class_names) == 1000
    assert outline.weights_sha256 == hashlib.sha256(server.content).hexdigest()
    assert sorted(path.name for path in folder.iterdir()) == [
        "squeezenet1_1-b8a52dc0.pth",
        "squeezenet1_1-b8a52dc0.pth.sha256",
    ]
    assert len(server.asked) == 1
