"""Guided Grad-CAM is the guided gradient times whichever map was chosen."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnnviz_desktop.core import catalog
from cnnviz_desktop.core.parameters import ChoiceParameter
from cnnviz_desktop.core.requests import ClassTarget
from cnnviz_desktop.core.results import GradientPicture, HeatMap
from tests.engine.asking import ask, results
from tests.engine.methods.test_gradient_pictures import Modules, asked
from tests.engine.networks_for_tests import seeded, session_with


def choices() -> Iterator[str]:
    for parameter in catalog.method("guided_gradcam").parameters:
        if isinstance(parameter, ChoiceParameter) and parameter.key == "cam":
            yield from (value for value, _ in parameter.choices)


@pytest.mark.parametrize("cam", tuple(choices()))
def test_that_any_map_can_be_the_factor_of_guided_gradcam(cam: str, image: str) -> None:
    session = session_with(seeded(Modules))
    target = {"targets": (ClassTarget(2),), "layers": ("last",)}
    heat = next(each for each in results(session, ask(cam, image, **target)) if isinstance(each, HeatMap))
    guided = asked(session, "guided_backprop", image)
    found = asked(session, "guided_gradcam", image, parameters={"cam": cam}, layers=("last",))
    positive = torch.from_numpy(heat.raw.copy()).clamp(min=0)[None, None]
    factor = F.interpolate(positive, size=(32, 24), mode="bilinear", align_corners=False)[0].numpy()
    assert factor.max() > 0
    assert np.allclose(found.raw, factor * guided.raw, rtol=1e-5, atol=1e-9)


def test_that_guided_gradcam_makes_a_picture_for_each_layer(image: str) -> None:
    request = ask("guided_gradcam", image, layers=("first", "last"), targets=(ClassTarget(2),))
    found = [each for each in results(session_with(seeded(Modules)), request) if isinstance(each, GradientPicture)]
    assert [each.layer for each in found] == ["first", "last"]
    assert not np.allclose(found[0].raw, found[1].raw)


def test_that_a_map_without_a_positive_cell_is_told(image: str) -> None:
    class Opposed(Modules):
        """Every channel of the layer speaks against every class."""

        def __init__(self) -> None:
            super().__init__()
            nn.init.constant_(self.head.weight, -1.0)

        def forward(self, x: Tensor) -> Tensor:
            logits: Tensor = self.head(self.relu2(self.last(self.relu1(self.first(x)))).mean(dim=(2, 3)))
            return logits

    found = asked(session_with(seeded(Opposed)), "guided_gradcam", image, layers=("relu2",))
    assert any("No cell of the map is positive" in note for note in found.notes)
    assert not found.raw.any()
