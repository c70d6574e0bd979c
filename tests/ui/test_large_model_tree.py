"""A tree of any size: rows that come bit by bit, rows of a kind, operations, and a name to copy."""

import time
from dataclasses import replace

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.description import Preprocessing
from cnnviz_desktop.core.operations import Operation
from cnnviz_desktop.core.outline import LayerNode, Outline
from cnnviz_desktop.ui.network.layer_rows import LAYER_NAME_ROLE, OPERATION_ROLE
from cnnviz_desktop.ui.network.layer_words import Column, explanation, short_number
from cnnviz_desktop.ui.network.model_tree import ModelTree
from cnnviz_desktop.ui.network.model_tree_model import ROWS_AT_ONCE, ModelTreeModel
from tests.ui.test_model_tree import FAINT, cell, shown, with_layers

MAPS = ((4, 8, 8),)


def large(blocks: int = 60) -> Outline:
    """A stage of blocks with nine convolutions each, and a head that is never run."""
    layers = [LayerNode(name="stage", type="Sequential", parameters=0, outputs=MAPS)]
    for number in range(blocks):
        name = f"stage.{number}"
        layers.append(LayerNode(name=name, type="Block", parameters=0, outputs=MAPS))
        layers += [
            LayerNode(name=f"{name}.conv{part}", type="Conv2d", parameters=9, outputs=MAPS, kernel_shape=(4, 4, 1, 1))
            for part in range(9)
        ]
    layers.append(LayerNode(name="head", type="Linear", parameters=3, runs=0, unused=True))
    return with_layers(*layers, suggested=f"stage.{blocks - 1}.conv8")


def with_operations() -> Outline:
    """A block that adds and flattens between its layers."""
    layers = (
        LayerNode(name="block", type="Block", parameters=0, outputs=MAPS, runs=1),
        LayerNode(name="block.conv", type="Conv2d", parameters=9, outputs=MAPS, runs=2, macs=118_013_952),
        LayerNode(name="block.relu", type="ReLU", parameters=0, outputs=MAPS, runs=1, also_named=("act",)),
        LayerNode(name="fc", type="Linear", parameters=9, outputs=((3,),), runs=1, shares=("tied.weight",)),
    )
    operations = (
        Operation(name="pad", owner="block", after="", outputs=MAPS, same_as="block.conv:input"),
        Operation(name="add", owner="block", after="block.conv", outputs=MAPS, same_as="block.relu:input"),
        Operation(name="flatten", owner="", after="block", outputs=((256,),)),
    )
    outline = with_layers(*layers, suggested="block")
    return Outline(**{**vars(outline), "operations": operations})


def rows_below(model: ModelTreeModel, name: str) -> list[str]:
    parent = model.index_of(name)
    return [str(model.index(row, 0, parent).data()) for row in range(model.rowCount(parent))]


def test_that_the_rows_of_a_large_network_come_bit_by_bit_and_all_of_them(qtbot: QtBot) -> None:
    model, outline = ModelTreeModel(), large(25)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show(outline, FAINT)
    assert tester.model() is model
    assert not model.is_filled
    assert model.index_of("head").isValid(), "the top is there at once"
    qtbot.waitUntil(lambda: model.is_filled)
    for node in outline.layers:
        index = model.index_of(node.name)
        assert index.data(LAYER_NAME_ROLE) == node.name
        assert (index.parent().data(LAYER_NAME_ROLE) or "") == node.parent


def test_that_another_network_takes_the_place_of_one_that_is_still_coming(qtbot: QtBot) -> None:
    model = ModelTreeModel()
    model.show(large(), FAINT)
    model.show(large(2), FAINT)
    assert model.is_filled
    assert rows_below(model, "stage") == ["0", "1"]
    QTest.qWait(20)
    assert rows_below(model, "stage") == ["0", "1"]


