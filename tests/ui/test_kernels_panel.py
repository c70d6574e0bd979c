import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.rendering import DIVERGING, Limits, colour_table
from cnnviz_desktop.core.results import ChannelStatistics, FloatArray, Kernels
from cnnviz_desktop.ui.colours.colour_controls import ColourChoice
from cnnviz_desktop.ui.results.kernels_panel import KernelsPanel
from cnnviz_desktop.ui.tiles.stack import TileStack


def show(panel: KernelsPanel, weights: FloatArray, step: int = 1000, layer: str = "conv1") -> None:
    """Send the weight in parts."""
    for first in range(0, len(weights), step):
        part = weights[first : first + step]
        norms = np.linalg.norm(part.reshape(len(part), -1), axis=1)
        result = Kernels(
            layer=layer, first=first, total=len(weights), weights=part, norms=norms, bias=None, kind="convolution"
        )
        panel.show_result(result)
        QApplication.processEvents()


def texts(panel: KernelsPanel) -> str:
    return "\n".join(label.text() for label in panel.findChildren(QLabel) if label.isVisibleTo(panel))


def some_weights(*shape: int) -> FloatArray:
    return np.random.default_rng(0).standard_normal(shape, dtype=np.float32)


@pytest.fixture
def panel(qtbot: QtBot) -> KernelsPanel:
    widget = KernelsPanel()
    qtbot.addWidget(widget)
    widget.resize(700, 600)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def test_that_slices_stand_in_one_row_a_filter_centred_at_zero(panel: KernelsPanel) -> None:
    weights = some_weights(12, 5, 3, 3)
    show(panel, weights, 5)
    grid = panel.grid
    assert grid._layout.columns == 5
    for number in (0, 7, 11):
        for channel in range(5):
            np.testing.assert_array_equal(grid.map(number * 5 + channel), weights[number, channel])
    reach = float(np.abs(weights).max())
    assert grid.limits_of(0) == pytest.approx((-reach, reach))
    assert (grid.table == colour_table(DIVERGING)).all()
    assert f"−{reach:.3g} … {reach:.3g}" in texts(panel)


def test_that_the_weights_are_told_in_numbers(panel: KernelsPanel) -> None:
    weights = some_weights(12, 5, 3, 3)
    show(panel, weights)
    norms = np.linalg.norm(weights.reshape(12, -1), axis=1)
    shown = texts(panel)
    for words in (
        "12 filters of 5 × 3 × 3",
        f"standard deviation {weights.std():.3g}",
        f"{norms.min():.3g} … {norms.max():.3g}",
    ):
        assert words in shown
    assert panel.histogram.counts.sum() == weights.size


def test_that_filters_of_three_inputs_are_shown_in_colour_and_taken_apart(panel: KernelsPanel) -> None:
    weights = some_weights(10, 3, 5, 5)
    show(panel, weights)
    assert panel.grid.stack.in_colour
    np.testing.assert_array_equal(panel.grid.map(6), weights[6].transpose(1, 2, 0))
    panel.grid.set_current(6)
    panel.grid.setFocus()
    QTest.keyClick(panel.grid, Qt.Key.Key_Return)
    assert panel.grid.stack.shape == (5, 5)
    np.testing.assert_array_equal(panel.grid.map(panel.grid.current()), weights[6, 0])


def test_that_a_slice_is_shown_large_and_left_again(panel: KernelsPanel) -> None:
    weights = some_weights(10, 4, 5, 5)
    show(panel, weights)
    panel.grid.set_current(9)
    panel.grid.setFocus()
    QTest.keyClick(panel.grid, Qt.Key.Key_Return)
    assert panel.pages.inspector.isVisible()
    assert "input 1" in panel.pages.inspector._title.text()
    QTest.keyClick(panel.pages.inspector, Qt.Key.Key_PageDown)
    assert "input 2" in panel.pages.inspector._title.text()
    QTest.keyClick(panel.pages.inspector, Qt.Key.Key_Escape)
    assert panel.grid.isVisible()


def test_that_sorting_by_norm_puts_the_largest_filter_first(panel: KernelsPanel) -> None:
    weights = some_weights(12, 5, 3, 3)
    weights[8] *= 10
    show(panel, weights)
    panel._controls.sort_chosen.emit("norm")
    np.testing.assert_array_equal(panel.grid.map(0), weights[8, 0])
    assert panel.grid.model.name(0).startswith("filter 8 ")


