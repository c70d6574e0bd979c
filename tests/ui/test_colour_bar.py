import math

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.rendering import Limits, colour_table
from cnnviz_desktop.ui.colours.colour_bar import THICKNESS, ColourBar, bar_labels, nice_ticks, number_text


@pytest.mark.parametrize("limits", [Limits(-0.31, 4.2), Limits(0, 1), Limits(-3e-7, 8.2e-6), Limits(1e5, 1.234e6)])
@pytest.mark.parametrize("most", [2, 5, 9])
def test_that_ticks_are_round_evenly_spaced_and_within_the_limits(limits: Limits, most: int) -> None:
    ticks = nice_ticks(limits, most)
    assert len(ticks) <= most
    assert all(limits.low - 1e-9 <= tick <= limits.high + 1e-9 for tick in ticks)
    if len(ticks) > 1:
        steps = np.diff(ticks)
        mantissa = steps[0] / 10 ** math.floor(math.log10(steps[0]) + 1e-9)
        np.testing.assert_allclose(steps, steps[0])
        assert any(math.isclose(mantissa, nice) for nice in (1, 2, 5))


@pytest.mark.parametrize("limits", [Limits(2, 2), Limits(3, 1), Limits(math.nan, 1), Limits(0, math.inf)])
def test_that_limits_without_a_span_have_no_ticks(limits: Limits) -> None:
    assert nice_ticks(limits, 5) == ()


@pytest.mark.parametrize("length", [60, 120, 400])
def test_that_both_limits_are_named_and_labels_keep_apart(length: int) -> None:
    labels = bar_labels(Limits(-0.312, 4.2), length, label_extent=16)
    assert labels[0] == (0.0, "−0.312")
    assert labels[-1] == (1.0, "4.2")
    assert min(np.diff([position for position, _ in labels])) * length >= 16 - 1e-9


def test_that_a_label_stands_where_its_value_lies() -> None:
    labels = {text: position for position, text in bar_labels(Limits(-1, 3), 300, 16)}
    assert labels["0"] == pytest.approx(0.25)
    assert labels["2"] == pytest.approx(0.75)


def test_that_limits_that_meet_are_named_once() -> None:
    assert bar_labels(Limits(3, 3), 100, 16) == ((0.5, "3"),)


@pytest.mark.parametrize(("value", "text"), [(0.0, "0"), (-0.0, "0"), (1234.5, "1.23e+03"), (-0.5, "−0.5")])
def test_that_numbers_are_written_in_three_digits(value: float, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize("orientation", list(Qt.Orientation))
def test_that_the_upper_limits_colour_is_at_the_top_or_the_right(qtbot: QtBot, orientation: Qt.Orientation) -> None:
    bar = ColourBar(orientation)
    qtbot.addWidget(bar)
    table = colour_table("viridis")
    bar.set_scale(table, Limits(-1, 2))
    bar.resize(300, 300)
    picture = bar.grab().toImage()
    middle = THICKNESS // 2
    points = [(150, middle) for _ in (0, 1)]
    points = [(middle, 280), (middle, 20)] if orientation == Qt.Orientation.Vertical else [(40, middle), (260, middle)]
    low, high = (picture.pixelColor(*point) for point in points)

    def distance(colour: QColor, index: int) -> int:
        return sum(
            abs(a - int(b)) for a, b in zip((colour.red(), colour.green(), colour.blue()), table[index], strict=True)
        )

    assert distance(low, 1) < distance(low, 255)
    assert distance(high, 255) < distance(high, 1)
    assert bar.accessibleName() == "Colour bar from −1 to 2"
