"""Both themes can be read, and the system's choice is followed while the program runs."""

from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QAbstractButton, QApplication, QCheckBox, QLabel, QRadioButton, QWidget
from pytestqt.qtbot import QtBot

from cnnviz_desktop.ui.theme import Theme, palette, set_colours

Role = QPalette.ColorRole
READ_ON = (
    (Role.WindowText, Role.Window),
    (Role.PlaceholderText, Role.Window),
    (Role.Text, Role.Base),
    (Role.Text, Role.AlternateBase),
    (Role.PlaceholderText, Role.Base),
    (Role.PlaceholderText, Role.AlternateBase),
    (Role.ButtonText, Role.Button),
    (Role.ToolTipText, Role.ToolTipBase),
    (Role.HighlightedText, Role.Highlight),
    (Role.Link, Role.Base),
    (Role.LinkVisited, Role.Base),
    (Role.BrightText, Role.Window),
)


def luminance(colour: QColor) -> float:
    """Relative luminance as WCAG 2.1 defines it."""

    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    red, green, blue = map(linear, (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(("text", "ground"), READ_ON)
def test_that_text_stands_out_from_its_ground(dark: bool, text: Role, ground: Role) -> None:
    colours = palette(dark=dark)
    lighter, darker = sorted((luminance(colours.color(text)), luminance(colours.color(ground))), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("made", [QCheckBox, QRadioButton])
def test_that_a_box_that_is_not_ticked_can_be_seen(
    qtbot: QtBot, qapp: QApplication, dark: bool, made: type[QAbstractButton]
) -> None:
    before, style = QApplication.palette(), QApplication.style().name()
    qapp.setStyle("Fusion")
    set_colours(dark=dark)
    box = made()
    qtbot.addWidget(box)
    box.show()
    drawn = box.grab().toImage()
    ground = luminance(palette(dark=dark).color(Role.Window))
    inked = [luminance(drawn.pixelColor(x, y)) for x in range(drawn.width()) for y in range(drawn.height())]
    contrasts = [(max(ground, ink) + 0.05) / (min(ground, ink) + 0.05) for ink in inked]
    assert max(contrasts) >= 3, "as WCAG 2.1 wants it of the outlines of controls"
    QApplication.setPalette(before)
    QApplication.setStyle(style)


def all_written_in(widgets: tuple[QWidget, ...], ink: QColor) -> bool:
    return all(widget.palette().color(Role.WindowText) == ink for widget in widgets)


def test_that_the_systems_scheme_is_followed_live_by_every_widget(qtbot: QtBot, qapp: QApplication) -> None:
    plain, styled = QLabel("plain"), QWidget()
    below = QLabel("below", styled)
    styled.setStyleSheet("QToolButton { border: none; }")
    for widget in (plain, styled):
        qtbot.addWidget(widget)
        widget.show()
    before, style = QApplication.palette(), QApplication.style().name()
    theme = Theme(qapp)
    hints = QGuiApplication.styleHints()
    for scheme, dark in ((Qt.ColorScheme.Dark, True), (Qt.ColorScheme.Light, False)):
        hints.colorSchemeChanged.emit(scheme)
        ink = palette(dark=dark).color(Role.WindowText)
        qtbot.waitUntil(partial(all_written_in, (plain, styled, below), ink), timeout=1000)
    hints.colorSchemeChanged.disconnect(theme._follow)
    theme.deleteLater()
    QApplication.setPalette(before)
    QApplication.setStyle(style)
