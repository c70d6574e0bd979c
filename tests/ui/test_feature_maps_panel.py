import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.geometry import InputTransform, MapGeometry, Size
from cnnviz_desktop.core.rendering import Limits
from cnnviz_desktop.core.results import ChannelSummary, FeatureMaps, FloatArray
from cnnviz_desktop.ui.colours.colour_controls import ColourChoice
from cnnviz_desktop.ui.results.feature_maps_panel import FeatureMapsPanel
from cnnviz_desktop.ui.results.map_events import ChosenMap, HoveredCell
from cnnviz_desktop.ui.tiles.stack import tile_statistics

GEOMETRY = MapGeometry(InputTransform.of("stretch", Size(200, 300), Size(224, 224)), Size(6, 6))
MAPS = np.maximum(np.random.default_rng(0).standard_normal((20, 6, 6)), 0).astype(np.float32)


def parts(maps: FloatArray = MAPS, image: str = "a.png", layer: str = "layer3.2") -> list[FeatureMaps]:
    return [
        FeatureMaps(
            image=image,
            layer=layer,
            first=first,
            total=len(maps),
            maps=maps[first : first + 8],
            statistics=tile_statistics(maps[first : first + 8]),
            geometry=GEOMETRY,
        )
        for first in range(0, len(maps), 8)
    ]


def summary(maps: FloatArray = MAPS) -> ChannelSummary:
    return ChannelSummary(
        image="a.png", layer="layer3.2", total=maps.sum(axis=0), mean=maps.mean(axis=0), geometry=GEOMETRY
    )


def texts(panel: FeatureMapsPanel) -> str:
    return "\n".join(label.text() for label in panel.findChildren(QLabel) if label.isVisibleTo(panel))


@pytest.fixture
def panel(qtbot: QtBot) -> FeatureMapsPanel:
    widget = FeatureMapsPanel()
    qtbot.addWidget(widget)
    widget.resize(700, 600)
    widget.show_request("layer3.2", "a.png")
    for part in parts():
        widget.show_result(part)
    widget.show_result(summary())
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def test_that_the_panel_says_what_it_shows_and_between_which_values(panel: FeatureMapsPanel) -> None:
    shown = texts(panel)
    assert "20 maps of 6 × 6 cells" in shown
    assert f"One scale for all maps: 0 … {MAPS.max():.3g}" in shown
    assert f"Raw range 0 … {MAPS.max():.3g}" in shown
    assert f"{MAPS.sum(axis=0).max():.3g}" in shown


def test_that_parts_on_their_way_are_counted(panel: FeatureMapsPanel) -> None:
    panel.show_request("layer3.2", "b.png")
    assert "Computing" in panel.grid.message
    assert not panel.grid.stack.arrived.any()
    panel.show_result(parts(image="b.png")[0])
    assert "8 of 20" in texts(panel)


def test_that_a_result_of_another_layer_or_image_is_never_shown(panel: FeatureMapsPanel) -> None:
    panel.show_request("layer4", "b.png")
    panel.show_result(summary())
    for late in (*parts(), *parts(layer="layer4")):
        panel.show_result(late)
    assert panel.grid.stack.total == 0
    assert panel.summary.stack.total == 0
    panel.show_result(parts(layer="layer4", image="b.png")[0])
    assert panel.grid.stack.total == 20


def test_that_picking_a_channel_hands_over_its_raw_map(panel: FeatureMapsPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.map_chosen) as told:
        panel.grid.set_current(11)
    chosen = told.args[0]
    assert isinstance(chosen, ChosenMap)
    np.testing.assert_array_equal(chosen.values, MAPS[11])
    assert (chosen.image, chosen.layer, chosen.name) == ("a.png", "layer3.2", "channel 11")
    assert chosen.geometry is GEOMETRY


def test_that_the_sum_and_the_mean_can_be_picked_too(panel: FeatureMapsPanel, qtbot: QtBot) -> None:
    for tile, (name, expected) in enumerate((("sum", MAPS.sum(axis=0)), ("mean", MAPS.mean(axis=0)))):
        with qtbot.waitSignal(panel.map_chosen) as told:
            panel.summary.set_current(tile)
        assert told.args[0].name == f"{name} of the channels"
        np.testing.assert_array_equal(told.args[0].values, expected)
        assert panel.summary.limits_of(tile) == Limits(float(expected.min()), float(expected.max()))


