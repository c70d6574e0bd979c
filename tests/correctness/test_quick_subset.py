"""The quick part of ``python -m tests.correctness``: every check on the sample."""

from collections.abc import Callable
from functools import partial

import pytest

from tests.correctness.checks import CHECKS
from tests.correctness.comparing import Check, compared
from tests.correctness.subjects import SAMPLE, Subject

_SLOW_REFERENCES = ("captum NoiseTunnel, same noise",)
_CHECKS = [
    check
    for check in CHECKS
    if SAMPLE.name in (check.only or [SAMPLE.name]) and check.reference not in _SLOW_REFERENCES
]


@pytest.mark.parametrize("check", _CHECKS, ids=lambda check: f"{check.title} · {check.reference}")
def test_that_a_method_equals_its_reference_on_the_sample(check: Check, sample: Callable[[bool], Subject]) -> None:
    row = compared(check, sample(False), partial(sample, True))
    assert row.holds, row
