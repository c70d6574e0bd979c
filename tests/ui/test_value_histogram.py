import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.rendering import Limits
from cnnviz_desktop.ui.colours.value_histogram import BINS, ValueHistogram, bin_counts


def test_that_every_finite_value_is_counted_in_the_bin_it_lies_in() -> None:
    values = np.random.default_rng(0).standard_normal((20, 30)).astype(np.float32)
    values[0, :3] = np.nan, np.inf, -np.inf
    counts, limits = bin_counts(values, bins=10)
    finite = [float(value) for value in values.reshape(-1) if np.isfinite(value)]
    assert limits == Limits(min(finite), max(finite))
    expected = [0] * 10
    for value in finite:
        expected[min(9, int((value - limits.low) / (limits.high - limits.low) * 10))] += 1
    assert np.abs(counts - np.array(expected)).max() <= 1  # a value on the edge of two bins
    assert counts.sum() == len(finite)


@pytest.mark.parametrize("values", [np.full((3, 3), np.nan), np.zeros((0, 4)), np.full((3, 3), 2.0)])
def test_that_values_without_a_spread_can_be_shown(qtbot: QtBot, values: np.ndarray) -> None:
    histogram = ValueHistogram()
    qtbot.addWidget(histogram)
    histogram.show_values(values, Limits(0, 0))
    histogram.grab()
    assert histogram.counts.sum() == np.isfinite(values).sum()


@pytest.fixture
def histogram(qtbot: QtBot) -> ValueHistogram:
    widget = ValueHistogram()
    qtbot.addWidget(widget)
    widget.resize(400, 90)
    widget.show_values(np.linspace(0, 10, 1000), Limits(0, 10))
    widget.show()
    return widget


def drag(histogram: ValueHistogram, start: float, end: float) -> None:
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(histogram, left, pos=QPoint(round(histogram._x_of(start)), 20))
    QTest.mouseMove(histogram, QPoint(round(histogram._x_of(end)), 20))
    QTest.mouseRelease(histogram, left, pos=QPoint(round(histogram._x_of(end)), 20))


def test_that_a_limit_can_be_dragged(histogram: ValueHistogram, qtbot: QtBot) -> None:
    with qtbot.waitSignal(histogram.limits_chosen) as told:
        drag(histogram, 10, 6)
    assert told.args[0].low == 0
    assert told.args[0].high == pytest.approx(6, abs=0.05)
    with qtbot.waitSignal(histogram.limits_chosen) as told:
        drag(histogram, 0, 2)
    assert told.args[0] == pytest.approx((2, 6), abs=0.06)


def test_that_the_limits_cannot_pass_each_other(histogram: ValueHistogram, qtbot: QtBot) -> None:
    histogram.show_limits(Limits(4, 6))
    with qtbot.waitSignal(histogram.limits_chosen) as told:
        drag(histogram, 4, 9)
    assert told.args[0].low < told.args[0].high == 6


def test_that_dragging_elsewhere_changes_nothing(histogram: ValueHistogram, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(histogram.limits_chosen):
        drag(histogram, 5, 7)


def test_that_it_says_in_words_what_it_shows(histogram: ValueHistogram) -> None:
    assert histogram.accessibleDescription().startswith("1,000 values from 0 to 10")
    assert len(histogram.counts) == BINS