def test_that_a_layer_that_is_chosen_before_its_row_is_there_is_marked_once_it_is(qtbot: QtBot) -> None:
    tree, outline = ModelTree(), large()
    qtbot.addWidget(tree)
    tree.show_outline(outline)
    tree.choose(outline.suggested)
    assert tree.chosen == outline.suggested
    qtbot.waitUntil(lambda: tree.is_filled)
    assert tree.view.currentIndex().data(LAYER_NAME_ROLE) == outline.suggested


def test_that_the_window_is_never_kept_for_long_by_a_large_network(qtbot: QtBot) -> None:
    tree, outline = ModelTree(), large(300)
    qtbot.addWidget(tree)
    start = time.process_time()
    tree.show_outline(outline)
    at_once = time.process_time() - start
    qtbot.waitUntil(lambda: tree.is_filled)
    whole = time.process_time() - start
    assert len(outline.layers) > 10 * ROWS_AT_ONCE
    assert at_once < whole / 3


def test_that_a_search_through_a_large_network_shows_what_it_finds_unfolded(qtbot: QtBot) -> None:
    tree = ModelTree()
    qtbot.addWidget(tree)
    tree.show_outline(large())
    qtbot.waitUntil(lambda: tree.is_filled)
    tree.search.setText("7.conv3")
    found = [f"stage.{number}7" if number else "stage.7" for number in range(6)]
    assert shown(tree) == ["stage", *(name for block in found for name in (block, f"{block}.conv3"))]
    assert tree.view.isExpanded(tree.view.model().index(0, 0))


def prepared_otherwise(outline: Outline) -> Outline:
    """The same network with another input, and so with maps of another size."""
    described = msgspec.structs.replace(outline.description, preprocessing=Preprocessing(size=(64, 64)))
    layers = tuple(replace(layer, outputs=((4, 16, 16),)) for layer in outline.layers)
    return replace(outline, description=described, network=described, layers=layers)


def test_that_branches_stay_unfolded_where_the_same_network_is_prepared_otherwise(qtbot: QtBot) -> None:
    tree, outline = ModelTree(), large()
    qtbot.addWidget(tree)
    tree.show_outline(outline)
    tree.show()
    qtbot.waitUntil(lambda: tree.is_filled)
    tree.choose("stage.50.conv3")
    unfolded = tree.view.unfolded()
    assert unfolded == ["stage", "stage.50"]

    tree.show_outline(prepared_otherwise(outline))
    qtbot.waitUntil(lambda: tree.is_filled)
    assert tree.view.unfolded() == unfolded
    assert cell(tree._model, "stage.50.conv3", Column.OUTPUT) == "4×16×16"

    tree.show_outline(large(61))
    qtbot.waitUntil(lambda: tree.is_filled)
    assert tree.view.unfolded() == [], "that is another network"


def test_that_a_search_stays_where_the_same_network_is_prepared_otherwise(qtbot: QtBot) -> None:
    tree, outline = ModelTree(), large()
    qtbot.addWidget(tree)
    tree.show_outline(outline)
    tree.show()
    qtbot.waitUntil(lambda: tree.is_filled)
    tree.search.setText("stage.50.conv3")
    before = shown(tree)
    tree.show_outline(prepared_otherwise(outline))
    qtbot.waitUntil(lambda: tree.is_filled)
    assert shown(tree) == before
    assert "stage.50" in tree.view.unfolded()


def test_that_branches_of_a_large_network_stay_unfolded_without_its_operations(qtbot: QtBot) -> None:
    tree = ModelTree()
    qtbot.addWidget(tree)
    tree.show_outline(large())
    tree.show()
    qtbot.waitUntil(lambda: tree.is_filled)
    tree.choose("stage.50.conv3")
    tree.filter.operations.trigger()
    qtbot.waitUntil(lambda: tree.is_filled)
    assert tree.view.unfolded() == ["stage", "stage.50"]


