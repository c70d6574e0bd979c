"""What the results say while none has come yet."""

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.ui.results.results_panel import ResultsPanel
from tests.ui.toy import outline_of


@pytest.fixture
def panel(qtbot: QtBot) -> ResultsPanel:
    widget = ResultsPanel()
    qtbot.addWidget(widget)
    return widget


def said(panel: ResultsPanel) -> str:
    """All that Predictions say."""
    return " ".join(label.text() for label in panel.predictions.findChildren(QLabel) if not label.isHidden())


def test_that_no_image_is_asked_for_while_the_first_network_opens(panel: ResultsPanel) -> None:
    panel.clear_image()
    assert said(panel) == "The network is being opened."
    panel.show_outline(outline_of(Request(method="outline", network="sample")))
    assert "Open an image" in said(panel)


def test_that_no_image_is_asked_for_while_the_network_answers_for_one(panel: ResultsPanel) -> None:
    panel.show_outline(outline_of(Request(method="outline", network="sample")))
    panel.show_request(Request(method="predictions", network="sample", images=("sample:one",)))
    assert said(panel) == "Asking the network …"
