"""A field for the mirrors of official weights, one address a line."""

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.mirrors import MIRRORS_VARIABLE, check_mirror, mirrors_of_environment, split_mirrors

LINES = 3


class MirrorsField(QWidget):
    """Says what is wrong with an address as it is written; `changed` tells only of addresses that are right.

    Signals:
        changed: The mirrors, a tuple of addresses.

    Args:
        parent: Qt's parent.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._told: tuple[str, ...] = ()
        self.text = _Lines()
        self.text.setAccessibleName(self.tr("Mirrors of official weights, one address a line"))
        self.text.setPlaceholderText("https://mirror.example/pytorch")
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.setAccessibleName(self.tr("About the mirrors"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.text)
        layout.addWidget(self.problem)
        self.text.textChanged.connect(self._on_changed)
        self._on_changed()

    @property
    def mirrors(self) -> tuple[str, ...]:
        """The mirrors as they were last right."""
        return self._told

    def show_mirrors(self, mirrors: tuple[str, ...]) -> None:
        """Show these, as if they had been written; nothing is told."""
        self._told = mirrors
        self.text.setPlainText("\n".join(mirrors))

    @Slot()
    def _on_changed(self) -> None:
        mirrors = split_mirrors(self.text.toPlainText())
        try:
            for mirror in mirrors:
                check_mirror(mirror)
        except NetworkError as error:
            self.problem.setText(str(error))
            return
        self.problem.setText(self._explanation())
        if mirrors != self._told:
            self._told = mirrors
            self.changed.emit(mirrors)

    def _explanation(self) -> str:
        own = self.tr("Each stands in for the address of the publisher's server; the first is tried first.")
        named = mirrors_of_environment()
        if not named:
            return own
        before = self.tr("{0} of the environment comes before them: {1}.").format(MIRRORS_VARIABLE, ", ".join(named))
        return f"{own} {before}"


class _Lines(QPlainTextEdit):
    """A few lines of plain text; Tab goes on to the next field."""

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFixedHeight(self.sizeHint().height())

    def sizeHint(self) -> QSize:
        """Room for a few addresses."""
        margins = self.contentsMargins()
        height = LINES * self.fontMetrics().lineSpacing() + 2 * round(self.document().documentMargin())
        return QSize(420, height + margins.top() + margins.bottom() + 2 * self.frameWidth())
