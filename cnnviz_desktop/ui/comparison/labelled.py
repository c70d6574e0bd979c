"""Controls that a line of controls keeps together."""

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget


def labelled(text: str, control: QWidget) -> QWidget:
    """The control with its label before it; the label's mnemonic goes to it."""
    label = QLabel(text)
    label.setBuddy(control)
    return together(label, control)


def together(*widgets: QWidget) -> QWidget:
    """The widgets side by side, as one."""
    group = QWidget()
    row = QHBoxLayout(group)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    for widget in widgets:
        row.addWidget(widget)
    return group
