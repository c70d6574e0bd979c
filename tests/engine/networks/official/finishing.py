"""Runs a generator of progress to its end."""

from collections.abc import Generator
from typing import TypeVar

from cnnviz_desktop.core.results import Progress

Value = TypeVar("Value")


def finish(generator: Generator[Progress, None, Value]) -> Value:
    """What the generator returns."""
    while True:
        try:
            assert isinstance(next(generator), Progress)
        except StopIteration as end:
            value: Value = end.value
            return value