def test_that_what_was_picked_stays_so_for_the_next_image_but_not_for_another_layer(
    panel: FeatureMapsPanel, qtbot: QtBot
) -> None:
    panel.grid.set_current(11)
    panel.show_request("layer3.2", "b.png")
    with qtbot.waitSignal(panel.map_chosen) as told:
        for part in parts(MAPS + 1, image="b.png"):
            panel.show_result(part)
    np.testing.assert_array_equal(told.args[0].values, MAPS[11] + 1)
    assert panel.grid.current() == 11
    panel.show_request("layer4", "b.png")
    with qtbot.assertNotEmitted(panel.map_chosen):
        for part in parts(MAPS, "b.png", "layer4"):
            panel.show_result(part)
    assert panel.grid.current() == -1


def test_that_a_channel_stays_in_place_for_the_next_image_and_has_no_value_meanwhile(panel: FeatureMapsPanel) -> None:
    panel.resize(700, 360)
    panel.grid.zoom_by(3)
    panel.grid.set_current(2)
    panel.grid.verticalScrollBar().setValue(60)
    place = panel.grid.verticalScrollBar().value(), panel.grid.zoom_step, panel.grid._layout
    assert place[0] > 0
    panel.show_request("layer3.2", "b.png")
    assert (panel.grid.verticalScrollBar().value(), panel.grid.zoom_step, panel.grid._layout) == place
    assert panel.grid.map(2) is None
    assert "Computing the maps" in texts(panel)
    assert f"{MAPS.max():.3g}" not in texts(panel)
    for part in parts(MAPS + 1, image="b.png"):
        panel.show_result(part)
    assert (panel.grid.verticalScrollBar().value(), panel.grid.zoom_step, panel.grid._layout) == place
    assert "Computing" not in texts(panel)


def test_that_a_channel_picked_while_the_maps_are_on_their_way_is_told_once_they_are_there(
    panel: FeatureMapsPanel, qtbot: QtBot
) -> None:
    panel.show_request("layer3.2", "b.png")
    panel.grid.set_current(3)
    with qtbot.waitSignal(panel.map_chosen) as told:
        panel.show_result(parts(MAPS + 1, image="b.png")[0])
    np.testing.assert_array_equal(told.args[0].values, MAPS[3] + 1)


def test_that_a_forgotten_choice_is_not_laid_over_the_next_image(panel: FeatureMapsPanel, qtbot: QtBot) -> None:
    panel.grid.set_current(3)
    panel.forget_choice()
    panel.show_request("layer3.2", "b.png")
    with qtbot.assertNotEmitted(panel.map_chosen):
        for part in parts(MAPS + 1, image="b.png"):
            panel.show_result(part)
    assert panel.grid.current() == 3


def test_that_hovering_tells_layer_channel_cell_and_raw_value(panel: FeatureMapsPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.cell_hovered) as told:
        panel.grid.hovered.emit(7, 2, 3, float(MAPS[7, 2, 3]))
    cell = told.args[0]
    assert isinstance(cell, HoveredCell)
    assert (cell.layer, cell.channel, cell.row, cell.column) == ("layer3.2", 7, 2, 3)
    assert cell.value == float(MAPS[7, 2, 3])
    assert f"= {MAPS[7, 2, 3]!s}" in texts(panel)
    with qtbot.waitSignal(panel.cell_left):
        panel.grid.hover_left.emit()


def test_that_the_current_channels_statistics_are_told(panel: FeatureMapsPanel) -> None:
    panel.grid.set_current(4)
    zeros = 100 * (MAPS[4] == 0).mean()
    for words in (f"mean {MAPS[4].mean():.3g}", f"{MAPS[4].max():.3g}", f"{zeros:.1f} % zeros"):
        assert words in texts(panel)


