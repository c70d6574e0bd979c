"""The model tree shows every layer of an outline, finds them, and says which one was chosen."""

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QBrush, QColor
from PySide6.QtTest import QAbstractItemModelTester, QTest
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.geometry import AxisField, ReceptiveField
from cnnviz_desktop.core.outline import LayerNode, Outline
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.ui.network.layer_rows import LAYER_NAME_ROLE
from cnnviz_desktop.ui.network.layer_words import Column
from cnnviz_desktop.ui.network.model_tree import ModelTree
from cnnviz_desktop.ui.network.model_tree_model import ModelTreeModel
from cnnviz_desktop.ui.theme import palette
from tests.ui.toy import outline_of

FAINT = QBrush(QColor("gray"))
TOY = outline_of(Request(method="outline"))


def names_below(model: ModelTreeModel, parent: QModelIndex) -> list[str]:
    rows = [model.index(row, 0, parent) for row in range(model.rowCount(parent))]
    return [name for index in rows for name in (index.data(LAYER_NAME_ROLE), *names_below(model, index))]


def with_layers(*layers: LayerNode, suggested: str = "") -> Outline:
    return Outline(
        network="n",
        description=TOY.description,
        name="N",
        layers=layers,
        suggested=suggested,
        preprocessing=TOY.preprocessing,
        class_names=(),
        classes=0,
        parameters=0,
        weights_sha256="",
        device="cpu",
        device_reason="",
    )


def cell(model: ModelTreeModel, name: str, column: Column) -> str:
    return str(model.index_of(name).siblingAtColumn(column).data())


def test_that_the_model_keeps_qts_rules_before_and_after_a_network_is_shown(qtbot: QtBot) -> None:
    model = ModelTreeModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show(TOY, FAINT)
    assert tester.model() is model
    assert names_below(model, QModelIndex()) == ["stem", "stage", "stage.conv", "fc", "unused"]
    assert model.index_of("stage.conv").parent().data(LAYER_NAME_ROLE) == "stage"
    assert not model.index_of("nothing").isValid()


def test_that_every_column_tells_its_fact(qtbot: QtBot) -> None:
    sees = ReceptiveField(AxisField(0, 1, 7), AxisField(0, 1, 35))
    everything = ReceptiveField(AxisField(0, 1, float("inf")), AxisField(0, 1, 3))
    model = ModelTreeModel()
    model.show(
        with_layers(
            LayerNode(name="a", type="Conv2d", parameters=1234567, outputs=((64, 16, 8),), field=sees),
            LayerNode(name="b", type="Attention", parameters=0, outputs=((2, 4, 4), (7,)), field=everything),
            LayerNode(name="c", type="Dropout", parameters=0),
            suggested="a",
        ),
        FAINT,
    )
    texts = {name: [cell(model, name, column) for column in Column] for name in "abc"}
    assert texts["a"] == ["a ★", "Conv2d", "64×16×8", "1,234,567", "–", "7×35"]
    assert texts["b"] == ["b", "Attention", "2×4×4, 7", "–", "–", "everything"]
    assert texts["c"] == ["c", "Dropout", "–", "–", "–", "–"]
    assert model.index_of("a").data(Qt.ItemDataRole.AccessibleTextRole) == "a, the suggested layer"
    assert "does not run" in model.index_of("c").data(Qt.ItemDataRole.ToolTipRole)


def shown(tree: ModelTree) -> list[str]:
    def below(parent: QModelIndex) -> list[str]:
        model = tree.view.model()
        rows = [model.index(row, 0, parent) for row in range(model.rowCount(parent))]
        return [name for index in rows for name in (str(index.data(LAYER_NAME_ROLE)), *below(index))]

    return below(QModelIndex())


def test_that_searching_by_name_or_type_keeps_the_parents_of_what_is_found(qtbot: QtBot) -> None:
    tree = ModelTree()
    qtbot.addWidget(tree)
    tree.show_outline(TOY)
    tree.choose("fc")
    chosen: list[str] = []
    tree.layer_chosen.connect(chosen.append)
    tree.search.setText("stage.CONV")
    assert shown(tree) == ["stage", "stage.conv"]
    tree.search.setText("linear")
    assert shown(tree) == ["fc"]
    tree.search.setText("nothing of the kind")
    assert shown(tree) == []
    tree.search.clear()
    assert len(shown(tree)) == len(TOY.layers)
    assert chosen == [], "searching chooses nothing"


