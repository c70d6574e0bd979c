"""A channel of a layer without places, as a linear one, is explained like any other target."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnnviz_desktop.core.catalog import METHODS
from cnnviz_desktop.core.errors import LayerError, TargetError
from cnnviz_desktop.core.requests import ClassTarget, Request, Target, UnitTarget
from cnnviz_desktop.core.results import Attribution
from cnnviz_desktop.engine.session import EngineSession
from tests.engine.asking import ask, input_of, results
from tests.engine.methods.maps_for_tests import noise
from tests.engine.networks_for_tests import fingerprint, seeded, session_with

EXPLAINING_UNITS = [each.id for each in METHODS if each.gives and each.id not in ("cam", "finercam")]


class Hidden(nn.Module):
    """Two linear layers, the first one's output overwritten in place."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 6, 3, padding=1)
        self.last = nn.Conv2d(6, 8, 3, stride=2, padding=1)
        self.hidden = nn.Linear(8, 7)
        self.head = nn.Linear(7, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.last(F.relu(self.first(x)))).mean(dim=(2, 3))
        logits: Tensor = self.head(F.relu(self.hidden(x), inplace=True))
        return logits


class Features(Hidden):
    """Gives its hidden layer and its maps, and no class scores."""

    def forward(self, x: Tensor) -> Tensor:
        maps = F.relu(self.last(F.relu(self.first(x))))
        self.hidden(maps.mean(dim=(2, 3)))
        return maps


def last_of(session: EngineSession, request: Request) -> list[Attribution]:
    return [each for each in results(session, request) if isinstance(each, Attribution) and each.done == 1]


def asked(method: str, image: str, target: Target) -> Request:
    few = {"integrated_gradients": {"steps": 4}, "smoothgrad": {"samples": 4}, "occlusion": {"patch": 12, "stride": 10}}
    return ask(method, image, targets=(target,), parameters=few.get(method, {}), layers=("last",))


@pytest.mark.parametrize("method", EXPLAINING_UNITS)
def test_that_a_channel_of_the_last_layer_is_explained_as_its_class_is(method: str, image: str) -> None:
    module = seeded(Hidden)
    before = fingerprint(module)
    (found,) = last_of(session_with(module), asked(method, image, UnitTarget("head", channel=2)))
    (expected,) = last_of(session_with(module), asked(method, image, ClassTarget(2)))
    assert np.allclose(found.raw, expected.raw, rtol=1e-5, atol=1e-8)
    assert found.raw.any()
    assert (found.explained.title, found.explained.class_index) == ("head, channel 2", None)
    assert found.explained.score == pytest.approx(expected.explained.score)
    assert found.completeness == pytest.approx(expected.completeness, abs=1e-6)
    assert fingerprint(module) == before


@pytest.mark.parametrize("together", [False, True])
def test_that_a_hidden_channel_is_explained_by_what_the_layer_gives_before_it_is_overwritten(
    together: bool, tmp_path: Path
) -> None:
    module, images = seeded(Hidden), noise(tmp_path, 2)
    assert isinstance(module, Hidden)
    target, session = UnitTarget("hidden", channel=4), session_with(module)
    if together:
        request = Request(method="saliency", network="test", images=images, targets=(target,))
        found = last_of(session, request)
    else:
        found = [each for image in images for each in last_of(session, ask("saliency", image, targets=(target,)))]
    for each, image in zip(found, images, strict=True):
        x = input_of(image).requires_grad_()
        value = module.hidden(F.relu(module.last(F.relu(module.first(x)))).mean(dim=(2, 3)))[0, 4]
        (gradient,) = torch.autograd.grad(value, x)
        assert np.allclose(each.raw, gradient[0].numpy(), atol=1e-8)
        assert each.explained.score == pytest.approx(float(value.detach()))


@pytest.mark.parametrize("method", ["integrated_gradients", "scorecam", "ablationcam", "fullgrad", "gradcam"])
@pytest.mark.parametrize("layer", ["hidden", "last"])
def test_that_no_class_scores_are_needed_for_a_channel(method: str, layer: str, tmp_path: Path) -> None:
    images, target = noise(tmp_path, 2), UnitTarget(layer, channel=1)
    request = Request(method=method, network="test", images=images, targets=(target,), layers=("first",))
    together = last_of(session_with(seeded(Features)), request)
    for each, image in zip(together, images, strict=True):
        alone = ask(method, image, targets=(target,), layers=("first",))
        (expected,) = last_of(session_with(seeded(Features)), alone)
        assert np.allclose(each.raw, expected.raw, rtol=1e-3, atol=1e-6 * np.abs(expected.raw).max())


def test_that_copies_of_an_image_explain_the_same_channel(image: str) -> None:
    fields = {"layers": ("last",), "parameters": {"aug_smooth": True}}
    session = session_with(seeded(Hidden))
    (found,) = last_of(session, ask("gradcam", image, targets=(UnitTarget("head", channel=2),), **fields))
    (expected,) = last_of(session, ask("gradcam", image, targets=(ClassTarget(2),), **fields))
    assert np.allclose(found.raw, expected.raw, rtol=1e-5, atol=1e-9)


def test_that_a_layer_of_one_number_an_image_is_refused_in_words(image: str) -> None:
    class Squeezed(Hidden):
        def __init__(self) -> None:
            super().__init__()
            self.squeeze = nn.Flatten(0)

        def forward(self, x: Tensor) -> Tensor:
            logits = super().forward(x)
            of_each: Tensor = self.squeeze(logits[:, :1])
            return logits + of_each[:, None]

    with pytest.raises(LayerError, match="squeeze gives a single number"):
        results(session_with(seeded(Squeezed)), ask("saliency", image, targets=(UnitTarget("squeeze", channel=0),)))


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (UnitTarget("hidden", channel=1, cell=(0, 0)), "hidden gives 7 values without a place in the image"),
        (UnitTarget("hidden", box=(0, 0, 8, 8)), "hidden gives 7 values without a place in the image"),
        (UnitTarget("hidden", channel=7), "channels 0 to 6"),
    ],
)
def test_that_what_a_vector_does_not_have_is_refused_in_words(target: UnitTarget, words: str, image: str) -> None:
    with pytest.raises(TargetError, match=words):
        results(session_with(seeded(Hidden)), ask("saliency", image, targets=(target,)))
