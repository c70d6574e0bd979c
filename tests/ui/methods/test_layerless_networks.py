"""A network of which no layer can be watched is asked for what it can still show."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Result
from tests.ui import toy
from tests.ui.conftest import Seat
from tests.ui.methods.test_method_choice import choose, said


def test_that_a_gradient_picture_is_recommended_and_shown(
    qtbot: QtBot, seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(request: Request) -> Iterator[Result]:
        yield replace(toy.outline_of(request), layers=(), suggested="", hidden="Its layers cannot be watched.")

    monkeypatch.setitem(toy.ANSWERS, "outline", closed)
    desk = seat()
    assert "Choose a gradient picture instead" in said(desk.window.canvas)
    choose(qtbot, desk, "saliency")
    assert len(desk.session.of("saliency")) == 1
    assert "gradient picture" not in said(desk.window.canvas)
