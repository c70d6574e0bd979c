"""CAM: only where the network's end is maps, their average and a linear layer; there it is Grad-CAM × cells."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from cnnviz_desktop.core.errors import LayerError, TargetError
from cnnviz_desktop.core.requests import ClassTarget, Request, UnitTarget
from tests.engine.methods.maps_for_tests import Joined, captured, difference, heat, heats, noise, of_class
from tests.engine.networks_for_tests import InPlace, seeded, session_with


class Headed(nn.Module):
    """Maps, their average, and a head to choose."""

    def __init__(self, head: Callable[[], nn.Module], *, flat: bool = True) -> None:
        super().__init__()
        self.maps = nn.Conv2d(3, 6, 3, stride=2)
        self.norm = nn.BatchNorm2d(6)
        self.act = nn.ReLU()
        self.average = nn.AdaptiveAvgPool2d(1)
        self.flat = flat
        self.head = head()

    def forward(self, x: Tensor) -> Tensor:
        x = self.average(self.act(self.norm(self.maps(x))))
        x = self.head(x.flatten(1) if self.flat else x)
        return x.flatten(1)


def convolution() -> Headed:
    return Headed(lambda: nn.Conv2d(6, 5, 1), flat=False)


def after_dropout() -> Headed:
    return Headed(lambda: nn.Sequential(nn.Dropout(), nn.Linear(6, 5, bias=False)))


@pytest.mark.parametrize(("factory", "layer"), [(Joined, "block"), (convolution, "act"), (after_dropout, "act")])
def test_that_cam_is_the_weighted_sum_and_gradcam_times_the_cells(
    factory: Callable[[], nn.Module], layer: str, image: str
) -> None:
    module = seeded(factory)
    session = session_with(module)
    (weight,) = (
        part.weight.detach().flatten(1)
        for name, part in module.named_modules()
        if name.startswith("head") and isinstance(part, nn.Linear | nn.Conv2d)
    )
    activation = torch.from_numpy(captured(module, layer, image, of_class(0))[0][0])
    found = heat(session, "cam", image, layer)
    assert difference(found.raw, torch.einsum("c,chw->hw", weight[2], activation).numpy()) <= 1e-5
    assert difference(found.raw, heat(session, "gradcam", image, layer).raw * found.raw.size) <= 1e-5
    (less,) = heats(session, "cam", image, layers=(layer,), targets=(ClassTarget(4, minus=1),))
    assert difference(less.raw, torch.einsum("c,chw->hw", weight[4] - weight[1], activation).numpy()) <= 1e-5


def test_that_another_layer_is_refused_with_the_one_that_would_do(image: str) -> None:
    with pytest.raises(LayerError, match=r"left is not what head takes the average of\. Ask for block\.2\.$"):
        heat(session_with(seeded(Joined)), "cam", image, "left")
    with pytest.raises(LayerError, match=r"norm is not what head takes the average of\. Ask for act\.$"):
        heat(session_with(seeded(convolution)), "cam", image, "norm")


def test_that_a_network_whose_maps_are_no_layer_is_refused(image: str) -> None:
    with pytest.raises(LayerError, match=r"last is not what head takes .* No layer of Test network is"):
        heat(session_with(seeded(InPlace)), "cam", image, "last")


def test_that_another_end_is_refused_with_the_reason(image: str) -> None:
    deep = seeded(lambda: Headed(lambda: nn.Sequential(nn.Linear(6, 7), nn.ReLU(), nn.Linear(7, 5))))
    with pytest.raises(LayerError, match=r"act is not what head\.2 takes the average of"):
        heat(session_with(deep), "cam", image, "act")
    sure = seeded(lambda: Headed(lambda: nn.Sequential(nn.Linear(6, 5), nn.Softmax(dim=1))))
    with pytest.raises(LayerError, match=r"class scores of Test network are not what head\.0 gives"):
        heat(session_with(sure), "cam", image, "act")
    none = seeded(lambda: Headed(nn.Identity))
    with pytest.raises(LayerError, match="No linear layer of Test network gives one value for each of its 6 classes"):
        heat(session_with(none), "cam", image, "act")


def test_that_a_refusal_leaves_the_image_as_a_network_that_writes_into_it_was_given_it(image: str) -> None:
    class WritesInput(InPlace):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x.mul_(1.7))

    session = session_with(seeded(WritesInput))
    with pytest.raises(LayerError, match="is not what head takes the average of"):
        heats(session, "cam", image, layers=("first",))
    (after,) = (found for found in heats(session, "occlusion", image) if found.done == 1)
    (fresh,) = (found for found in heats(session_with(seeded(WritesInput)), "occlusion", image) if found.done == 1)
    assert difference(after.raw, fresh.raw) <= 1e-6


def test_that_an_image_of_infinite_scores_lets_no_other_layer_pass(tmp_path: Path) -> None:
    class Infinite(InPlace):
        def __init__(self) -> None:
            super().__init__()
            self.end = nn.Identity()

        def forward(self, x: Tensor) -> Tensor:
            endless = torch.where(x.std((1, 2, 3)) == 0, torch.inf, 1.0)
            maps = self.end((self.relu(self.last(self.relu(self.first(x)))) + 1) * endless[:, None, None, None])
            logits: Tensor = self.head(maps.mean((2, 3)) + 1)
            return logits

    Image.new("RGB", (24, 32)).save(tmp_path / "flat.png")
    (image,) = noise(tmp_path, 1)
    request = Request(method="cam", network="test", images=(image, str(tmp_path / "flat.png")), layers=("end",))
    with pytest.raises(LayerError, match="is not what head takes the average of"):
        list(session_with(seeded(Infinite)).run(request))


def test_that_what_is_no_logit_is_refused(image: str) -> None:
    session = session_with(seeded(Joined))
    with pytest.raises(TargetError, match="explains the logit of a class, and no probability"):
        heats(session, "cam", image, layers=("block",), targets=(ClassTarget(1, score="probability"),))
    with pytest.raises(TargetError, match="CAM explains classes"):
        heats(session, "cam", image, layers=("block",), targets=(UnitTarget("left", channel=1),))
