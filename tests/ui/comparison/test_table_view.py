"""The table under the mouse, the keyboard and a screen reader."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cnnviz_desktop.core.geometry import Point, Size
from cnnviz_desktop.core.results import GradientPicture, HeatMap
from cnnviz_desktop.ui.colours.colour_bar import value_text
from cnnviz_desktop.ui.comparison import table_scene
from cnnviz_desktop.ui.comparison.cell_picture import composed
from cnnviz_desktop.ui.comparison.comparison import Place
from cnnviz_desktop.ui.comparison.enlarged import Enlarged
from cnnviz_desktop.ui.comparison.linked_zoom import LinkedZoom
from cnnviz_desktop.ui.comparison.table_scene import MOST_KEPT
from cnnviz_desktop.ui.qt_images import rgb_pixels
from tests.ui.comparison.conftest import Bench

if TYPE_CHECKING:
    from PySide6.QtGui import QImage


@pytest.fixture
def table(bench: Bench) -> Bench:
    bench.fill()
    bench.qtbot.waitExposed(bench.page.view)
    return bench


def area_of(bench: Bench, row: int, column: int) -> tuple[QPoint, int, int]:
    """Corner, width and height of a cell's picture in the viewport."""
    view = bench.page.view
    cell = view.visualRect(view.model().index(row, column))
    area = view.cell_layout.picture_in(cell)
    return area.topLeft(), area.width(), area.height()


def at(bench: Bench, row: int, column: int, x: float, y: float) -> QPoint:
    """A point of the viewport, by its share of a cell's picture."""
    corner, width, height = area_of(bench, row, column)
    return corner + QPoint(int(width * x), int(height * y))


def wheel(bench: Bench, where: QPoint, notches: int) -> None:
    port = bench.page.view.viewport()
    event = QWheelEvent(
        QPointF(where), QPointF(port.mapToGlobal(where)), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(port, event)


def pixels_of_cell(bench: Bench, row: int, column: int) -> np.ndarray:
    corner, width, height = area_of(bench, row, column)
    picture = bench.page.view.viewport().grab().toImage()
    return rgb_pixels(picture.copy(corner.x(), corner.y(), width, height)).astype(int)


def test_that_the_readout_tells_the_raw_value_of_the_cell_under_the_mouse(table: Bench) -> None:
    told: list[str] = []
    table.page.readout_changed.connect(told.append)
    QTest.mouseMove(table.page.view.viewport(), at(table, 1, 0, 0.6, 0.3))
    result = table.cell(1, 0).result
    assert isinstance(result, HeatMap)
    assert told[-1].startswith("HiResCAM · cam")
    assert told[-1].endswith(f"[1, 2] = {value_text(float(result.raw[1, 2]))}")
    assert "x 9  y 4" in told[-1]


def test_that_the_readout_of_a_gradient_picture_tells_all_channels(table: Bench) -> None:
    told: list[str] = []
    table.page.readout_changed.connect(told.append)
    QTest.mouseMove(table.page.view.viewport(), at(table, 0, 1, 0.6, 0.3))
    result = table.cell(0, 1).result
    assert result is not None
    values = ", ".join(value_text(float(value)) for value in result.raw[:, 4, 9])
    assert told[-1].endswith(f"[4, 9] = ({values})")


def test_that_all_cells_have_the_cross_hair_at_the_same_point_until_the_mouse_leaves(table: Bench) -> None:
    before = pixels_of_cell(table, 0, 1)
    QTest.mouseMove(table.page.view.viewport(), at(table, 1, 0, 0.25, 0.75))
    after = pixels_of_cell(table, 0, 1)
    rows, columns = np.nonzero((before != after).any(axis=2))
    height, width = before.shape[:2]
    assert abs(np.bincount(rows).argmax() - 0.75 * height) < 3
    assert abs(np.bincount(columns).argmax() - 0.25 * width) < 3
    QTest.mouseMove(table.page.view.viewport(), QPoint(1, 1))
    np.testing.assert_array_equal(pixels_of_cell(table, 0, 1), before)


def test_that_the_wheel_zooms_all_cells_about_the_point_under_the_mouse(table: Bench) -> None:
    where = at(table, 0, 0, 0.25, 0.25)
    before = pixels_of_cell(table, 1, 2)
    wheel(table, where, 4)
    zoom = table.scene.zoom
    assert zoom.factor == pytest.approx(1.25**4)
    assert (pixels_of_cell(table, 1, 2) != before).any()
    wheel(table, where, -9)
    assert table.scene.zoom == LinkedZoom()


def test_that_keys_zoom_though_the_first_image_cannot_be_read(bench: Bench) -> None:
    bench.page.subject.show_images(("broken", "bb", "ccc"))
    bench.choose("images")
    bench.fill()
    view = bench.page.view
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Plus)
    assert bench.scene.zoom.factor == pytest.approx(1.25)
    view.setCurrentIndex(view.model().index(2, 1))
    QTest.keyClick(view, Qt.Key.Key_Plus)
    assert bench.scene.zoom.factor == pytest.approx(1.25**2)


