"""The benchmarks say what they promise, and fail where it is not kept."""

import json
import math
import sys
from importlib import import_module
from types import ModuleType

import pytest

from tests.benchmarks import __main__ as benchmarks
from tests.benchmarks.limits import Limit, at_least, at_most


def measure(monkeypatch: pytest.MonkeyPatch, figures: dict[str, float], *options: str) -> int:
    """Runs a benchmark that finds these figures."""
    made = ModuleType("tests.benchmarks.tiles")
    made.__dict__.update(run=lambda: figures, LIMITS={"paint_ms": at_most(16), "faster_times": at_least(100)})
    monkeypatch.setitem(sys.modules, made.__name__, made)
    return benchmarks.main(["tiles", *options])


@pytest.mark.parametrize(
    ("paint", "faster", "words", "code"),
    [
        (16.0, 100.0, ["ok", "ok"], 0),
        (16.1, 100.0, ["beyond", "ok"], 1),
        (3.0, 99.0, ["ok", "beyond"], 1),
        (math.nan, math.nan, ["beyond", "beyond"], 1),
    ],
)
def test_that_a_figure_beyond_its_limit_is_told_and_fails(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    paint: float,
    faster: float,
    words: list[str],
    code: int,
) -> None:
    assert measure(monkeypatch, {"paint_ms": paint, "faster_times": faster, "other_s": 7.0}) == code
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [line[2:] for line in lines] == [["≤", "16", words[0]], ["≥", "100", words[1]], []]


def test_that_json_holds_figures_and_limits(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = {"paint_ms": 20.5, "faster_times": 250.0}
    assert measure(monkeypatch, figures, "--json") == 1
    assert json.loads(capsys.readouterr().out) == {
        "figures": figures,
        "limits": {"paint_ms": {"at_most": 16}, "faster_times": {"at_least": 100}},
    }


@pytest.mark.parametrize("name", benchmarks.NAMES)
def test_that_every_benchmark_promises_something(name: str) -> None:
    limits = import_module(f"tests.benchmarks.{name}").LIMITS
    assert limits
    assert all(isinstance(limit, Limit) for limit in limits.values())
