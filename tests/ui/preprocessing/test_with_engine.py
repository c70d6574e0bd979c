"""The input on the real engine: what the window shows is what the network gets, and an edit does not open it again."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.description import NetworkDescription, Preprocessing
from cnnviz_desktop.core.network_input import NetworkInput
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.settings import SettingsFile
from cnnviz_desktop.engine.images import read_picture
from cnnviz_desktop.engine.inputs import prepare
from cnnviz_desktop.engine.networks import opening
from cnnviz_desktop.engine.session import EngineSession
from cnnviz_desktop.jobs.events import Event, Produced
from cnnviz_desktop.jobs.runner import JobRunner
from cnnviz_desktop.ui.main_window import MainWindow
from cnnviz_desktop.ui.preprocessing.panel import PreprocessingPanel

PATIENCE_MS = 120_000


@pytest.fixture
def runner() -> Iterator[JobRunner]:
    runner = JobRunner(EngineSession)
    yield runner
    assert runner.shutdown(timeout_s=30)


def test_that_an_edit_is_fed_to_the_open_network_and_everything_else_stays(
    qtbot: QtBot, tmp_path: Path, runner: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    real = opening.open_network

    def counted(*arguments: object) -> object:
        opened.append(arguments[0])
        return real(*arguments)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(opening, "open_network", counted)
    given: list[NetworkInput] = []

    def keep(event: Event) -> None:
        if isinstance(event, Produced) and isinstance(event.result, NetworkInput):
            given.append(event.result)

    runner.happened.connect(keep)
    window = MainWindow(runner, SettingsFile(tmp_path / "settings.json"))
    qtbot.addWidget(window)
    window.open_first((), None)
    window.show()
    runner.start()
    qtbot.waitUntil(lambda: not runner.live, timeout=PATIENCE_MS)
    window.examiner.choose_layer("stage2")
    window.results.predictions.target_chosen.emit(3)
    (panel,) = window.findChildren(PreprocessingPanel)
    window.results.setCurrentWidget(panel)
    qtbot.waitUntil(lambda: not runner.live and bool(given), timeout=PATIENCE_MS)
    before = window.examiner.subject
    panel.form.resize_mode.setCurrentIndex(panel.form.resize_mode.findData("short_side_crop"))
    panel.form.short_side.setValue(150)
    panel.form.settle()
    qtbot.waitUntil(lambda: not runner.live and len(given) == 2, timeout=PATIENCE_MS)
    after, outline = window.examiner.subject, window.examiner.outline
    assert len(opened) == 1
    assert isinstance(outline, Outline)
    assert isinstance(after.network, NetworkDescription)
    assert (after.layer, after.map_layer, after.target, after.image) == (
        before.layer,
        before.map_layer,
        before.target,
        before.image,
    )
    recipe = after.network.preprocessing
    assert isinstance(recipe, Preprocessing)
    assert (recipe.resize, recipe.short_side, outline.preprocessing) == ("short_side_crop", 150, recipe)
    expected = prepare(read_picture(before.image), recipe)
    np.testing.assert_array_equal(given[1].raw, expected.tensor[0].numpy())
    overlay = window.canvas.overlay
    assert overlay is not None
    assert overlay.seen == pytest.approx(expected.transform.seen)
