"""The picker's parts by themselves."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.settings import SettingsFile
from cnnviz_desktop.ui.opening.file_dialogs import FileDialogs
from cnnviz_desktop.ui.opening.picker.pages import Pages
from tests.ui.conftest import Desk
from tests.ui.picker.desk_tools import picking
from tests.ui.picker.some_networks import NETWORKS


@pytest.fixture
def dialogs(qtbot: QtBot, tmp_path: Path) -> FileDialogs:
    window = QWidget()
    qtbot.addWidget(window)
    return FileDialogs(SettingsFile(tmp_path / "config" / "settings.json"), window)


PROGRAM = '''
import torch

def build(width=64, *, classes, act="relu"):
    """A small network.

    More of it."""
    return Net(width)

class Net(torch.nn.Module):
    def __init__(self, depth: int, drop: float = 0.1) -> None: ...
'''


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A Python file that leaves a trace when it runs."""
    path = tmp_path / "project" / "model.py"
    path.parent.mkdir()
    path.write_text(PROGRAM + f"\nopen({str(tmp_path / 'ran')!r}, 'w')\n")
    return path


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "best.pth"
    path.write_bytes(b"something")
    return path


@pytest.fixture
def pages(desk: Desk, qtbot: QtBot) -> Pages:
    """The pages of a picker that was opened by its action, and has heard of some networks."""
    desk.action("Open network…").trigger()
    qtbot.waitUntil(desk.is_idle)
    made = picking(desk).pages
    made.library.show_networks(NETWORKS)
    return made
