"""What the comparison lets pass, and what it does not."""

from collections.abc import Callable, Mapping
from functools import partial

import pytest

from cnnviz_desktop.core.requests import ParameterValue
from tests.correctness import comparing
from tests.correctness.comparing import ROUNDING, TOLERANCE, Check, Row, answers, compared
from tests.correctness.map_references import gradcam
from tests.correctness.recording import Array
from tests.correctness.subjects import Subject

Opened = Callable[[bool], Subject]


def row(sample: Opened, in_float32: float, in_float64: float) -> Row:
    """Grad-CAM against a reference that is off by these shares in either precision."""

    def expected(subject: Subject) -> Array:
        off = in_float64 if subject is sample(True) else in_float32
        found: Array = gradcam(subject) * (1 + off)
        return found

    return compared(Check("gradcam", "a wrong one", expected), sample(False), partial(sample, True))


def test_that_an_equal_answer_holds_without_a_control(sample: Opened) -> None:
    found = row(sample, 0, 0)
    assert found.holds
    assert found.control is None


def test_that_an_answer_which_is_off_in_float64_is_wrong(sample: Opened) -> None:
    found = row(sample, 1e-3, 1e-3)
    assert not found.holds
    assert found.difference == pytest.approx(1e-3, rel=0.01)


def test_that_an_answer_holds_where_the_reference_alone_is_rounded(sample: Opened) -> None:
    found = row(sample, 1e-3, 0)
    assert found.holds
    assert found.control is not None
    assert found.control.difference <= TOLERANCE
    assert found.control.reference == pytest.approx(1e-3, rel=0.01)


def test_that_an_engine_which_is_off_in_float32_alone_is_wrong(sample: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    def off(subject: Subject, check: Check, parameters: Mapping[str, ParameterValue], images: int) -> Array:
        found: Array = answers(subject, check, parameters, images) * (
            1 if subject is sample(True) else 1 + 2 * ROUNDING
        )
        return found

    monkeypatch.setattr(comparing, "answers", off)
    found = row(sample, 0, 0)
    assert not found.holds
    assert found.control is not None
    assert found.control.difference <= TOLERANCE


def test_that_a_reference_which_fails_is_told_and_stops_nothing(sample: Opened) -> None:
    def expected(subject: Subject) -> Array:
        raise ValueError(f"no reference for {subject.name}")

    found = compared(Check("gradcam", "none", expected), sample(False), partial(sample, True))
    assert not found.holds
    assert "no reference for sample" in found.remark


def test_that_an_answer_where_a_refusal_is_due_is_wrong(sample: Opened) -> None:
    found = compared(Check("gradcam", "none", lambda _: None), sample(False), partial(sample, True))
    assert not found.holds
    assert "does not apply" in found.remark
