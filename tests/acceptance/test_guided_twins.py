"""The rules on networks as people have them, against twins whose every ReLU is a function with its own gradient.

These ReLUs are functional, ReLU6 or in place: libraries that put their rule on modules draw the plain gradient there.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from cnnviz_desktop.core.requests import ClassTarget, Request
from cnnviz_desktop.core.results import FloatArray, GradientPicture, Picture
from cnnviz_desktop.engine.inputs import prepare
from cnnviz_desktop.engine.session import EngineSession
from tests.acceptance.real_data import real_data
from tests.engine.networks_for_tests import session_with
from tests.engine.relu_twins import DeconvolutionTwin, GuidedTwin

TWINS = {"guided_backprop": GuidedTwin, "deconvolution": DeconvolutionTwin}
METHODS = pytest.mark.parametrize("method", TWINS)


@contextmanager
def hand_written(method: str) -> Iterator[None]:
    """Every ReLU that is called inside, by a module or as a function, is the twin's."""

    def relu(x: Tensor, inplace: bool = False) -> Tensor:
        del inplace
        found: Tensor = TWINS[method].apply(x, torch.inf)
        return found

    def hardtanh(x: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
        del inplace
        assert min_val == 0
        found: Tensor = TWINS[method].apply(x, max_val)
        return found

    def relu6(x: Tensor, inplace: bool = False) -> Tensor:
        return hardtanh(x, 0.0, 6.0, inplace)

    with patch.object(F, "relu", relu), patch.object(F, "hardtanh", hardtanh), patch.object(F, "relu6", relu6):
        yield


def gradient(module: nn.Module, x: Tensor, label: int) -> FloatArray:
    x = x.clone().requires_grad_()
    found: FloatArray = torch.autograd.grad(module(x)[0, label], x)[0][0].numpy()
    return found


def assert_equals_its_twin(session: EngineSession, request: Request) -> None:
    """≤ 1e-5 from the twin, relative to the greatest value, and far from the plain gradient."""
    (found,) = (each for each in session.run(request) if isinstance(each, GradientPicture))
    (picture,) = session.run(Request(method="picture", images=request.images))
    assert isinstance(picture, Picture)
    assert found.explained.class_index is not None
    (bench,) = session._benches.values()
    x = prepare(picture, bench.outline.preprocessing).tensor
    plain = gradient(bench.module, x, found.explained.class_index)
    with hand_written(request.method):
        expected = gradient(bench.module, x, found.explained.class_index)
    assert np.abs(expected).max() > 0
    assert np.abs(found.raw - expected).max() <= 1e-5 * np.abs(expected).max()
    assert np.corrcoef(found.raw.ravel(), plain.ravel())[0, 1] < 0.9
    assert not found.notes


@METHODS
def test_that_resnet20_equals_its_twin(method: str, tmp_path: Path) -> None:
    data = real_data()
    session = EngineSession()
    session.trust(data.program_sha256)
    network = str(data.describe_resnet20(tmp_path))
    for label in ("dog", "cat"):
        images = (data.photo("both.png"),)
        request = Request(method=method, network=network, images=images, targets=(ClassTarget(label),))
        assert_equals_its_twin(session, request)


def _googlenet() -> nn.Module:
    from torchvision.models import googlenet

    made: nn.Module = googlenet(weights=None, init_weights=False, aux_logits=False)
    return made


def _mobilenet_v2() -> nn.Module:
    from torchvision.models import mobilenet_v2

    made: nn.Module = mobilenet_v2(weights=None)
    return made


@METHODS
@pytest.mark.parametrize("factory", [_googlenet, _mobilenet_v2])
def test_that_torchvisions_networks_equal_their_twins(
    factory: Callable[[], nn.Module], method: str, tmp_path: Path
) -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        module = factory().eval()
        for part in module.modules():
            if isinstance(part, nn.Conv2d):
                nn.init.kaiming_normal_(part.weight)  # else what reaches the end says nothing of the input
    path = str(tmp_path / "noise.png")
    pixels = np.random.default_rng(2).integers(0, 256, (160, 128, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    session = session_with(module, size=(160, 128))
    assert_equals_its_twin(session, Request(method=method, network="test", images=(path,), targets=(ClassTarget(7),)))
