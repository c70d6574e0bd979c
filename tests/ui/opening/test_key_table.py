from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.description import Architecture, NetworkDescription
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.settings import SettingsFile
from cnnviz_desktop.ui.opening.file_dialogs import FileDialogs
from cnnviz_desktop.ui.opening.key_model import KeyColumn, KeyModel
from cnnviz_desktop.ui.opening.key_table import KeyTable
from cnnviz_desktop.ui.theme import palette, set_colours
from tests.ui.toy import outline_of

TABLE = (
    ("fc.weight", "shape", "7×4", "5×4"),
    ("stem.weight", "missing", "", "8×3"),
    ("stem.bias", "missing", "", "8"),
    ("conv.weight", "unexpected", "8×3", ""),
    ("extra", "unexpected", "2", ""),
)
CHECKPOINT = NetworkDescription(
    format=1, name="toy · best.pth", architecture=Architecture(torchvision="toy"), weights="/nets/best.pth"
)

BARE = NetworkDescription(format=1, name="toy", architecture=CHECKPOINT.architecture)


@pytest.fixture
def settings(tmp_path: Path) -> SettingsFile:
    return SettingsFile(tmp_path / "settings.json")


@pytest.fixture
def table(qtbot: QtBot, settings: SettingsFile) -> KeyTable:
    widget = KeyTable(FileDialogs(settings, QApplication.instance() or QApplication()))
    qtbot.addWidget(widget)
    widget.resize(900, 300)
    widget.show()
    widget.show_keys(Request(method="outline", network=CHECKPOINT), "They do not fit.", TABLE, ("model", "ema.module"))
    return widget


def _shown(model: KeyModel) -> dict[str, list[list[str]]]:
    """Every row's cells, by the heading it stands under."""
    found = {}
    for number in range(model.rowCount()):
        group = model.index(number, 0)
        rows = range(model.rowCount(group))
        found[str(group.data())] = [[str(model.index(row, c, group).data()) for c in KeyColumn] for row in rows]
    return found


def test_that_keys_stand_under_what_is_the_matter_with_counts_and_both_shapes(table: KeyTable) -> None:
    assert _shown(table.model) == {
        "Another shape in the file (1)": [["fc.weight", "7×4", "5×4", ""]],
        "Missing in the file (2)": [["stem.weight", "–", "8×3", "conv.weight"], ["stem.bias", "–", "8", ""]],
        "Unknown to the network (2)": [["conv.weight", "8×3", "–", "stem.weight"], ["extra", "2", "–", ""]],
    }
    assert "“stem” is “conv”" in table._meaning.text()


def test_that_the_model_answers_as_qt_wants_it(qtmodeltester: ModelTester, table: KeyTable) -> None:
    qtmodeltester.check(table.model)  # type: ignore[no-untyped-call]  # pytest-qt gives it no types
    table.model.filter("weight")
    qtmodeltester.check(table.model)  # type: ignore[no-untyped-call]  # pytest-qt gives it no types


def test_that_the_network_opens_without_keys_only_once_each_is_ticked(qtbot: QtBot, table: KeyTable) -> None:
    missing = table.model.index(1, 0)
    assert table.model.setData(missing, Qt.CheckState.Checked.value, Qt.ItemDataRole.CheckStateRole)
    assert table.model.ticked == ("stem.weight", "stem.bias")
    assert not table.open_button.isEnabled(), "the other keys would keep it from opening"
    first = table.model.index(0, 0, missing)
    table.model.setData(first, Qt.CheckState.Unchecked.value, Qt.ItemDataRole.CheckStateRole)
    assert Qt.CheckState(missing.data(Qt.ItemDataRole.CheckStateRole)) == Qt.CheckState.PartiallyChecked
    table.all_button.click()
    with qtbot.waitSignal(table.opening_wanted) as caught:
        table.open_button.click()
    (request,) = caught.args
    assert request.network == CHECKPOINT
    assert set(request.allowed_keys) == {row[0] for row in TABLE}


def test_that_space_ticks_what_the_keyboard_is_at(qtbot: QtBot, table: KeyTable) -> None:
    group = table.model.index(2, 0)
    table.rows.selectionModel().setCurrentIndex(group, QItemSelectionModel.SelectionFlag.ClearAndSelect)
    table.rows.setFocus()
    QTest.keyClick(table.rows, Qt.Key.Key_Space)
    assert table.model.ticked == ("conv.weight", "extra")


