"""The predictions panel shows what the network said, and lets any class be made the target."""

from dataclasses import replace
from typing import TypeVar

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QListView, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.results import Predictions
from cnnviz_desktop.ui.results.class_list import ROW_ROLE, ClassRow, faded
from cnnviz_desktop.ui.results.predictions_panel import PredictionsPanel
from cnnviz_desktop.ui.theme import palette

Child = TypeVar("Child", bound=QWidget)
NAMES = tuple(
    f"{animal} {number}" for number, animal in enumerate(["dog", "cat", "owl", "horse", "ship", "truck", "frog"])
)
LOGITS = np.array([0.5, 3.0, -1.0, 2.0, 0.0, -4.0, np.nan], dtype=np.float32)


def softmax_result(notes: tuple[str, ...] = ()) -> Predictions:
    chances = np.exp(LOGITS[:-1]) / np.exp(LOGITS[:-1]).sum()
    return Predictions(
        image="a.png",
        logits=LOGITS,
        probabilities=np.append(chances, np.float32(np.nan)).astype(np.float32),
        activation="softmax",
        class_names=NAMES,
        notes=notes,
    )


@pytest.fixture
def panel(qtbot: QtBot) -> PredictionsPanel:
    widget = PredictionsPanel()
    qtbot.addWidget(widget)
    widget.resize(300, 500)
    widget.show()
    return widget


def the(panel: PredictionsPanel, kind: type[Child], name: str = "") -> Child:
    child = panel.findChild(kind, name)
    assert child is not None
    return child


def rows(panel: PredictionsPanel) -> list[ClassRow]:
    model = the(panel, QListView).model()
    return [model.data(model.index(number, 0), ROW_ROLE) for number in range(model.rowCount())]


def said(panel: PredictionsPanel) -> str:
    return "\n".join(label.text() for label in panel.findChildren(QLabel) if label.isVisible())


def test_that_the_likeliest_classes_come_first_with_their_numbers(panel: PredictionsPanel) -> None:
    panel.show_result(softmax_result(), None)
    shown = rows(panel)
    assert [row.index for row in shown] == [1, 3, 0, 4, 2]
    assert [row.name for row in shown] == ["cat 1", "horse 3", "dog 0", "ship 4", "owl 2"]
    assert shown[0].logit == 3.0
    assert shown[0].probability == pytest.approx(np.exp(3) / np.exp(LOGITS[:-1]).sum(), rel=1e-6)
    assert [row.is_target for row in shown] == [True, False, False, False, False]


def test_that_a_target_outside_the_top_is_shown_and_marked(panel: PredictionsPanel) -> None:
    panel.show_result(softmax_result(), 5)
    assert [row.index for row in rows(panel)] == [1, 3, 0, 4, 2, 5]
    assert [row.index for row in rows(panel) if row.is_target] == [5]


def test_that_a_click_makes_a_class_the_target(qtbot: QtBot, panel: PredictionsPanel) -> None:
    panel.show_result(softmax_result(), None)
    listing = the(panel, QListView)
    place = listing.visualRect(listing.model().index(1, 0)).center()
    with qtbot.waitSignal(panel.target_chosen) as chosen:
        QTest.mouseClick(listing.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place))
    assert chosen.args == [3]
    assert panel.target == 3
    assert [row.index for row in rows(panel) if row.is_target] == [3]


def test_that_the_keyboard_alone_finds_a_class_and_chooses_it(qtbot: QtBot, panel: PredictionsPanel) -> None:
    panel.show_result(softmax_result(), None)
    search = the(panel, QLineEdit)
    panel.focus_search()
    QTest.keyClicks(search, "truck")
    assert [row.index for row in rows(panel)] == [5]
    with qtbot.waitSignal(panel.target_chosen) as chosen:
        QTest.keyClick(search, Qt.Key.Key_Return)
    assert chosen.args == [5]
    assert search.text() == ""


def test_that_the_down_key_leads_into_the_list_and_enter_chooses_there(qtbot: QtBot, panel: PredictionsPanel) -> None:
    panel.show_result(softmax_result(), 0)
    search, listing = the(panel, QLineEdit), the(panel, QListView)
    QTest.keyClick(search, Qt.Key.Key_Down)
    QTest.keyClick(listing, Qt.Key.Key_Down)
    with qtbot.waitSignal(panel.target_chosen) as chosen:
        QTest.keyClick(listing, Qt.Key.Key_Return)
    assert chosen.args == [3]


def test_that_an_unknown_class_is_said_to_be_unknown(qtbot: QtBot, panel: PredictionsPanel) -> None:
    panel.show_result(softmax_result(), None)
    search = the(panel, QLineEdit)
    QTest.keyClicks(search, "99")
    assert rows(panel) == []
    assert "99" in said(panel)
    assert "0 to 6" in said(panel)
    search.clear()
    QTest.keyClicks(search, "submarine")
    assert "“submarine”" in said(panel)
    with qtbot.assertNotEmitted(panel.target_chosen):
        QTest.keyClick(search, Qt.Key.Key_Return)