def test_that_the_tree_narrows_to_layers_of_a_kind_and_a_choice_ends_that(qtbot: QtBot) -> None:
    tree = ModelTree()
    qtbot.addWidget(tree)
    tree.show_outline(large(2))
    everything, maps, convolutions, unused = tree.filter.menu().actions()[:4]
    unused.trigger()
    assert shown(tree) == ["head"]
    convolutions.trigger()
    assert "head" not in shown(tree)
    tree.search.setText("0.conv1")
    assert shown(tree) == ["stage", "stage.0", "stage.0.conv1"]
    tree.search.clear()
    maps.trigger()
    assert shown(tree) == [node.name for node in large(2).layers if node.gives_maps]
    tree.choose("head")
    assert everything.isChecked()
    assert len(shown(tree)) == len(large(2).layers)


def test_that_operations_stand_in_running_order_and_can_be_left_out(qtbot: QtBot) -> None:
    tree = ModelTree()
    qtbot.addWidget(tree)
    tree.show_outline(with_operations())
    model = tree._model
    assert rows_below(model, "block") == ["pad", "conv ×2", "add", "relu (shared)"]
    assert rows_below(model, "") == ["block ★", "flatten", "fc (shared)"]
    tree.choose("block.conv")
    tree.filter.operations.setChecked(False)
    assert rows_below(model, "block") == ["conv ×2", "relu (shared)"]
    assert tree.view.currentIndex().data(LAYER_NAME_ROLE) == "block.conv"


def test_that_choosing_an_operation_offers_the_layer_that_holds_its_values(qtbot: QtBot) -> None:
    tree = ModelTree()
    qtbot.addWidget(tree)
    tree.show_outline(with_operations())
    tree.show()
    chosen: list[str] = []
    tree.layer_chosen.connect(chosen.append)
    tree.choose("block.conv")
    QTest.keyClick(tree.view, Qt.Key.Key_Down)
    assert tree.view.currentIndex().data(OPERATION_ROLE) == 1
    assert (tree.chosen, chosen) == ("block.conv", [])
    assert "Only layers can be looked at. What it gives is what goes into block.relu." in tree.notice.text
    (button,) = tree.notice.findChildren(QPushButton)
    button.click()
    assert (tree.chosen, chosen) == ("block.relu", ["block.relu"])
    assert not tree.notice.isVisible()
    tree.search.setText("flatten")
    QTest.keyClick(tree.search, Qt.Key.Key_Return)
    assert "called by the code of N" in tree.notice.text
    assert button.text() == "Look at block"


def test_that_a_layer_tells_its_work_its_runs_and_what_it_shares(qtbot: QtBot) -> None:
    model, outline = ModelTreeModel(), with_operations()
    model.show(outline, FAINT)
    assert cell(model, "block.conv", Column.MACS) == "118 M"
    told = {name: explanation(outline.layer(name), suggested=False) for name in ("block.conv", "block.relu", "fc")}
    assert "It runs 2 times for one image" in told["block.conv"]
    assert "118,013,952 multiply–accumulates" in told["block.conv"]
    assert "also registered as act" in told["block.relu"]
    assert "shares its parameters with tied.weight" in told["fc"]
    assert model.index_of("fc").data(Qt.ItemDataRole.AccessibleTextRole) == "fc, shared"


def test_that_numbers_are_short() -> None:
    counts = (0, 999, 1000, 118_013_952, 1_814_073_344, 999_999_999, 4_089_184_256, 10**18)
    assert [short_number(count) for count in counts] == [
        "0", "999", "1.00 k", "118 M", "1.81 G", "1.00 G", "4.09 G", "1.00 E",
    ]  # fmt: skip


def test_that_a_name_can_be_copied(qtbot: QtBot) -> None:
    tree = ModelTree()
    qtbot.addWidget(tree)
    tree.show_outline(large(2))
    tree.show()
    tree.choose("stage.1.conv4")
    tree.view.setFocus()
    QTest.keyClick(tree.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "stage.1.conv4"
    assert any("Copy" in action.text() for action in tree.view.actions())