def test_that_the_filter_narrows_what_is_shown_ticked_and_copied(table: KeyTable) -> None:
    table.search.setText("weight 8×3")
    assert [row[0] for row in table.model.in_sight] == ["stem.weight", "conv.weight"]
    table.all_button.click()
    assert table.model.ticked == ("stem.weight", "conv.weight")
    table.copy_button.click()
    copied = QGuiApplication.clipboard().text().splitlines()
    assert copied[0] == "They do not fit."
    assert "stem.weight\t–\t8×3\tconv.weight" in copied
    assert not any(line.startswith("extra") for line in copied)
    table.search.clear()
    assert len(table.model.in_sight) == len(TABLE)
    assert table.model.ticked == ("stem.weight", "conv.weight")


def test_that_another_part_of_the_file_is_asked_for(qtbot: QtBot, table: KeyTable) -> None:
    assert [table.parts.itemText(number) for number in range(table.parts.count())] == ["model", "ema.module"]
    with qtbot.waitSignal(table.opening_wanted) as caught:
        table.parts.setCurrentIndex(1)
        table.parts.activated.emit(1)
    (request,) = caught.args
    assert request.network.weights_part == "ema.module"
    assert request.network.weights == CHECKPOINT.weights


def test_that_the_dialog_for_another_file_opens_where_weights_were_looked_for_last(
    table: KeyTable, settings: SettingsFile, tmp_path: Path
) -> None:
    settings.change(folders={"weights": str(tmp_path)})
    table.file_button.click()
    (dialog,) = table.findChildren(QFileDialog)
    assert Path(dialog.directory().absolutePath()) == tmp_path
    assert "*.safetensors" in dialog.nameFilters()[0]
    assert "*.pkl" in dialog.nameFilters()[0], "whatever else may hold weights is listed as in the picker"
    dialog.close()


def test_that_another_file_for_the_same_network_is_asked_for(qtbot: QtBot, table: KeyTable, tmp_path: Path) -> None:
    table.file_button.click()
    (dialog,) = table.findChildren(QFileDialog)
    with qtbot.waitSignal(table.opening_wanted) as caught:
        dialog.fileSelected.emit(str(tmp_path / "last.pth"))
    dialog.close()
    (request,) = caught.args
    assert request.network.weights == str(tmp_path / "last.pth")
    assert request.network.name == "toy · last.pth"
    assert request.network.architecture == CHECKPOINT.architecture
    assert request.allowed_keys == ()


def test_that_a_network_that_is_open_shows_where_its_weights_come_from(qtbot: QtBot, table: KeyTable) -> None:
    request = Request(method="outline", network=CHECKPOINT)
    outline = replace(outline_of(request), description=CHECKPOINT, weights_parts=("model", "ema"))
    table.show_outline(outline, request)
    assert table.model.rowCount() == 0
    assert not table.open_button.isEnabled()
    with qtbot.waitSignal(table.opening_wanted) as caught:
        table.parts.activated.emit(1)
    assert caught.args[0].network.weights_part == "ema"
    table.show_outline(replace(outline, description=BARE, weights_parts=()), request)
    assert not table.parts.isVisible()
    assert not table.file_button.isEnabled()


def test_that_ten_thousand_keys_are_folded_and_ticked_at_once(qtbot: QtBot, table: KeyTable) -> None:
    many = tuple((f"layer{i // 100}.{i % 100}.weight", "missing", "", "4×4") for i in range(10_000))
    table.show_keys(Request(method="outline", network=CHECKPOINT), "They do not fit.", many)
    assert not table.rows.isExpanded(table.model.index(0, 0))
    table.all_button.click()
    assert table.model.all_ticked
    table.search.setText("layer7.")
    assert len(table.model.in_sight) == 100
    assert table.rows.isExpanded(table.model.index(0, 0))


def _has_base(table: KeyTable, colour: QColor) -> bool:
    return table.rows.palette().color(QPalette.ColorRole.Base) == colour


def test_that_boxes_stand_out_and_all_else_follows_the_theme(qtbot: QtBot, table: KeyTable) -> None:
    before = QApplication.palette()
    try:
        for dark in (True, False):
            set_colours(dark=dark)
            base = palette(dark=dark).color(QPalette.ColorRole.Base)
            qtbot.waitUntil(partial(_has_base, table, base))
            own = table.rows.palette()
            frame = own.color(QPalette.ColorRole.Window).darker(140).lightnessF()
            assert abs(frame - own.color(QPalette.ColorRole.Base).lightnessF()) > 0.3
    finally:
        QApplication.setPalette(before)
