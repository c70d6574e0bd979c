"""Asks the engine, asks a reference, and says how far apart the answers are."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from cnnviz_desktop.core.catalog import method as catalogued
from cnnviz_desktop.core.errors import CnnvizError
from cnnviz_desktop.core.requests import ClassTarget, ParameterValue, Request
from cnnviz_desktop.core.results import GradientPicture, HeatMap
from tests.correctness.recording import Array
from tests.correctness.subjects import Subject


@dataclass(frozen=True, kw_only=True)
class Check:
    """One method against one reference.

    Attributes:
        method: Id of the method.
        reference: What it is compared with, in words.
        expected: (N, …) the reference's answer for the first N images; None where the method does not apply, and has to
            be refused in words.
        tolerance: Largest relative difference, max|a − b| / max|b| of an image.
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
    tolerance: float = 1e-5
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
class Row:
    """A line of the table.

    Attributes:
        method: The method, and what is asked for besides.
        network: The network.
        reference: What it was compared with.
        difference: The largest relative difference; None where the method was refused.
        tolerance: The largest allowed.
        remark: Why it was refused, or what went wrong.
    """

    method: str
    network: str
    reference: str
    difference: float | None
    tolerance: float
    remark: str = ""
    holds: bool = False


def compared(check: Check, subject: Subject) -> Row:
    """The engine's answers, for the images together and for the first alone, against the reference's."""
    expected = check.expected(subject)
    try:
        found = [
            answers(subject, check, parameters, images)
            for parameters in check.parameters
            for images in dict.fromkeys((len(expected) if expected is not None else 1, 1))
        ]
    except CnnvizError as error:
        remark = f"refused: {error}"
        return Row(check.title, subject.name, check.reference, None, check.tolerance, remark, holds=expected is None)
    except Exception as error:  # the table goes on, and says so
        remark = f"failed: {type(error).__name__}: {error}"
        return Row(check.title, subject.name, check.reference, None, check.tolerance, remark)
    if expected is None:
        remark = "answered, though it does not apply"
        return Row(check.title, subject.name, check.reference, None, check.tolerance, remark)
    difference = max(relative_difference(maps, expected[: len(maps)]) for maps in found)
    holds = difference <= check.tolerance
    return Row(check.title, subject.name, check.reference, difference, check.tolerance, holds=holds)


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
    """The largest max|a − b| / max|b| of an image; infinite where a number is none, or the whole reference is 0."""
    if found.shape != expected.shape:
        raise AssertionError(f"the answer is {found.shape} and the reference {expected.shape}")
    axes = tuple(range(1, expected.ndim))
    size = np.abs(expected).max(axis=axes)
    difference = np.abs(found - expected).max(axis=axes)
    if not size.any():
        return math.inf
    relative = np.divide(difference, size, out=np.where(difference > 0, np.inf, 0.0), where=size > 0)
    return math.inf if np.isnan(relative).any() else float(relative.max())
