"""What every page of the picker is: a form that makes one network reference."""

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFormLayout, QLabel, QVBoxLayout, QWidget

from cnnviz_desktop.core.description import NetworkRef


@dataclass(frozen=True, slots=True)
class Choice:
    """What a page's form says so far.

    Attributes:
        reference: The network; None as long as something is missing or wrong.
        words: A sentence that says what will be opened, or what is missing.
    """

    reference: NetworkRef | None
    words: str


class Page(QWidget):
    """A form for one kind of source.

    Signals:
        changed: The form says something else.
        wanted: What the form says is to be opened at once.
    """

    changed = Signal()
    wanted = Signal()

    def choice(self) -> Choice:
        """What the form says so far."""
        raise NotImplementedError

    def take_keyboard(self) -> None:
        """Put the keyboard where the form begins."""
        raise NotImplementedError


def rows(page: QWidget | None = None) -> QFormLayout:
    """A form whose fields take the width there is, at the top of a page."""
    form = QFormLayout()
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    if page is not None:
        column = QVBoxLayout(page)
        column.addLayout(form)
        column.addStretch(1)
    return form


def hint(text: str = "") -> QLabel:
    """A line or more that explains something, in the grey of hints."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)  # a program's own words may stand here
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label
