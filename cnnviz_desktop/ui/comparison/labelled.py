"""A control with its label before it, as one thing that a line of controls keeps together."""

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget


def labelled(text: str, control: QWidget) -> QWidget:
    """The control with its label; the label's mnemonic goes to it."""
    pair = QWidget()
    label = QLabel(text)
    label.setBuddy(control)
    row = QHBoxLayout(pair)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    row.addWidget(label)
    row.addWidget(control)
    return pair