def test_that_the_keyboard_chooses_and_code_does_not_tell_of_itself(qtbot: QtBot) -> None:
    tree = ModelTree()
    qtbot.addWidget(tree)
    tree.show_outline(TOY)
    chosen: list[str] = []
    tree.layer_chosen.connect(chosen.append)
    tree.choose("stem")
    assert (tree.chosen, chosen) == ("stem", [])
    QTest.keyClick(tree.view, Qt.Key.Key_Down)
    QTest.keyClick(tree.view, Qt.Key.Key_Down)
    assert chosen == ["stage", "stage.conv"]
    tree.show_outline(TOY)
    assert chosen == ["stage", "stage.conv"], "another network does not choose for the user"


def test_that_layers_without_maps_are_faint_in_the_colours_of_the_theme(qtbot: QtBot) -> None:
    tree = ModelTree()
    qtbot.addWidget(tree)
    tree.show_outline(TOY)
    tree.setPalette(palette(dark=True))
    faint = palette(dark=True).placeholderText()
    assert tree.view.model().index(2, 0).data(Qt.ItemDataRole.ForegroundRole) == faint
    assert tree.view.model().index(0, 0).data(Qt.ItemDataRole.ForegroundRole) is None


def test_that_a_large_network_is_folded_and_the_chosen_layer_is_in_sight(qtbot: QtBot) -> None:
    blocks = [
        LayerNode(name=name, type="Block", parameters=0, outputs=((1, 2, 2),))
        for number in range(40)
        for name in (f"block{number}", f"block{number}.conv")
    ]
    tree = ModelTree()
    qtbot.addWidget(tree)
    tree.show_outline(with_layers(*blocks))
    top = tree.view.model().index(0, 0)
    assert not tree.view.isExpanded(top)
    tree.choose("block30.conv")
    qtbot.waitUntil(lambda: tree.is_filled)
    assert tree.view.isExpanded(tree.view.currentIndex().parent())


def test_that_a_search_keeps_the_choice_and_a_choice_that_it_hides_ends_it(qtbot: QtBot) -> None:
    tree = ModelTree()
    qtbot.addWidget(tree)
    tree.show_outline(TOY)
    tree.choose("fc")
    tree.search.setText("stem")
    assert tree.chosen == "fc"
    tree.search.clear()
    assert tree.view.currentIndex().data(LAYER_NAME_ROLE) == "fc"
    tree.search.setText("stem")
    tree.choose("stem")
    assert tree.search.text() == "stem", "it shows what was chosen"
    tree.choose("stage.conv")
    assert tree.search.text() == ""
    assert tree.view.currentIndex().data(LAYER_NAME_ROLE) == "stage.conv"


def test_that_the_keyboard_searches_goes_to_what_was_found_and_chooses_it(qtbot: QtBot) -> None:
    tree = ModelTree()
    qtbot.addWidget(tree)
    tree.show()
    tree.show_outline(TOY)
    chosen: list[str] = []
    tree.layer_chosen.connect(chosen.append)
    QTest.keyClicks(tree.search, "conv2d")
    QTest.keyClick(tree.search, Qt.Key.Key_Down)
    assert tree.focusWidget() is tree.view
    assert tree.view.currentIndex().data(LAYER_NAME_ROLE) == "stem"
    assert chosen == [], "the keyboard has only gone there"
    QTest.keyClick(tree.view, Qt.Key.Key_Return)
    assert (chosen, tree.chosen) == (["stem"], "stem")
    tree.search.clear()
    QTest.keyClicks(tree.search, "stage.conv")
    QTest.keyClick(tree.search, Qt.Key.Key_Return)
    assert (chosen[-1], tree.chosen, tree.search.text()) == ("stage.conv", "stage.conv", "")
    QTest.keyClick(tree.search, Qt.Key.Key_Return)
    assert chosen == ["stem", "stage.conv"], "nothing was searched for"
