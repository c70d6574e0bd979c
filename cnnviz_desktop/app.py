"""The desktop program, put together: the only module that knows both the window and the engine.

Environment:
    CNNVIZ_EXIT_AFTER: ``first-window`` or ``first-heat-map``. For benchmarks and smoke tests: close the window once
        that was painted, and print one line of JSON to stdout, ``{"first-window": 0.61, "first-heat-map": 4.2}``, in
        seconds since the process started. Where a job fails before, the exit code is 1 and stderr says why.
"""

import logging
import os
import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cnnviz_desktop import system

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnnviz_desktop.jobs.worker import Session
    from cnnviz_desktop.ui.telling.log_panel import LogHandler

EXIT_AFTER = "CNNVIZ_EXIT_AFTER"
APPLICATION = "cnnviz-desktop"


def run(images: tuple[str, ...], network: str | None) -> int:
    """Open the window and stay until it is closed.

    Args:
        images: References of images to open; the sample's first scene where empty.
        network: Reference of the network to open; the sample where None.

    Returns:
        The process's exit code: 0, or 2 where no window can appear; stderr then says why in one sentence.
    """
    problem = why_no_window()
    if problem:
        sys.stderr.write(f"cnnviz: {problem}\n")
        return 2
    return _run_window(images, network)


def why_no_window() -> str:
    """Why Qt cannot show a window here, and what to do; empty where it can. Qt itself would abort the process."""
    packages = system.missing_qt_libraries()
    if packages:
        return f"Qt needs system libraries that are missing here. Run: {system.apt_line(packages)}"
    return system.display_problem()


def _run_window(images: tuple[str, ...], network: str | None) -> int:
    import platformdirs
    from PySide6.QtWidgets import QApplication

    from cnnviz_desktop.core.settings import SettingsFile
    from cnnviz_desktop.jobs.runner import JobRunner
    from cnnviz_desktop.ui.main_window import MainWindow
    from cnnviz_desktop.ui.milestones import FirstPaint, Stopwatch
    from cnnviz_desktop.ui.telling.unexpected import UnexpectedErrors
    from cnnviz_desktop.ui.theme import Theme

    application = QApplication([APPLICATION])
    application.setApplicationDisplayName("cnnviz")
    application.setDesktopFileName(APPLICATION)
    Theme(application)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Python's own handler waits for Qt's event loop to end
    with _logging() as log:
        settings = SettingsFile(Path(platformdirs.user_config_dir(APPLICATION, appauthor=False)) / "settings.json")
        runner = JobRunner(_make_session)
        window = MainWindow(runner, settings)
        application.aboutToQuit.connect(window.end_jobs)
        window.log.listen_to(log)
        unexpected = UnexpectedErrors(application)
        unexpected.happened.connect(window.tell_of_bug)
        first_paint = FirstPaint(window)
        first_paint.painted.connect(runner.start)
        if os.environ.get(EXIT_AFTER):
            stopwatch = Stopwatch(window, window.canvas.view, os.environ[EXIT_AFTER])
            window.examiner.produced.connect(stopwatch.hear)
            window.examiner.failed.connect(stopwatch.hear_failure)
        window.open_first(images, network)
        window.show()
        code = application.exec()
        unexpected.release()
    if not runner.shutdown(0):
        # A network's own code sits in a loop that nothing can interrupt; unwinding would wait for it for ever.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


@contextmanager
def _logging() -> "Iterator[LogHandler]":
    """Log to the window, and warnings to stderr too; what Qt itself has to say among them."""
    from PySide6.QtCore import qInstallMessageHandler

    from cnnviz_desktop.ui.telling.log_panel import LogHandler, log_qt_message

    root, window, terminal = logging.getLogger(), LogHandler(), logging.StreamHandler()
    terminal.setLevel(logging.WARNING)
    root.setLevel(logging.INFO)
    for handler in (window, terminal):
        root.addHandler(handler)
    qInstallMessageHandler(log_qt_message)
    try:
        yield window
    finally:
        qInstallMessageHandler(None)
        for handler in (window, terminal):
            root.removeHandler(handler)


def _make_session() -> "Session":
    from cnnviz_desktop.engine.session import EngineSession

    return EngineSession()
