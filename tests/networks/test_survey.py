"""The survey finds what is wrong with a network."""

import pytest
import torch
from torch import Tensor, nn

from cnnviz_desktop.engine.networks import torchvision_models
from tests.networks.__main__ import LIBRARIES, line, main
from tests.networks.families import TIMM
from tests.networks.page import page
from tests.networks.survey import Finding, surveyed


class Small(nn.Module):
    """What the tests below change, one thing each."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, stride=8)
        self.head = nn.Linear(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.stem(x).relu().mean(dim=(2, 3)))
        return logits


class Tokenless(Small):
    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(x.mean(dim=(2, 3)).repeat(1, 3)[:, :8])
        return logits


class Counting(Small):
    """Keeps something of every pass."""

    def forward(self, x: Tensor) -> Tensor:
        self.__dict__[f"pass_{len(self.__dict__)}"] = True
        return super().forward(x)


class Zeros(Small):
    def __init__(self) -> None:
        super().__init__()
        nn.init.zeros_(self.head.weight)


class CountingZeros(Counting):
    def __init__(self) -> None:
        super().__init__()
        nn.init.zeros_(self.head.weight)


class Deaf(Small):
    """Answers alike wherever one looks."""

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head((self.stem(x) * 0 + 1).mean(dim=(2, 3)))
        return logits


@pytest.mark.parametrize(
    ("kind", "failure"),
    [
        (Small, ""),
        (Tokenless, "no layer is suggested"),
        (Counting, "a trace is left"),
        (CountingZeros, "a trace is left in the network, whose map does not vary"),
        (Deaf, "is constant"),
    ],
)
def test_that_what_is_wrong_is_told(kind: type[Small], failure: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torchvision_models, "build_torchvision", lambda *_: kind())
    finding = surveyed("torchvision:squeezenet1_1@random")
    assert failure in " ".join(finding.failures)
    assert bool(finding.failures) == bool(failure)
    assert torch.is_grad_enabled()


def test_that_zeros_are_drawn_anew_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torchvision_models, "build_torchvision", lambda *_: Zeros())
    finding = surveyed("torchvision:squeezenet1_1@random")
    assert (finding.failures, finding.remark) == ((), "drawn anew: zeros in head.weight")


def test_that_a_network_that_cannot_be_opened_is_a_line_with_its_reason() -> None:
    finding = surveyed("torchvision:no_such_network@random")
    assert "NetworkError: torchvision has no model" in line(finding)
    assert "1 with failures" in page([finding, Finding(reference="torchvision:alexnet@random")])


def test_that_the_families_are_many_and_timm_has_them() -> None:
    import timm

    assert set(TIMM) <= set(timm.list_models())
    assert len({timm.models.model_entrypoint(name).__module__ for name in TIMM}) >= 40
    assert LIBRARIES == ("torchvision", "timm")


def test_that_a_page_of_a_part_is_refused() -> None:
    with pytest.raises(SystemExit):
        main(["--write", "--library", "timm"])
