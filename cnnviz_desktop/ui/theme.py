"""Light and dark: the Fusion style with palettes of our own, following the system while the program runs."""

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

_Role = QPalette.ColorRole

LIGHT: dict[QPalette.ColorRole, str] = {
    _Role.Window: "#f3f4f6",
    _Role.WindowText: "#16181d",
    _Role.Base: "#ffffff",
    _Role.AlternateBase: "#f5f7fa",
    _Role.Text: "#16181d",
    _Role.PlaceholderText: "#5d6573",
    _Role.Button: "#e9ebef",
    _Role.ButtonText: "#16181d",
    _Role.BrightText: "#b3261e",
    _Role.ToolTipBase: "#fffbe6",
    _Role.ToolTipText: "#16181d",
    _Role.Highlight: "#2b62c4",
    _Role.HighlightedText: "#ffffff",
    _Role.Accent: "#2b62c4",
    _Role.Link: "#1f56b5",
    _Role.LinkVisited: "#6b3fa0",
    _Role.Light: "#ffffff",
    _Role.Midlight: "#e4e7eb",
    _Role.Mid: "#b8bec8",
    _Role.Dark: "#9aa1ad",
    _Role.Shadow: "#6d7480",
}
DARK: dict[QPalette.ColorRole, str] = {
    _Role.Window: "#24272d",
    _Role.WindowText: "#e8eaee",
    _Role.Base: "#1b1d22",
    _Role.AlternateBase: "#202329",
    _Role.Text: "#e8eaee",
    _Role.PlaceholderText: "#9aa3b2",
    _Role.Button: "#31353d",
    _Role.ButtonText: "#e8eaee",
    _Role.BrightText: "#ff8a80",
    _Role.ToolTipBase: "#3a3f49",
    _Role.ToolTipText: "#f2f3f5",
    _Role.Highlight: "#3a6fd0",
    _Role.HighlightedText: "#ffffff",
    _Role.Accent: "#5b8def",
    _Role.Link: "#8ab4ff",
    _Role.LinkVisited: "#c7a6ff",
    _Role.Light: "#454b56",
    _Role.Midlight: "#3a3f49",
    _Role.Mid: "#1f2227",
    _Role.Dark: "#15171a",
    _Role.Shadow: "#0b0c0e",
}
_FRAME_DARKER = 140
"""Per cent by which Fusion darkens the window's colour for the frame of a box: on a dark ground nobody sees it."""

_GREYED = (_Role.WindowText, _Role.Text, _Role.ButtonText, _Role.HighlightedText)


def palette(*, dark: bool) -> QPalette:
    """All colours of one of the two themes."""
    colours = DARK if dark else LIGHT
    made = QPalette()
    for role, colour in colours.items():
        made.setColor(role, QColor(colour))
    for role in _GREYED:
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor("#767d8a" if dark else "#858c98"))
    made.setColor(QPalette.ColorGroup.Disabled, _Role.Highlight, QColor(colours[_Role.Midlight]))
    return made


def with_tick_frames(colours: QPalette) -> QPalette:
    """The palette with the frames of boxes to tick, drawn darker than the window, in the colour of hints instead."""
    made = QPalette(colours)
    made.setColor(_Role.Window, colours.color(_Role.PlaceholderText).lighter(_FRAME_DARKER))
    return made


def set_colours(*, dark: bool) -> None:
    """Put the whole application into one of the two themes."""
    colours = palette(dark=dark)
    QApplication.setPalette(colours)
    for ticked in ("QCheckBox", "QRadioButton"):
        QApplication.setPalette(with_tick_frames(colours), ticked)  # type: ignore[arg-type]  # it takes no bytes
    for widget in QApplication.allWidgets():
        sheet = widget.styleSheet()
        if sheet:  # Qt leaves the old palette on what has a style sheet, and on all below it
            widget.setStyleSheet("")
            widget.setStyleSheet(sheet)


class Theme(QObject):
    """Keeps the application in the system's colour scheme."""

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        application.setStyle("Fusion")
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._follow)
        self._follow(hints.colorScheme())

    @Slot(Qt.ColorScheme)
    def _follow(self, scheme: Qt.ColorScheme) -> None:
        set_colours(dark=scheme == Qt.ColorScheme.Dark)
