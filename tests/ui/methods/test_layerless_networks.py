"""A network of which no layer can be watched is asked for what it can still show."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.references import written
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Result
from tests.ui import toy
from tests.ui.conftest import Desk, Seat
from tests.ui.methods.test_method_choice import choose, said


def outline_without_layers(request: Request) -> Iterator[Result]:
    """That of the toy; named ``closed`` it shows none of its layers."""
    outline = toy.outline_of(request)
    is_closed = "closed" in written(request.network)
    hidden = replace(outline, layers=(), suggested="", hidden="Its layers cannot be watched.")
    yield hidden if is_closed else outline


@pytest.fixture
def closed(seat: Seat, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A window on a network without layers, after Grad-CAM was chosen."""
    monkeypatch.setitem(toy.ANSWERS, "outline", outline_without_layers)
    return seat(network="torchvision:closed")


def told(desk: Desk) -> list[str]:
    """What was said of another method that explains."""
    return [message.text for message in desk.window.messages.messages if "in its place" in message.text]


def test_that_a_gradient_picture_stands_in_where_no_layer_gives_maps(qtbot: QtBot, closed: Desk) -> None:
    assert [request.layers for request in closed.session.of("saliency")] == [()]
    assert not closed.session.of("gradcam")
    assert "needs a layer" not in said(closed.window.canvas)
    (sentence,) = told(closed)
    assert sentence.startswith("Grad-CAM needs a layer that gives maps")
    assert "Saliency explains it" in sentence
    assert closed.settings.settings.method in ("", "gradcam"), "the choice is the user's, and was not his"
    closed.window.strip.select("sample:ball")
    qtbot.waitUntil(closed.is_idle)
    assert len(told(closed)) == 1


def test_that_the_chosen_method_comes_back_with_a_network_that_has_layers(qtbot: QtBot, closed: Desk) -> None:
    closed.window.examiner.open_network("sample")
    qtbot.waitUntil(closed.is_idle)
    assert closed.layers("gradcam") == [("stage",)]
    assert closed.window.examiner.subject.method == "gradcam"
    assert len(told(closed)) == 1


def test_that_what_is_chosen_on_a_network_without_layers_stays_chosen(qtbot: QtBot, closed: Desk) -> None:
    choose(qtbot, closed, "gradcam")
    assert "Choose a gradient picture instead" in said(closed.window.canvas)
    choose(qtbot, closed, "gradxinput")
    closed.window.examiner.open_network("sample")
    qtbot.waitUntil(closed.is_idle)
    assert closed.window.examiner.subject.method == "gradxinput"
    assert closed.settings.settings.method == "gradxinput"
