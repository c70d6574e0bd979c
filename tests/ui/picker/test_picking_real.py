"""Files that are dropped on the window, opened through the picker by the real engine."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from torch import nn
from torchvision.models import resnet18

from cnnviz_desktop.core.description import NetworkDescription
from cnnviz_desktop.core.settings import SettingsFile
from cnnviz_desktop.engine.session import EngineSession
from cnnviz_desktop.jobs.runner import JobRunner
from cnnviz_desktop.ui.main_window import MainWindow
from cnnviz_desktop.ui.opening.consent_dialog import ConsentDialog
from cnnviz_desktop.ui.opening.description_files import write_description
from cnnviz_desktop.ui.opening.picking import Picking
from tests.ui.picker.desk_tools import drop

PATIENCE_MS = 120_000


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """The window on the sample."""
    runner = JobRunner(EngineSession)
    made = MainWindow(runner, SettingsFile(tmp_path / "config" / "settings.json"))
    qtbot.addWidget(made)
    made.open_first((), None)
    made.show()
    runner.start()
    qtbot.waitUntil(lambda: made.canvas.overlay is not None, timeout=PATIENCE_MS)
    yield made
    assert runner.shutdown(timeout_s=30)


def picking(window: MainWindow) -> Picking:
    (found,) = window.findChildren(Picking)
    return found


def train(module: nn.Module, size: int) -> nn.Module:
    """Two steps, as a training script takes them."""
    torch.manual_seed(0)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.01)
    for _ in range(2):
        loss = nn.functional.cross_entropy(module(torch.randn(4, 3, size, size)), torch.tensor([0, 1, 0, 1]))
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
    return module


def wait_for_network(qtbot: QtBot, window: MainWindow, name: str) -> None:
    def is_open() -> bool:
        outline = window.examiner.outline
        return outline is not None and outline.name == name

    qtbot.waitUntil(is_open, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: window.canvas.overlay is not None, timeout=PATIENCE_MS)


def test_that_trained_weights_that_are_dropped_become_a_heat_map(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    trained = train(resnet18(num_classes=2), 64)
    file = tmp_path / "best.pth"
    torch.save({"state_dict": trained.state_dict(), "epoch": 2, "best_acc1": 71.5}, file)
    drop(window, file)
    page = picking(window).pages.checkpoint
    qtbot.waitUntil(lambda: page.choice().reference is not None, timeout=PATIENCE_MS)
    assert "best_acc1 71.5" in page.facts.text()
    made = page.choice().reference
    assert isinstance(made, NetworkDescription)
    assert made.architecture.torchvision == "resnet18"
    QTest.keyClick(page.file.line, Qt.Key.Key_Return)
    wait_for_network(qtbot, window, "resnet18 · best.pth")
    assert not picking(window).picker.isVisible()
    outline = window.examiner.outline
    assert outline is not None
    assert outline.classes == 2
    overlay = window.canvas.overlay
    assert overlay is not None
    assert np.ptp(overlay.raw) > 0

    (tmp_path / "elsewhere").mkdir()
    saved = write_description(outline.description, tmp_path / "elsewhere" / "again")
    drop(window, saved)
    qtbot.waitUntil(lambda: window.examiner.subject.network == str(saved), timeout=PATIENCE_MS)
    again = window.examiner.outline
    assert again is not None
    assert (again.weights_sha256, again.layers) == (outline.weights_sha256, outline.layers)
    assert again.preprocessing == outline.preprocessing


PROGRAM = """
from pathlib import Path
from torch import nn

Path({trace!r}).touch()

def build(classes, width=6):
    return nn.Sequential(
        nn.Conv2d(3, width, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, classes)
    )
"""


def test_that_a_program_and_its_weights_are_opened_after_consent_alone(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    trace = tmp_path / "ran"
    program, weights = tmp_path / "mine.py", tmp_path / "mine.pth"
    program.write_text(PROGRAM.format(trace=str(trace)))
    own = nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 3))
    torch.save(own.state_dict(), weights)
    drop(window, weights, program)
    picker, page = picking(window).picker, picking(window).pages.python
    assert "classes has no default" in picker.words.text()
    page.arguments.arguments.setData(page.arguments.arguments.index(0, 1), "3")
    page.naming.name.setText("Mine")
    picker.open_button.click()
    qtbot.waitUntil(lambda: bool(window.findChildren(ConsentDialog)), timeout=PATIENCE_MS)
    assert not trace.exists()
    assert "runs only once you have agreed to it" in picker.words.text()
    window.findChildren(ConsentDialog)[0].accept()
    wait_for_network(qtbot, window, "Mine")
    assert trace.exists()
    assert not picker.isVisible()
    outline = window.examiner.outline
    assert outline is not None
    assert outline.classes == 3
    assert outline.description.weights == str(weights)