def test_that_dragging_pans_and_a_double_click_enlarges(table: Bench) -> None:
    view = table.page.view
    wheel(table, at(table, 0, 0, 0.5, 0.5), 6)
    x = table.scene.zoom.x
    left, start = Qt.MouseButton.LeftButton, at(table, 0, 0, 0.5, 0.5)
    QTest.mousePress(view.viewport(), left, pos=start)
    QTest.mouseMove(view.viewport(), start - QPoint(30, 0))
    QTest.mouseRelease(view.viewport(), left, pos=start - QPoint(30, 0))
    assert table.scene.zoom.x > x
    with table.qtbot.waitSignal(table.page.enlarged) as heard:
        QTest.mouseDClick(view.viewport(), left, pos=start)
    (enlarged,) = heard.args or [None]
    assert isinstance(enlarged, Enlarged)
    assert enlarged.result is table.cell(0, 0).result


def test_that_arrow_keys_choose_and_enter_enlarges(table: Bench) -> None:
    view = table.page.view
    view.setFocus()
    view.setCurrentIndex(view.model().index(0, 0))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Right):
        QTest.keyClick(view, key)
    assert view.current == Place(1, 2)
    with table.qtbot.waitSignal(table.page.enlarged) as heard:
        QTest.keyClick(view, Qt.Key.Key_Return)
    (enlarged,), shown = heard.args or [None], table.cell(1, 2).result
    assert isinstance(enlarged, Enlarged)
    assert isinstance(enlarged.result, GradientPicture)
    assert enlarged.result is shown
    assert enlarged.title == "Guided HiResCAM"


def test_that_a_cell_without_a_result_is_not_enlarged(table: Bench) -> None:
    table.session.refused["gradcam"] = "No."
    table.choose("layers", layers=("stem",))
    table.fill()
    with table.qtbot.assertNotEmitted(table.page.enlarged):
        table.page.view.enlarged.emit(Place(0, 0))


def test_that_recolouring_computes_nothing_and_changes_the_pixels(table: Bench) -> None:
    asked, before = len(table.session.ran), pixels_of_cell(table, 0, 0)
    colours = table.page.look.colours
    colours.setCurrentIndex(colours.findData("magma"))
    assert (pixels_of_cell(table, 0, 0) != before).any()
    assert len(table.session.ran) == asked


def test_that_a_screen_reader_is_told_row_column_range_and_what_is_explained(table: Bench) -> None:
    model = table.page.view.model()
    spoken = str(model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole))
    assert spoken.startswith("Grad-CAM · cam, raw")
    assert "ball (class 2)" in spoken
    assert model.headerData(6, Qt.Orientation.Vertical) == "Ablation-CAM"
    assert model.headerData(2, Qt.Orientation.Horizontal) == "cam_gb"


def test_that_a_map_of_one_value_is_said_in_words_and_not_drawn(bench: Bench) -> None:
    from dataclasses import replace

    bench.fill()
    result = bench.cell(0, 0).result
    assert isinstance(result, HeatMap)
    flat = replace(result, raw=np.full((4, 4), 3, dtype=np.float32), notes=("Beware.",))
    bench.scene.answers.take(flat)
    words = bench.scene.words(Place(0, 0))
    assert words.plate == "The map is constant: every value is 3."
    assert words.full.splitlines()[-1] == "Beware."
    assert bench.scene.map_look(Place(0, 0)) is None
    bench.scene.answers.take(replace(result, raw=np.full((4, 4), np.nan, dtype=np.float32)))
    assert "NaN" in bench.scene.words(Place(0, 0)).plate


