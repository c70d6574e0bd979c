"""Two checkpoints of one architecture, open at once."""

from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
import torch
from msgspec.structs import replace

from cnnviz_desktop.core.description import NetworkDescription
from cnnviz_desktop.core.errors import OutOfMemory
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.references import described
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Predictions
from cnnviz_desktop.engine.networks import opening
from cnnviz_desktop.engine.session import EngineSession
from cnnviz_desktop.samples.network import build


@pytest.fixture
def checkpoints(tmp_path: Path) -> list[NetworkDescription]:
    """The sample's network with three sets of weights."""
    sample = described("sample")
    found = []
    for number in range(3):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(number)
            path = tmp_path / f"{number}.pth"
            torch.save({"epoch": number, "model": build(**sample.architecture.arguments).state_dict()}, path)
        found.append(replace(sample, name=path.name, weights=str(path)))
    return found


@pytest.fixture
def openings(monkeypatch: pytest.MonkeyPatch) -> Mock:
    spy = Mock(wraps=opening.open_network)
    monkeypatch.setattr(opening, "open_network", spy)
    return spy


def _logits(session: EngineSession, network: NetworkDescription) -> np.ndarray:
    request = Request(method="predictions", network=network, images=("sample:scene_01",))
    *_, answer = session.run(request)
    assert isinstance(answer, Predictions)
    return answer.logits


def test_that_requests_may_alternate_between_two_checkpoints_without_opening_either_again(
    checkpoints: list[NetworkDescription], openings: Mock
) -> None:
    session = EngineSession()
    before, after, _ = checkpoints
    first = _logits(session, before), _logits(session, after)
    assert not np.array_equal(*first)
    for _ in range(2):
        assert np.array_equal(_logits(session, before), first[0])
        assert np.array_equal(_logits(session, after), first[1])
    assert openings.call_count == 2


def test_that_of_three_the_one_used_longest_ago_is_closed(
    checkpoints: list[NetworkDescription], openings: Mock
) -> None:
    session = EngineSession()
    before, after, other = checkpoints
    for network in (before, after, before, other):
        _logits(session, network)
    assert openings.call_count == 3
    _logits(session, before)
    assert openings.call_count == 3
    _logits(session, after)
    assert openings.call_count == 4


def test_that_each_tells_the_state_of_its_own_training(checkpoints: list[NetworkDescription]) -> None:
    session = EngineSession()
    for number, network in enumerate(checkpoints[:2]):
        *_, outline = session.run(Request(method="outline", network=network))
        assert isinstance(outline, Outline)
        assert f"{number}.pth was saved by a training run: epoch {number}." in outline.notes
        assert outline.weights_parts == ("model",)


def test_that_memory_which_runs_out_while_another_is_read_leaves_the_first_open(
    checkpoints: list[NetworkDescription], openings: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = EngineSession()
    expected = _logits(session, checkpoints[0])
    with monkeypatch.context() as patched:
        patched.setattr(torch, "load", Mock(side_effect=MemoryError))
        with pytest.raises(OutOfMemory, match=r"1\.pth \(.* MiB\) was read"):
            _logits(session, checkpoints[1])
    assert np.array_equal(_logits(session, checkpoints[0]), expected)
    assert openings.call_count == 2
