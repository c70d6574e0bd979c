"""What a weights file holds, in words."""

from PySide6.QtCore import QCoreApplication

from cnnviz_desktop.core.checkpoint_report import CheckpointPart, CheckpointReport
from cnnviz_desktop.core.official_weights import in_mebibytes
from cnnviz_desktop.ui.opening.picker.library_model import millions

translate = QCoreApplication.translate
_CONTEXT = "CheckpointWords"
NAMES_SHOWN = 4


def report_words(report: CheckpointReport) -> str:
    """What is in a file, a line each: its size and age, its weights, its training, and what to know."""
    lines = [translate(_CONTEXT, "{0}, saved {1}").format(in_mebibytes(report.bytes), report.saved)]
    if len(report.parts) == 1:
        lines.append(part_words(report.parts[0]))
    if report.facts:
        lines.append(", ".join(f"{name} {value}" for name, value in report.facts))
    if report.architecture and report.architecture not in dict(report.facts).values():
        lines.append(translate(_CONTEXT, "its network is called {0}").format(report.architecture))
    if report.class_names:
        lines.append(
            translate(_CONTEXT, "{0} class names: {1}").format(len(report.class_names), _few(report.class_names))
        )
    if not report.guesses:
        lines.append(translate(_CONTEXT, "No network of the libraries is like it."))
    return "\n".join((*lines, *report.notes))


def part_words(part: CheckpointPart) -> str:
    """Where a dictionary is in its file, and how much is in it."""
    where = part.place or translate(_CONTEXT, "its top level")
    values = millions(part.parameters)
    return translate(_CONTEXT, "{0}: {1} tensors, {2} values, {3}").format(
        where, part.keys, values, ", ".join(part.dtypes)
    )


def _few(names: tuple[str, ...]) -> str:
    return ", ".join(names[:NAMES_SHOWN]) + (", …" if len(names) > NAMES_SHOWN else "")
