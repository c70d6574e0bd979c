"""What a table, and each of its rows, is about, as far as that is known by now."""

from PySide6.QtCore import QCoreApplication

from cnnviz_desktop.core.resources import image_name
from cnnviz_desktop.ui.comparison.answers import Answers
from cnnviz_desktop.ui.comparison.comparison import Comparison, Place
from cnnviz_desktop.ui.comparison.headings import target_title

translate = QCoreApplication.translate
BETWEEN = " · "


def title_of(comparison: Comparison, answers: Answers | None = None) -> str:
    """What all cells have in common, in a line; `answers` tell which class is the likeliest."""
    parts = []
    if comparison.layout != "images":
        parts.append(image_name(comparison.images[0]))
    if comparison.layout != "classes":
        parts.append(target_title(comparison.targets[0], comparison.class_names) or _likeliest(comparison, answers))
    if comparison.layout != "layers":
        parts.append(comparison.usual_layer)
    return BETWEEN.join(filter(None, parts))


def row_text(answers: Answers, row: int) -> str:
    """Heading of a row: of an image with the class that is explained, of a method with its own parameters."""
    comparison = answers.comparison
    heading = comparison.rows[row]
    of_likeliest = comparison.layout == "images" and not target_title(comparison.targets[0], comparison.class_names)
    note = _explained(answers, row) if of_likeliest else heading.note
    return "\n".join(filter(None, (heading.text, note)))


def _likeliest(comparison: Comparison, answers: Answers | None) -> str:
    known = _explained(answers, 0) if answers is not None and comparison.layout != "images" else ""
    if known:
        return translate("Comparison", "{0} (likeliest)").format(known)
    return translate("Comparison", "likeliest class")


def _explained(answers: Answers, row: int) -> str:
    """What the results of a row explain; empty until one has come."""
    columns = range(len(answers.comparison.columns))
    results = (answers.cell(Place(row, column)).result for column in columns)
    return next((result.explained.title for result in results if result is not None), "")