def test_that_the_target_can_follow_the_likeliest_class_again(qtbot: QtBot, panel: PredictionsPanel) -> None:
    panel.show_result(softmax_result(), 5)
    button = the(panel, QToolButton, "likeliest")
    assert not button.isChecked()
    with qtbot.waitSignal(panel.likeliest_chosen):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert panel.target is None
    assert button.isChecked()
    assert [row.index for row in rows(panel) if row.is_target] == [1]


def test_that_choosing_the_target_again_asks_for_nothing(qtbot: QtBot, panel: PredictionsPanel) -> None:
    panel.show_result(softmax_result(), 1)
    listing = the(panel, QListView)
    with qtbot.assertNotEmitted(panel.target_chosen):
        QTest.mouseClick(
            listing.viewport(),
            Qt.MouseButton.LeftButton,
            pos=listing.visualRect(listing.model().index(0, 0)).center(),
        )


@pytest.mark.parametrize(
    ("logits", "words"), [([0.3], "Single logit, sigmoid"), ([0.3, -2.0], "2 independent classes, sigmoid")]
)
def test_that_sigmoid_heads_are_named(panel: PredictionsPanel, logits: list[float], words: str) -> None:
    values = np.array(logits, dtype=np.float32)
    chances = (1 / (1 + np.exp(-values))).astype(np.float32)
    names = tuple(str(number) for number in range(len(values)))
    panel.show_result(
        Predictions(image="a", logits=values, probabilities=chances, activation="sigmoid", class_names=names), None
    )
    assert words in said(panel)


def test_that_notes_are_shown(panel: PredictionsPanel) -> None:
    panel.show_result(softmax_result(notes=("1 of 7 values is NaN.",)), None)
    assert "1 of 7 values is NaN." in said(panel)


def test_that_an_empty_panel_says_what_to_do(panel: PredictionsPanel) -> None:
    panel.show_result(softmax_result(), None)
    panel.clear()
    assert rows(panel) == []
    assert "Open an image" in said(panel)


@pytest.mark.parametrize(
    ("probability", "text"),
    [(0.5, "50.0 %"), (1.0, "100.0 %"), (0.0, "< 0.1 %"), (1e-9, "< 0.1 %"), (0.9999, "> 99.9 %"), (np.nan, "NaN")],
)
def test_that_no_probability_is_rounded_to_certainty(probability: float, text: str) -> None:
    assert ClassRow(0, "x", probability, 0.0, is_target=False).percent == text


def test_that_a_row_is_told_to_screen_readers(panel: PredictionsPanel) -> None:
    panel.show_result(softmax_result(), None)
    model = the(panel, QListView).model()
    spoken = model.data(model.index(0, 0), Qt.ItemDataRole.AccessibleTextRole)
    assert "cat 1" in spoken
    assert "3.000" in spoken
    assert "target" in spoken


@pytest.mark.parametrize("dark", [False, True])
def test_that_the_small_text_keeps_a_contrast_of_at_least_four_and_a_half(dark: bool) -> None:
    colours = palette(dark=dark)
    text, base = colours.color(QPalette.ColorRole.Text), colours.color(QPalette.ColorRole.Base)
    lighter, darker = sorted((luminance(faded(text, base)), luminance(base)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def luminance(colour: QColor) -> float:
    """Relative luminance as WCAG 2 defines it."""
    shares = (colour.redF(), colour.greenF(), colour.blueF())
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_that_a_double_click_on_what_was_found_chooses_that_class(qtbot: QtBot, panel: PredictionsPanel) -> None:
    panel.show_result(softmax_result(), None)
    the(panel, QLineEdit).setText("truck")
    listing = the(panel, QListView)
    chosen: list[int] = []
    panel.target_chosen.connect(chosen.append)
    place = listing.visualRect(listing.model().index(0, 0)).center()
    for click in (QTest.mouseClick, QTest.mouseDClick, QTest.mouseClick):
        click(listing.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    assert chosen == [5]
    assert the(panel, QLineEdit).text() == "truck"
    the(panel, QLineEdit).clear()
    assert [row.index for row in rows(panel) if row.is_target] == [5]
    assert listing.currentIndex().data(ROW_ROLE).index == 5, "the keyboard stays on it"


def test_that_a_network_that_ends_in_a_softmax_is_told_so(panel: PredictionsPanel) -> None:
    panel.show_result(replace(softmax_result(), activation="none"), None)
    assert "7 classes, as the network gives them" in said(panel)
