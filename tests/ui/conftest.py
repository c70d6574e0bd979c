"""A main window on a toy network, without torch."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.settings import SettingsFile
from cnnviz_desktop.jobs.runner import JobRunner
from cnnviz_desktop.ui.main_window import MainWindow
from cnnviz_desktop.ui.strip.thumbnail_reader import THUMBNAIL
from cnnviz_desktop.ui.tiles.grid import TileGrid
from tests.ui.tile_scenes import some_maps
from tests.ui.toy import ToySession


@dataclass
class Desk:
    """A window with all that stands behind it."""

    window: MainWindow
    runner: JobRunner
    session: ToySession
    settings: SettingsFile

    def is_idle(self) -> bool:
        """Whether all is there that somebody waits for."""
        return all(job.view == THUMBNAIL for job in self.runner.live)

    def action(self, text: str) -> QAction:
        """The window's action of that text, without the menu's marks."""
        (found,) = [each for each in self.window.findChildren(QAction) if each.text().replace("&", "") == text]
        return found

    def layers(self, method: str) -> list[tuple[str, ...]]:
        return [request.layers for request in self.session.of(method)]


Seat = Callable[..., Desk]


@pytest.fixture
def settings_path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.json"


@pytest.fixture
def seat(qtbot: QtBot, settings_path: Path) -> Iterator[Seat]:
    """Opens a window with images and a network, and waits until everything asked for has come."""
    desks: list[Desk] = []

    def seated(images: tuple[str, ...] = ("sample:one", "sample:ball"), network: str | None = None) -> Desk:
        session = ToySession()
        settings = SettingsFile(settings_path)
        runner = JobRunner(lambda: session)
        window = MainWindow(runner, settings)
        desks.append(Desk(window, runner, session, settings))
        qtbot.addWidget(window)
        window.open_first(images, network)
        window.show()
        runner.start()
        qtbot.waitUntil(desks[-1].is_idle)
        return desks[-1]

    yield seated
    for desk in desks:
        assert desk.runner.shutdown()


@pytest.fixture
def desk(seat: Seat) -> Desk:
    """The window as at a first start."""
    return seat()


@pytest.fixture
def grid(qtbot: QtBot) -> TileGrid:
    """A shown grid of sixty small tiles with the focus."""
    widget = TileGrid()
    qtbot.addWidget(widget)
    widget.resize(460, 300)
    widget.set_tiles(some_maps())
    widget.show()
    qtbot.waitExposed(widget)
    widget.setFocus()
    return widget
