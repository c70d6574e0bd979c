"""The window on the real engine: the sample, and a user's own network from its file to its heat map."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.geometry import Box
from cnnviz_desktop.core.gradient_rendering import strongest
from cnnviz_desktop.core.results import Attribution, GradientPicture, HeatMap
from cnnviz_desktop.core.settings import SettingsFile
from cnnviz_desktop.engine.session import EngineSession
from cnnviz_desktop.jobs.runner import JobRunner
from cnnviz_desktop.ui.main_window import MainWindow
from cnnviz_desktop.ui.methods.method_panel import MethodPanel
from cnnviz_desktop.ui.opening.consent_dialog import ConsentDialog

PATIENCE_MS = 120_000
Open = Callable[[str | None], MainWindow]


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path) -> Iterator[Open]:
    runners: list[JobRunner] = []

    def opened(network: str | None) -> MainWindow:
        runner = JobRunner(EngineSession)
        runners.append(runner)
        window = MainWindow(runner, SettingsFile(tmp_path / "settings.json"))
        qtbot.addWidget(window)
        window.open_first((), network)
        window.show()
        runner.start()
        qtbot.waitUntil(lambda: not runner.live, timeout=PATIENCE_MS)
        return window

    yield opened
    for runner in runners:
        assert runner.shutdown(timeout_s=30)


def test_that_the_sample_is_seen_layer_by_layer_and_class_by_class(qtbot: QtBot, open_window: Open) -> None:
    window = open_window(None)
    outline = window.examiner.outline
    assert outline is not None
    assert window.messages.messages == ()
    heat_maps: list[HeatMap] = []
    window.examiner.produced.connect(lambda result: heat_maps.append(result) if isinstance(result, HeatMap) else None)
    first = window.canvas.overlay
    assert first is not None
    assert np.ptp(first.raw) > 0

    window.results.predictions.target_chosen.emit(1)
    qtbot.waitUntil(lambda: len(heat_maps) == 1, timeout=PATIENCE_MS)
    explained = heat_maps[0].explained
    assert (explained.class_index, explained.class_name) == (1, outline.class_name(1))

    convolution = next(layer for layer in outline.layers if layer.type == "Conv2d")
    window.tree.layer_chosen.emit(convolution.name)
    maps, kernels = window.results.feature_maps.grid, window.results.kernels.grid
    qtbot.waitUntil(lambda: kernels.stack.total > 0, timeout=PATIENCE_MS)
    channels, height, width = convolution.outputs[0]
    assert maps.stack.total == channels
    shown = maps.map(channels - 1)
    assert shown is not None
    assert shown.shape == (height, width)
    assert heat_maps[1].layer == convolution.name


def layers(window: MainWindow) -> list[str]:
    outline = window.examiner.outline
    return [layer.name for layer in outline.layers] if outline is not None else []


def own_network(folder: Path) -> Path:
    """A description of a network in a Python file that leaves a trace when it runs."""
    program = f"""
        from pathlib import Path
        from torch import nn

        Path({str(folder / "ran")!r}).touch()

        def build():
            return nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 4))
    """
    (folder / "mine.py").write_text(dedent(program))
    description = folder / "mine.cnnviz-network.json"
    fields = {"format": 1, "name": "Mine", "architecture": {"file": "mine.py", "factory": "build"}}
    description.write_text(json.dumps({**fields, "preprocessing": {"size": [32, 32]}}))
    return description


def test_that_methods_units_and_regions_are_explained_by_the_engine(qtbot: QtBot, open_window: Open) -> None:
    window = open_window(None)
    canvas, outline = window.canvas, window.examiner.outline
    assert outline is not None
    came: list[Attribution] = []
    window.examiner.produced.connect(lambda each: came.append(each) if isinstance(each, Attribution) else None)
    (panel,) = window.findChildren(MethodPanel)

    panel.methods.chosen.emit("guided_backprop")
    qtbot.waitUntil(lambda: bool(came), timeout=PATIENCE_MS)
    picture = came.pop()
    assert isinstance(picture, GradientPicture)
    assert canvas.overlay is not None
    np.testing.assert_array_equal(canvas.overlay.raw, strongest(picture.raw))
    assert np.ptp(picture.raw) > 0

    canvas.region_drawn.emit(Box(30, 80, 60, 110))
    qtbot.waitUntil(lambda: bool(came), timeout=PATIENCE_MS)
    around = strongest(came.pop().raw)
    assert around[80:110, 30:60].mean() > 1.5 * around[:30].mean(), "what is drawn depends on what is around it"

    panel.methods.chosen.emit("gradcam")
    qtbot.waitUntil(lambda: bool(came), timeout=PATIENCE_MS)
    before = came.pop()
    assert isinstance(before, HeatMap)
    names = [layer.name for layer in outline.layers]
    assert names.index(before.layer) < names.index(outline.suggested)
    assert "region" in canvas.caption.title
    assert window.messages.messages == ()


def test_that_a_users_network_runs_only_after_consent(qtbot: QtBot, open_window: Open, tmp_path: Path) -> None:
    description = own_network(tmp_path)
    window = open_window(str(description))
    (dialog,) = window.findChildren(ConsentDialog)
    assert not (tmp_path / "ran").exists()
    dialog.refuse_button.click()
    assert layers(window) == []
    assert not (tmp_path / "ran").exists()

    window.examiner.open_network(str(description))
    qtbot.waitUntil(lambda: any(each.isVisible() for each in window.findChildren(ConsentDialog)), timeout=PATIENCE_MS)
    next(each for each in window.findChildren(ConsentDialog) if each.isVisible()).run_button.click()
    qtbot.waitUntil(lambda: window.canvas.overlay is not None, timeout=PATIENCE_MS)
    assert (tmp_path / "ran").exists()
    assert layers(window) == list("01234")