def test_that_a_map_lost_in_a_shared_scale_says_so(bench: Bench) -> None:
    from dataclasses import replace

    bench.choose("layers", layers=("stem", "stage"))
    bench.fill()
    result = bench.cell(0, 0).result
    assert isinstance(result, HeatMap)
    bench.scene.answers.take(replace(result, raw=result.raw * np.float32(1e-4)))
    assert not bench.scene.faintness(Place(0, 0))
    scales = bench.page.look.scales
    scales.setCurrentIndex(scales.findData("all"))
    assert "of the shared scale" in bench.scene.faintness(Place(0, 0))
    assert not bench.scene.faintness(Place(0, 1))


def test_that_a_map_of_no_layer_says_that_it_is_the_same_in_every_column(bench: Bench) -> None:
    bench.choose("layers", layers=("stem", "stage"), methods=("saliency", "gradcam"))
    bench.fill()
    assert "of no layer" in bench.scene.words(Place(0, 1)).foot
    assert "of no layer" not in bench.scene.words(Place(1, 1)).foot


def test_that_no_more_drawn_forms_are_kept_than_a_screen_needs(bench: Bench) -> None:
    bench.page.subject.show_images(tuple(f"i{number}" for number in range(40)))
    bench.choose("images", images=tuple(f"i{number}" for number in range(40)))
    bench.fill()
    for place in bench.scene.comparison.places:
        assert bench.scene.image(place, Size(20, 20), 1.0) is not None
    assert len(bench.scene.comparison.places) == 280
    assert len(bench.scene._composed) == len(bench.scene._drawn) == MOST_KEPT


def test_that_the_picture_holds_every_cell_with_headings_at_any_size(table: Bench) -> None:
    actions = table.page.picture_actions
    single = actions.picture()
    assert single is not None
    cell = table.page.view.cell_layout.size
    assert single.width() > 3 * cell.width()
    assert single.height() > 7 * cell.height()
    next(each for each in actions._sizes.actions() if each.data() == 3).trigger()
    triple = actions.picture()
    assert triple is not None
    assert (triple.width(), triple.height()) == (3 * single.width(), 3 * single.height())
    actions.copy_action.trigger()
    copied: QImage = QGuiApplication.clipboard().image()
    assert copied.size() == triple.size()


def test_that_the_picture_leaves_the_cross_hair_out_and_the_screen_keeps_it(table: Bench) -> None:
    plain = table.page.picture_actions.picture()
    table.scene.cross = Point(0.5, 0.5)
    crossed = table.page.picture_actions.picture()
    assert plain is not None
    assert crossed is not None
    np.testing.assert_array_equal(rgb_pixels(plain), rgb_pixels(crossed))
    assert table.scene.cross == Point(0.5, 0.5)


def test_that_painting_a_full_screen_of_cells_again_composes_none_of_them(
    table: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[QImage] = []

    def counted(*arguments: Any, **options: Any) -> "QImage":  # noqa: ANN401 - handed on as they are
        made.append(composed(*arguments, **options))
        return made[-1]

    monkeypatch.setattr(table_scene, "composed", counted)
    view = table.page.view
    table.page.resize(1000, 1000)
    view.viewport().repaint()
    in_sight = len(made)
    assert in_sight >= 9
    for _ in range(3):
        view.viewport().repaint()
    assert len(made) == in_sight
    table.page.look.opacity.setValue(30)
    view.viewport().repaint()
    assert in_sight < len(made) < 2 * in_sight, "gradient pictures have no opacity"


def test_that_a_picture_that_is_read_again_is_drawn_anew(table: Bench) -> None:
    before = pixels_of_cell(table, 0, 0)
    table.scene.add_picture("a", np.full((16, 16, 3), 250, dtype=np.uint8))
    assert (pixels_of_cell(table, 0, 0) != before).any()


def test_that_three_rows_are_in_sight_at_once_where_there_is_room(table: Bench) -> None:
    table.page.resize(1200, 900)
    view = table.page.view
    cell = view.cell_layout.size
    assert 3 * cell.height() <= view.viewport().height() < 4 * cell.height()
    table.page.look.widths.setValue(300)
    assert view.cell_layout.size.width() == 300
