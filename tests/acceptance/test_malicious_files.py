"""Nothing of a file runs before the user has agreed to it: a mark that is not there proves it.

On the command line and in the window, with whatever a description, a weights file or a folder may bring along.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from cnnviz_desktop.cli import main
from cnnviz_desktop.core.settings import SettingsFile
from cnnviz_desktop.engine.session import EngineSession
from cnnviz_desktop.jobs.runner import JobRunner
from cnnviz_desktop.ui.main_window import MainWindow
from cnnviz_desktop.ui.opening.consent_dialog import ConsentDialog
from tests.acceptance.malicious import (
    PROGRAMS,
    PYTHONS_OWN,
    WEIGHTS,
    exported_with_pickle,
    marker_of,
    surroundings,
    weights_beside,
)

PATIENCE_MS = 120_000


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that somebody has sent, and that the program is started in."""
    made = tmp_path / "sent"
    made.mkdir()
    surroundings(made)
    monkeypatch.chdir(made)
    return made


def refused_by_command(network: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What the command line says when it opens a network nobody has agreed to."""
    assert main(["list", "layers", "--network", network]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    return told.err


@pytest.mark.parametrize("name", WEIGHTS)
def test_that_a_weights_file_runs_nothing_and_is_refused_in_a_sentence(
    folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused_by_command(str(weights_beside(folder, name)), capsys)
    assert name in said
    assert "Traceback" not in said
    assert not marker_of(folder).exists()


@pytest.mark.parametrize("name", ["archive.pth", "legacy.pth", "pickle.pkl"])
def test_that_what_would_have_run_is_named(folder: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "exec" in refused_by_command(str(weights_beside(folder, name)), capsys)


@pytest.mark.parametrize("name", WEIGHTS)
def test_that_a_weights_file_named_as_a_network_runs_nothing(
    folder: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    weights_beside(folder, name)
    assert "Traceback" not in refused_by_command(str(folder / name), capsys)
    assert not marker_of(folder).exists()


@pytest.mark.parametrize("kind", PROGRAMS)
def test_that_a_program_does_not_run_on_the_command_line_before_consent(
    folder: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused_by_command(str(PROGRAMS[kind](folder)), capsys)
    assert "has not been run" in said
    assert not marker_of(folder).exists()


@pytest.mark.parametrize("kind", PYTHONS_OWN)
def test_that_a_module_of_pythons_own_calls_nothing_even_with_consent(
    folder: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    description = str(PYTHONS_OWN[kind](folder))
    assert main(["list", "layers", "--network", description, "--trust"]) == 2
    assert "is Python's own" in capsys.readouterr().err
    assert not marker_of(folder).exists()


def test_that_a_pickle_in_an_exported_program_does_not_run_even_with_consent(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = exported_with_pickle(folder)
    assert main(["list", "layers", "--network", str(path), "--trust"]) == 2
    assert "could run code when opened, so that it was not" in capsys.readouterr().err
    assert not marker_of(folder).exists()


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    runner = JobRunner(EngineSession)
    made = MainWindow(runner, SettingsFile(tmp_path / "settings.json"))
    qtbot.addWidget(made)
    made.open_first((), None)
    made.show()
    runner.start()
    qtbot.waitUntil(lambda: not runner.live, timeout=PATIENCE_MS)
    yield made
    assert runner.shutdown(timeout_s=30)


def drop(window: MainWindow, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    action, button, modifier = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(5, 5), action, data, button, modifier))


def questions(window: MainWindow) -> list[ConsentDialog]:
    return [dialog for dialog in window.findChildren(ConsentDialog) if dialog.isVisible()]


def test_that_dropped_programs_ask_and_run_nothing_when_refused(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    for number, (kind, make) in enumerate(PROGRAMS.items()):
        folder = tmp_path / str(number) / "sent"
        folder.mkdir(parents=True)
        path = make(folder)
        drop(window, path)
        qtbot.waitUntil(lambda: bool(questions(window)), timeout=PATIENCE_MS)
        (dialog,) = questions(window)
        assert not marker_of(folder).exists(), kind
        dialog.refuse_button.click()
        qtbot.waitUntil(lambda: not questions(window))
        assert "was not opened, because its program may not run" in window.messages.messages[0].text, kind
        assert not marker_of(folder).exists(), kind
    outline = window.examiner.outline
    assert outline is not None
    assert outline.network == "sample"
