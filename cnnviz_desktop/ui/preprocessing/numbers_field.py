"""A line of numbers, one for each channel."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget


class NumbersField(QLineEdit):
    """Takes numbers with commas, semicolons or blanks between them, so that they can be pasted.

    `committed` says that Enter was pressed, or the field was left, after the numbers were changed.
    """

    committed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._shown = ""
        self.editingFinished.connect(self._on_finished)

    @property
    def numbers(self) -> tuple[float, ...]:
        """What is written.

        Raises:
            ValueError: It is not a row of numbers; the sentence says what is not one.
        """
        words = self.text().strip("[]() ").replace(",", " ").replace(";", " ").split()
        return tuple(self._number(word) for word in words)

    @numbers.setter
    def numbers(self, numbers: tuple[float, ...]) -> None:
        self._shown = ", ".join(f"{number:.6g}" for number in numbers)
        self.setText(self._shown)
        self.setCursorPosition(0)

    def _number(self, word: str) -> float:
        try:
            return float(word.replace("−", "-"))
        except ValueError:
            raise ValueError(self.tr("{0}: “{1}” is no number.").format(self.accessibleName(), word)) from None

    def _on_finished(self) -> None:
        if self.text() != self._shown:
            self._shown = self.text()
            self.committed.emit()
