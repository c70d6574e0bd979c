"""Every method can be found and chosen, with the mouse and with the keyboard."""

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.catalog import METHODS, method
from cnnviz_desktop.core.catalog.cautions import CAUTIONS
from cnnviz_desktop.ui.methods.method_list import ID_ROLE, MethodList
from cnnviz_desktop.ui.methods.method_story import story_of


@pytest.fixture
def methods(qtbot: QtBot) -> MethodList:
    widget = MethodList()
    qtbot.addWidget(widget)
    widget.resize(300, 500)
    widget.mark("gradcam")
    widget.show()
    return widget


def families(methods: MethodList) -> dict[str, list[str]]:
    """Ids in sight, under their families."""
    model = methods.view.model()
    tops = [model.index(row, 0) for row in range(model.rowCount())]
    return {top.data(): [model.index(row, 0, top).data(ID_ROLE) for row in range(model.rowCount(top))] for top in tops}


def place_of(methods: MethodList, method_id: str) -> QModelIndex:
    model = methods.view.model()
    (found,) = model.match(
        model.index(0, 0), ID_ROLE, method_id, 1, Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive
    )
    return found


def test_that_every_method_that_explains_stands_under_its_family(methods: MethodList) -> None:
    expected: dict[str, list[str]] = {}
    for each in METHODS:
        if each.gives:
            expected.setdefault(each.family, []).append(each.id)
    assert families(methods) == expected
    assert sum(map(len, expected.values())) >= 27


def test_that_the_tool_tip_is_the_summary_and_tells_of_many_passes(methods: MethodList) -> None:
    for method_id, streams in (("hirescam", False), ("scorecam", True)):
        tip = place_of(methods, method_id).data(Qt.ItemDataRole.ToolTipRole)
        assert method(method_id).summary in tip
        assert ("many passes" in tip) == streams


def test_that_the_keyboard_moves_without_choosing_and_enter_chooses(qtbot: QtBot, methods: MethodList) -> None:
    told: list[str] = []
    methods.chosen.connect(told.append)
    methods.view.setFocus()
    QTest.keyClick(methods.view, Qt.Key.Key_Down)
    QTest.keyClick(methods.view, Qt.Key.Key_Down)
    assert told == []
    QTest.keyClick(methods.view, Qt.Key.Key_Return)
    assert told == ["xgradcam"]
    QTest.keyClick(methods.view, Qt.Key.Key_Return)
    assert told == ["xgradcam"], "it is chosen already"


def test_that_a_click_chooses_and_a_family_is_no_method(methods: MethodList) -> None:
    told: list[str] = []
    methods.chosen.connect(told.append)
    for index in (place_of(methods, "layercam"), methods.view.model().index(0, 0)):
        methods.view.scrollTo(index)
        at = methods.view.visualRect(index).center()
        QTest.mouseClick(methods.view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert told == ["layercam"]
    assert place_of(methods, "layercam").data(Qt.ItemDataRole.FontRole).bold()
    assert not place_of(methods, "gradcam").data(Qt.ItemDataRole.FontRole).bold()


def test_that_searching_prefers_a_name_and_enter_chooses_what_was_found(qtbot: QtBot, methods: MethodList) -> None:
    QTest.keyClicks(methods.search, "occl")
    assert families(methods) == {"Gradient pictures": ["occlusion"]}
    with qtbot.waitSignal(methods.chosen) as chosen:
        QTest.keyClick(methods.search, Qt.Key.Key_Return)
    assert chosen.args == ["occlusion"]
    assert methods.search.text() == ""
    methods.search.setText("no such thing")
    assert families(methods) == {}
    assert methods._nothing_found.isVisible()


@pytest.mark.parametrize("method_id", [each.id for each in METHODS if each.gives])
def test_that_what_is_this_tells_all_that_is_known(method_id: str) -> None:
    story, told = story_of(method(method_id)), method(method_id)
    for part in (told.summary, told.formula, told.paper, CAUTIONS.get(method_id, "")):
        assert part in story
    assert ("a layer that gives maps" in story or "one layer that gives maps, or several" in story) == told.needs_layer


def test_that_no_caution_is_about_a_method_that_is_not() -> None:
    assert set(CAUTIONS) <= {each.id for each in METHODS}


@pytest.mark.parametrize(("typed", "found"), [("score", "scorecam"), ("grad-cam", "gradcam"), ("smooth", "smoothgrad")])
def test_that_the_search_marks_what_enter_takes(methods: MethodList, qtbot: QtBot, typed: str, found: str) -> None:
    methods.mark("fem")
    methods.search.setText(typed)
    assert methods.view.currentIndex().data(ID_ROLE) == found
    with qtbot.waitSignal(methods.chosen) as chosen:
        QTest.keyClick(methods.search, Qt.Key.Key_Return)
    assert chosen.args == [found]