def test_that_each_filter_can_have_its_own_scale_over_all_its_slices(panel: KernelsPanel) -> None:
    weights = some_weights(6, 4, 3, 3)
    weights[2] *= 0.01
    show(panel, weights)
    panel._controls._scales.setCurrentIndex(1)
    panel._controls._on_scale_changed()
    reach = float(np.abs(weights[2]).max())
    for channel in range(4):
        assert panel.grid.limits_of(2 * 4 + channel) == pytest.approx((-reach, reach))
    assert "scale of its own" in texts(panel)
    panel._controls.set_choice(ColourChoice("viridis", "percentiles", (10, 90)))
    assert panel.grid.limits_of(9) == pytest.approx(np.percentile(weights[2], (10, 90)), abs=1e-6)


def test_that_percentiles_and_dragged_limits_hold_for_the_whole_layer(panel: KernelsPanel) -> None:
    weights = some_weights(12, 5, 3, 3)
    show(panel, weights)
    panel._controls.set_choice(ColourChoice("viridis", "percentiles", (5, 95)))
    assert panel.grid.limits_of(3) == pytest.approx(np.percentile(weights, (5, 95)), abs=1e-5)
    panel.histogram.limits_chosen.emit(Limits(-0.5, 0.25))
    assert panel.grid.limits_of(3) == Limits(-0.5, 0.25)


@pytest.mark.parametrize("shape", [(40, 100, 1, 1), (40, 1, 1, 100)])
def test_that_pointwise_and_linear_weights_are_rows_of_cells(panel: KernelsPanel, shape: tuple[int, ...]) -> None:
    weights = some_weights(*shape)
    show(panel, weights)
    assert panel.grid._layout.columns == 1
    np.testing.assert_array_equal(panel.grid.map(17), weights.reshape(40, 1, 100)[17])
    panel.grid.grab()


def test_that_tiles_are_of_their_usual_size_again_after_rows(panel: KernelsPanel) -> None:
    show(panel, some_weights(8, 5, 3, 3))
    usual = panel.grid.zoom_step
    show(panel, some_weights(40, 900, 1, 1))
    panel.grid.zoom_by(1)
    show(panel, some_weights(8, 5, 3, 3))
    assert panel.grid.zoom_step == usual


def test_that_a_huge_layer_comes_in_pages_and_says_so(panel: KernelsPanel, monkeypatch: pytest.MonkeyPatch) -> None:
    weights, built = some_weights(256, 512, 3, 3), 0
    add = TileStack.add

    def counted(stack: TileStack, first: int, maps: FloatArray, statistics: ChannelStatistics | None = None) -> None:
        nonlocal built
        built += len(maps)
        add(stack, first, maps, statistics)

    monkeypatch.setattr(TileStack, "add", counted)
    show(panel, weights, 100)
    assert built == 8 * 512  # the first page, once
    assert panel.grid.stack.total == 8 * 512
    assert "filters 0–7 of 256" in texts(panel)
    panel._turner._on.click()
    assert "filters 8–15 of 256" in texts(panel)
    np.testing.assert_array_equal(panel.grid.map(512), weights[9, 0])
    panel._controls.sort_chosen.emit("norm")
    assert "norms ranked 1–8 of 256" in texts(panel)


def test_that_inputs_beyond_the_page_can_be_turned_to(panel: KernelsPanel) -> None:
    weights = some_weights(6, 1, 1, 5000)
    show(panel, weights)
    assert "inputs 0–2,047 of 5,000" in texts(panel)
    panel._input_turner._on.click()
    panel._input_turner._on.click()
    assert "inputs 4,096–4,999 of 5,000" in texts(panel)
    np.testing.assert_array_equal(panel.grid.map(3), weights[3, 0, :, 4096:])
    panel.grid.hovered.emit(3, 0, 4, float(weights[3, 0, 0, 4100]))
    assert "[0, 4100]" in texts(panel)


def test_that_kernels_of_another_layer_are_never_shown(panel: KernelsPanel) -> None:
    panel.show_request("conv2")
    show(panel, some_weights(4, 3, 3, 3), layer="conv1")
    assert panel.grid.stack.total == 0
    assert "conv2" in panel.grid._message
    show(panel, some_weights(4, 3, 3, 3), layer="conv2")
    assert panel.grid.stack.total == 4


def test_that_weights_that_are_all_nan_or_equal_can_be_shown(panel: KernelsPanel) -> None:
    show(panel, np.full((4, 2, 3, 3), np.nan, dtype=np.float32))
    panel.grab()
    assert "every value is NaN" in panel.grid.model.description(0)
    show(panel, np.zeros((4, 2, 3, 3), dtype=np.float32))
    panel.grab()
    assert "constant" in panel.grid.model.description(0)
