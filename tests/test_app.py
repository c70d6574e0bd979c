"""The program as a process of its own: what it loads, what it shows, how it ends."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from PySide6.QtCore import QObject, Slot
from pytestqt.qtbot import QtBot

from cnnviz_desktop import app
from cnnviz_desktop.ui.telling.unexpected import UnexpectedErrors

START = "import sys; from cnnviz_desktop.app import run; sys.exit(run((), None))"
HEAVY = ("torch", "torchvision", "pyqtgraph", "PIL", "cv2", "matplotlib", "psutil")


def environment(home: Path, **more: str) -> dict[str, str]:
    """This process's, with a home of its own and nothing of Qt's that tests have set."""
    kept = {key: value for key, value in os.environ.items() if key not in ("QT_QPA_PLATFORM", "XDG_CONFIG_HOME")}
    return {**kept, "HOME": str(home), **more}


def run_python(code: str, home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", dedent(code)]
    return subprocess.run(
        command, env=environment(home, **more), capture_output=True, text=True, timeout=240, check=False
    )


def test_that_the_window_shows_before_anything_heavy_is_imported(tmp_path: Path) -> None:
    code = f"""
        import sys
        from PySide6.QtCore import QObject, Slot
        from cnnviz_desktop import app
        from cnnviz_desktop.ui import milestones

        class Look(milestones.Stopwatch):
            def _reach(self, milestone):
                print(sorted(set({HEAVY!r}) & set(sys.modules)))
                super()._reach(milestone)

        milestones.Stopwatch = Look
        sys.exit(app.run((), None))
    """
    done = run_python(code, tmp_path, QT_QPA_PLATFORM="offscreen", CNNVIZ_EXIT_AFTER="first-window")
    assert done.returncode == 0, done.stderr
    loaded, times = done.stdout.splitlines()
    assert loaded == "[]"
    assert 0 < json.loads(times)["first-window"] < 60
    assert (tmp_path / ".config" / "cnnviz-desktop" / "settings.json").is_file()


def test_that_the_real_engine_paints_the_first_heat_map_of_the_sample(tmp_path: Path) -> None:
    done = run_python(START, tmp_path, QT_QPA_PLATFORM="offscreen", CNNVIZ_EXIT_AFTER="first-heat-map")
    assert done.returncode == 0, done.stderr
    times = json.loads(done.stdout)
    assert times["first-window"] < times["first-heat-map"]


def test_that_waiting_for_a_heat_map_that_cannot_come_ends_with_the_reason(tmp_path: Path) -> None:
    code = "import sys; from cnnviz_desktop.app import run; sys.exit(run((), '/gone.cnnviz-network.json'))"
    done = run_python(code, tmp_path, QT_QPA_PLATFORM="offscreen", CNNVIZ_EXIT_AFTER="first-heat-map")
    assert done.returncode == 1
    assert "/gone.cnnviz-network.json cannot be read" in done.stderr


def test_that_a_home_that_cannot_be_written_keeps_nothing_from_working(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("not even a folder")
    done = run_python(START, home, QT_QPA_PLATFORM="offscreen", CNNVIZ_EXIT_AFTER="first-window")
    assert done.returncode == 0, done.stderr
    assert "first-window" in done.stdout


@pytest.fixture
def display(tmp_path: Path) -> Iterator[str]:
    """A virtual X display of its own."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed: apt-get install xvfb")
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        with os.fdopen(reading) as numbers:
            yield f":{numbers.readline().strip()}"
        server.terminate()


def test_that_the_window_opens_on_a_real_display_shows_its_heat_map_and_ends_well(tmp_path: Path, display: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cnnviz_desktop"],
        env=environment(tmp_path, DISPLAY=display, CNNVIZ_EXIT_AFTER="first-heat-map"),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "first-heat-map" in json.loads(done.stdout)
    assert "Traceback" not in done.stderr


def test_that_a_missing_display_is_one_sentence_and_no_crash(tmp_path: Path) -> None:
    done = run_python(START, tmp_path, DISPLAY="", WAYLAND_DISPLAY="")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "cnnviz demo --output" in done.stderr


def test_that_missing_libraries_are_named_with_the_command_that_installs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnnviz_desktop.system.missing_qt_libraries", lambda: ("libxcb-cursor0", "libegl1"))
    assert "sudo apt-get install -y libxcb-cursor0 libegl1" in app.why_no_window()


def test_that_a_window_closed_during_a_step_that_never_ends_still_ends_the_process(tmp_path: Path) -> None:
    code = """
        import sys, threading
        from cnnviz_desktop import app

        inside = threading.Event()

        class Stuck:
            def run(self, request):
                inside.set()
                threading.Event().wait()
                yield
            def trust(self, sha256): ...
            def close(self): ...

        from PySide6.QtCore import QObject, QTimer, Slot
        from cnnviz_desktop.ui.main_window import MainWindow

        class CloseOnceStuck(QObject):
            def __init__(self, window):
                super().__init__(window)
                self._timer = QTimer(self, interval=5)
                self._timer.timeout.connect(self._look)
                self._timer.start()

            @Slot()
            def _look(self):
                if inside.is_set():
                    self._timer.stop()
                    print("closed in mid-job")
                    self.parent().close()

        shown = MainWindow.showEvent
        def show(window, event):
            CloseOnceStuck(window)
            shown(window, event)
        MainWindow.showEvent = show
        app._make_session = Stuck
        sys.exit(app.run((), None))
    """
    done = run_python(code, tmp_path, QT_QPA_PLATFORM="offscreen")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["closed in mid-job"]
    assert "QThread" not in done.stderr


class Told(QObject):
    """Keeps what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.bugs: list[tuple[str, str]] = []
        self.threads: set[int] = set()

    @Slot(str, str)
    def hear(self, message: str, details: str) -> None:
        self.bugs.append((message, details))
        self.threads.add(threading.get_ident())


def test_that_an_exception_in_any_thread_is_told_as_a_bug(qtbot: QtBot, expected_logs: list[str]) -> None:
    expected_logs.append("was not expected")
    before = sys.excepthook, threading.excepthook
    errors, told = UnexpectedErrors(), Told()
    errors.happened.connect(told.hear)
    try:
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()
        sys.excepthook(ValueError, ValueError("in a slot"), None)
    finally:
        errors.release()
    qtbot.waitUntil(lambda: len(told.bugs) == 2)
    assert any("ZeroDivisionError" in message and "Traceback" in details for message, details in told.bugs)
    assert any("ValueError: in a slot" in message for message, _ in told.bugs)
    assert told.threads == {threading.get_ident()}
    assert (sys.excepthook, threading.excepthook) == before
