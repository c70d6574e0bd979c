"""Networks whose last layers were replaced by hand before they were trained."""

from collections import OrderedDict
from copy import deepcopy
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from cnnviz_desktop.engine.networks.checkpoints.fitting import compared
from cnnviz_desktop.engine.networks.checkpoints.heads import head_of, put_in_place

IMAGE = torch.linspace(-2, 2, 2 * 3 * 8 * 8).reshape(2, 3, 8, 8)


class _Network(nn.Module):
    """A trunk of 6 channels and whatever head."""

    def __init__(self, head: nn.Module) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 3)
        self.head = head

    def forward(self, image: Tensor) -> Tensor:
        scores: Tensor = self.head(self.conv(image).relu().mean(dim=(2, 3)))
        return scores


LINEAR = nn.Linear(6, 10)
SEQUENCE = nn.Sequential(nn.Dropout(), nn.Linear(6, 10))
VGG = nn.Sequential(nn.Linear(6, 8), nn.Hardswish(), nn.Dropout(), nn.Linear(8, 10))

REPLACED: dict[str, tuple[nn.Module, nn.Module]] = {
    "other number": (LINEAR, nn.Linear(6, 2)),
    "without bias": (LINEAR, nn.Linear(6, 2, bias=False)),
    "dropout before": (LINEAR, nn.Sequential(nn.Dropout(), nn.Linear(6, 2))),
    "two layers": (LINEAR, nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Dropout(), nn.Linear(5, 2))),
    "dropout on both sides": (
        LINEAR,
        nn.Sequential(nn.Dropout(), nn.Linear(6, 5), nn.Dropout(), nn.ReLU(), nn.Linear(5, 2)),
    ),
    "normalised": (LINEAR, nn.Sequential(nn.Linear(6, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Linear(5, 2))),
    "normalised first": (LINEAR, nn.Sequential(nn.BatchNorm1d(6), nn.Dropout(), nn.Linear(6, 2))),
    "named": (
        LINEAR,
        nn.Sequential(OrderedDict(fc1=nn.Linear(6, 5), relu=nn.ReLU(), drop=nn.Dropout(), out=nn.Linear(5, 2))),
    ),
    "no gap": (LINEAR, nn.Sequential(nn.Linear(6, 5), nn.Linear(5, 2))),
    "linear for a sequence": (SEQUENCE, nn.Linear(6, 3)),
    "inside a sequence": (SEQUENCE, nn.Sequential(nn.Dropout(), nn.Linear(6, 3))),
    "deeper": (SEQUENCE, nn.Sequential(nn.Dropout(), nn.Sequential(nn.Linear(6, 4), nn.ReLU(), nn.Linear(4, 3)))),
    "own activations are kept": (
        VGG,
        nn.Sequential(nn.Linear(6, 5), nn.Hardswish(), nn.Dropout(), nn.Linear(5, 2)),
    ),
}


@pytest.mark.parametrize("case", REPLACED)
def test_that_a_replaced_head_is_rebuilt_and_answers_as_the_trained_one(case: str) -> None:
    own, theirs = REPLACED[case]
    trained, module = _Network(theirs).eval(), _Network(deepcopy(own)).eval()
    for layer in trained.modules():
        if isinstance(layer, nn.BatchNorm1d):
            nn.init.normal_(layer.running_mean)  # type: ignore[arg-type]  # it keeps statistics
    head = head_of(module, compared(module, trained.state_dict(), Path("w.pth")))
    assert head is not None
    put_in_place(module, head)
    module.load_state_dict(trained.state_dict())
    assert not module.head.training
    with torch.no_grad():
        assert torch.equal(module(IMAGE), trained(IMAGE))
    assert head.classes == trained(IMAGE).shape[1]
    guessed = any(isinstance(layer, nn.ReLU) for layer in theirs.modules())
    assert ("ReLU was taken" in head.note) == guessed


def test_that_a_last_convolution_is_given_the_files_number_of_outputs() -> None:
    def build(classes: int) -> nn.Module:
        return nn.Sequential(nn.Conv2d(3, 6, 3), nn.Conv2d(6, classes, 1, stride=2), nn.AdaptiveAvgPool2d(1))

    trained, module = build(4).eval(), build(9).eval()
    head = head_of(module, compared(module, trained.state_dict(), Path("w.pth")))
    assert head is not None
    put_in_place(module, head)
    module.load_state_dict(trained.state_dict())
    assert torch.equal(module(IMAGE), trained(IMAGE))
    assert "1 was given 4 outputs in place of 9" in head.note


@pytest.mark.parametrize(
    "theirs",
    [
        nn.Linear(7, 2),
        nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(4, 2)),
        nn.Sequential(nn.LayerNorm(6), nn.Linear(6, 2)),
        nn.Sequential(nn.Unflatten(1, (6, 1, 1)), nn.Conv2d(6, 2, 1)),
        nn.Sequential(nn.BatchNorm1d(6)),
        nn.Identity(),
    ],
    ids=["another width", "broken chain", "layer norm", "convolution", "no scores", "nothing"],
)
def test_that_a_head_which_may_mean_several_things_is_left_alone(theirs: nn.Module) -> None:
    module = _Network(nn.Linear(6, 10))
    assert head_of(module, compared(module, _Network(theirs).state_dict(), Path("w.pth"))) is None


def test_that_misfits_outside_of_the_head_are_left_alone() -> None:
    module = _Network(nn.Linear(6, 10))
    state = _Network(nn.Linear(6, 2)).state_dict() | {"conv.weight": torch.zeros(6, 3, 5, 5)}
    assert head_of(module, compared(module, state, Path("w.pth"))) is None


def test_that_the_random_state_is_left_as_it_was() -> None:
    module = _Network(nn.Linear(6, 10))
    fitting = compared(module, _Network(nn.Linear(6, 2)).state_dict(), Path("w.pth"))
    before = torch.get_rng_state()
    assert head_of(module, fitting) is not None
    assert torch.equal(torch.get_rng_state(), before)
