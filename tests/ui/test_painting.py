"""Filling a rectangle: every pixel of it, none beside it, and the painter as it was."""

import sys
from subprocess import run

import pytest
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from cnnviz_desktop.ui.painting import fill

RED = QColor(200, 10, 20)


@pytest.mark.parametrize("area", [QRect(2, 3, 4, 5), QRectF(2, 3, 4, 5)])
def test_that_a_rectangle_is_filled_and_nothing_else(qtbot: QtBot, area: QRect | QRectF) -> None:
    image = QImage(10, 10, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setPen(QColor("blue"))
    fill(painter, area, RED)
    assert painter.pen().color() == QColor("blue")
    assert painter.brush().style() == Qt.BrushStyle.NoBrush
    painter.end()
    red = {(x, y) for x in range(10) for y in range(10) if image.pixelColor(x, y) == RED}
    assert red == {(x, y) for x in range(2, 6) for y in range(3, 8)}
    white = sum(image.pixelColor(x, y) == QColor("white") for x in range(10) for y in range(10))
    assert white == 100 - len(red)


def test_that_no_enumeration_of_gradients_is_built() -> None:
    script = """
import enum
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter
from cnnviz_desktop.ui.painting import fill
application = QGuiApplication(["test", "-platform", "offscreen"])
image = QImage(10, 10, QImage.Format.Format_RGB32)
painter = QPainter(image)
made = []
build = enum.EnumMeta._create_
enum.EnumMeta._create_ = lambda cls, name, *rest, **named: made.append(name) or build(cls, name, *rest, **named)
fill(painter, QRect(0, 0, 5, 5), QColor(1, 2, 3))
painter.end()
print("Preset" in made)
"""
    done = run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