def test_that_a_channel_is_shown_large_and_left_again(panel: FeatureMapsPanel, qtbot: QtBot) -> None:
    panel.grid.set_sort("mean")
    order = np.argsort(-MAPS.mean(axis=(1, 2)), kind="stable").tolist()
    panel.grid.set_current(order[3])
    panel.grid.setFocus()
    QTest.keyClick(panel.grid, Qt.Key.Key_Return)
    assert panel.pages.inspector.isVisible()
    assert f"channel {order[3]}" in texts(panel)
    QTest.keyClick(panel.pages.inspector, Qt.Key.Key_PageDown)
    assert f"channel {order[4]}" in texts(panel)
    assert panel.grid.current() == order[4]
    with qtbot.waitSignal(panel.cell_hovered) as told:
        QTest.keyClick(panel.pages.inspector, Qt.Key.Key_Down)
    assert told.args[0].value == float(MAPS[order[4], 1, 0])
    QTest.keyClick(panel.pages.inspector, Qt.Key.Key_Escape)
    assert panel.grid.isVisible()
    assert not panel.pages.inspector.isVisible()


def test_that_a_large_map_stays_large_for_the_next_image_and_is_left_for_another_layer(panel: FeatureMapsPanel) -> None:
    panel.grid.set_current(11)
    panel.grid.enlarged.emit(11)
    panel.show_request("layer3.2", "b.png")
    inspector = panel.pages.inspector
    assert inspector.isVisible()
    assert "Computing" in inspector._words.text()
    assert inspector.pictures.picture() is None
    for part in parts(MAPS + 1, image="b.png"):
        panel.show_result(part)
    assert inspector._values is not None
    np.testing.assert_array_equal(inspector._values, MAPS[11] + 1)
    panel.show_request("layer4", "b.png")
    assert not inspector.isVisible()


def test_that_the_sum_can_be_copied_as_a_picture(panel: FeatureMapsPanel) -> None:
    picture = panel._sums.pictures.picture()
    assert picture is not None
    assert picture.width() > 400


def test_that_limits_dragged_in_the_histogram_hold_for_all_maps(panel: FeatureMapsPanel) -> None:
    panel.grid.enlarged.emit(2)
    panel.pages.inspector.limits_chosen.emit(Limits(0.25, 1.5))
    assert panel.grid.scale.choice == ColourChoice("", "fixed", limits=Limits(0.25, 1.5))
    assert panel.grid.limits_of(9) == Limits(0.25, 1.5)
    assert "fixed by hand" in panel.page._words.text()
    assert panel.pages.inspector._limits == Limits(0.25, 1.5)


def test_that_the_side_is_asked_for_and_shown(panel: FeatureMapsPanel, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panel.side_chosen) as told:
        panel._sides.button(1).click()
    assert told.args == ["input"]
    panel.show_request("layer3.2", "a.png")
    assert panel._sides.checkedId() == 0
    panel.show_request("layer3.2:input[1]", "a.png")
    assert panel._sides.checkedId() == 1


def test_that_why_there_are_no_maps_is_said_where_they_would_be(panel: FeatureMapsPanel) -> None:
    panel.explain("fc (Linear) gives 1000: no map.")
    assert panel.grid.message == "fc (Linear) gives 1000: no map."
    assert panel.grid.stack.total == 0
    panel.grab()


def test_that_a_value_that_is_dead_everywhere_does_not_break_the_panel(panel: FeatureMapsPanel) -> None:
    dead = np.full((3, 6, 6), np.nan, dtype=np.float32)
    panel.show_request("layer3.2", "a.png")
    panel.show_result(parts(dead)[0])
    panel.show_result(summary(dead))
    panel.grid.set_current(1)
    panel.grab()
    assert "every value is NaN" in texts(panel)


def test_that_showing_a_map_large_imports_nothing_heavy() -> None:
    code = (
        "import sys; from PySide6.QtWidgets import QApplication; application = QApplication([]);"
        "from cnnviz_desktop.ui.results.feature_maps_panel import FeatureMapsPanel;"
        "from cnnviz_desktop.ui.results.kernels_panel import KernelsPanel;"
        "import numpy; KernelsPanel(); panel = FeatureMapsPanel();"
        "panel.grid.set_tiles(numpy.zeros((2, 4, 4), 'float32')); panel.grid.enlarged.emit(1);"
        "assert panel.pages.currentWidget() is panel.pages.inspector;"
        "print(sorted({'pyqtgraph', 'torch', 'matplotlib'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_that_what_to_know_about_the_maps_is_said_above_them_until_others_come(panel: FeatureMapsPanel) -> None:
    note = "layer3.2 ran 2 times; these are the maps of its last run."
    panel.show_result(replace(parts()[0], notes=(note,)))
    assert note in texts(panel)
    panel.show_request("layer3.2", "b.png")
    assert note not in texts(panel)
