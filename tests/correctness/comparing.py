"""Asks the engine, asks a reference, and says how far apart the answers are."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from typing import Literal

import numpy as np

from cnnviz_desktop.core.catalog import method as catalogued
from cnnviz_desktop.core.errors import CnnvizError
from cnnviz_desktop.core.requests import ClassTarget, ParameterValue, Request
from cnnviz_desktop.core.results import GradientPicture, HeatMap
from tests.correctness.recording import Array
from tests.correctness.subjects import Subject

TOLERANCE = 1e-5
"""Of the largest relative difference, max|a − b| / max|b| of an image."""

ROUNDING = 0.1
"""Of the same: more than this is not put down to rounding in float32, even where float64 agrees.

A single ReLU that rounding closes moves a gradient by some per cent; the bound follows from nothing else.
"""


@dataclass(frozen=True)
class Check:
    """One method against one reference.

    Attributes:
        method: Id of the method.
        reference: What it is compared with, in words.
        expected: (N, …) the reference's answer for the first N images; None where the method does not apply, and has to
            be refused in words.
        parameters: Sets of parameters, the answer to each of which is compared.
        kind: What is explained of the class: see `recording.recorded`.
        asked: What is asked for besides the method, in words.
        joined: Whether it joins the subject's two layers.
        small: Whether the smaller input is taken, since a method needs hundreds of passes.
        only: Names of the networks it is for; empty for all.
    """

    method: str
    reference: str
    expected: Callable[[Subject], Array | None]
    _: KW_ONLY
    parameters: tuple[Mapping[str, ParameterValue], ...] = ({},)
    kind: Literal["logit", "probability", "difference"] = "logit"
    asked: str = ""
    joined: bool = False
    small: bool = False
    only: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The method, and what is asked for besides."""
        return f"{self.method}, {self.asked}" if self.asked else self.method


@dataclass(frozen=True)
class Control:
    """Whether rounding alone makes a difference beyond the tolerance: the same comparison with the same in float64.

    Attributes:
        difference: Between the engine and the reference, both computing in float64.
        engine: How far the engine in float32 is from the reference in float64.
        reference: How far the reference in float32 is from itself in float64: what rounding does.
    """

    difference: float
    engine: float
    reference: float

    @property
    def is_rounding(self) -> bool:
        """In float64 the two are equal, and in float32 the engine is not far from that."""
        return self.difference <= TOLERANCE and self.engine <= ROUNDING


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the table.

    Attributes:
        method: The method, and what is asked for besides.
        network: The network.
        reference: What it was compared with.
        difference: The largest relative difference; None where the method was refused.
        control: Where that is beyond the tolerance: whether rounding is the reason.
        remark: Why it was refused, or what went wrong: a word, a colon, and the reason.
        holds: Whether the answer is right.
    """

    method: str
    network: str
    reference: str
    difference: float | None = None
    control: Control | None = None
    remark: str = ""
    holds: bool = False


def compared(check: Check, subject: Subject, in_float64: Callable[[], Subject]) -> Row:
    """The engine's answers, for the images together and for the first alone, against the reference's.

    Args:
        check: The method and its reference.
        subject: The network and its images.
        in_float64: Gives the same that computes in float64.
    """
    row = Row(method=check.title, network=subject.name, reference=check.reference)
    try:
        expected = check.expected(subject)
        try:
            found = _all_answers(check, subject, expected)
        except CnnvizError as error:
            return replace(row, remark=f"refused: {error}", holds=expected is None)
        if expected is None:
            return replace(row, remark="answered: it does not apply")
        difference = _farthest(found, expected)
        row = replace(row, difference=difference, holds=difference <= TOLERANCE)
        if row.holds:
            return row
        control = _controlled(check, found, expected, in_float64())
    except Exception as error:  # the table goes on, and says so
        return replace(row, remark=f"failed: {type(error).__name__}: {error}")
    return replace(row, control=control, holds=control.is_rounding)


def _controlled(check: Check, found: Sequence[Array], expected: Array, in_float64: Subject) -> Control:
    exact = check.expected(in_float64)
    if exact is None:
        raise AssertionError("the method applies in float32, and does not in float64")
    return Control(
        difference=_farthest(_all_answers(check, in_float64, exact), exact),
        engine=_farthest(found, exact),
        reference=relative_difference(expected, exact),
    )


def _all_answers(check: Check, subject: Subject, expected: Array | None) -> list[Array]:
    """The engine's answers to each set of parameters: for as many images as are expected, and for the first alone."""
    counts = dict.fromkeys((1 if expected is None else len(expected), 1))
    return [answers(subject, check, parameters, images) for parameters in check.parameters for images in counts]


def _farthest(found: Iterable[Array], expected: Array) -> float:
    if not expected.any():
        raise AssertionError("the reference is 0 throughout, so that it proves nothing")
    return max(relative_difference(maps, expected[: len(maps)]) for maps in found)


def answers(subject: Subject, check: Check, parameters: Mapping[str, ParameterValue], images: int) -> Array:
    """(N, …) float64 array: the engine's final answer for each of the first images, asked for in one request."""
    target = ClassTarget(
        subject.label,
        minus=subject.other if check.kind == "difference" else None,
        score="probability" if check.kind == "probability" else "logit",
    )
    layers = (subject.earlier, subject.layer) if check.joined else (subject.layer,)
    request = Request(
        method=check.method,
        network=subject.network,
        device="cpu",
        images=subject.images[:images],
        layers=layers if catalogued(check.method).needs_layer else (),
        targets=(target,),
        parameters=dict(parameters),
    )
    final = [
        result.raw
        for result in subject.session.run(request)
        if isinstance(result, HeatMap | GradientPicture) and result.done == 1
    ]
    if len(final) != images:
        raise AssertionError(f"{check.title} gave {len(final)} answers for {images} images")
    return np.stack(final).astype(np.float64)


def relative_difference(found: Array, expected: Array) -> float:
    """The largest max|a − b| / max|b| of an image; infinite where a number is none, or only the reference is 0."""
    if found.shape != expected.shape:
        raise AssertionError(f"the answer is {found.shape} and the reference {expected.shape}")
    axes = tuple(range(1, expected.ndim))
    size = np.abs(expected).max(axis=axes)
    difference = np.abs(found - expected).max(axis=axes)
    relative = np.divide(difference, size, out=np.where(difference > 0, np.inf, 0.0), where=size > 0)
    return math.inf if np.isnan(relative).any() else float(relative.max())
