"""Refine-CAM against the library, and which layers it takes."""

import warnings
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from cnnviz_desktop.core.errors import LayerError
from cnnviz_desktop.core.rendering import unit_scaled
from cnnviz_desktop.core.requests import ClassTarget, LayerRef
from cnnviz_desktop.core.results import FloatArray
from cnnviz_desktop.engine.methods.refining import layers_up_to
from tests.engine.asking import input_of
from tests.engine.methods.maps_for_tests import Joined, difference, heat, heats, loud
from tests.engine.networks_for_tests import Functional, InPlace, outlined, seeded, session_with


def librarys(kind: str, module: nn.Module, layers: tuple[str, ...], image: str, *, smooth: bool) -> FloatArray:
    """The library's map in 0–1, its layers enlarged and scaled as it does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pytorch_grad_cam
        from pytorch_grad_cam.refine_cam import RefineCAM
        from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
    parts = [module.get_submodule(layer) for layer in layers]
    cam = RefineCAM(module, parts, base_method=getattr(pytorch_grad_cam, kind))
    found: FloatArray = cam(input_of(image), [ClassifierOutputTarget(2)], eigen_smooth=smooth)[0]
    return found


@pytest.mark.parametrize(("base", "kind"), [("gradcam", "GradCAM"), ("layercam", "LayerCAM"), ("hirescam", "HiResCAM")])
@pytest.mark.parametrize(
    ("factory", "layers"),
    [(Joined, ("stem.1", "left", "block.1")), (Functional, ("wide", "up"))],
)
def test_that_the_map_equals_the_librarys(
    base: str, kind: str, factory: Callable[[], nn.Module], layers: tuple[str, ...], image: str
) -> None:
    module = loud(seeded(factory), 1e4)  # beside small gradients the library's 1e-7 is no small number
    (found,) = heats(
        session_with(module), "refinecam", image, layers=layers, targets=(ClassTarget(2),), parameters={"base": base}
    )
    plain = seeded(lambda: _out_of_place(loud(seeded(factory), 1e4)))
    expected = librarys(kind, plain, layers, image, smooth=False)
    assert found.layer == " + ".join(layers)
    assert found.raw.shape == (32, 24)
    assert np.abs(unit_scaled(found.raw) - expected).max() <= 1e-4


def _out_of_place(module: nn.Module) -> nn.Module:
    """The library records what an in-place ReLU overwrites."""
    for part in module.modules():
        if isinstance(part, nn.ReLU):
            part.inplace = False
    return module


def test_that_gradcam_plus_plus_is_multiplied_unless_asked_otherwise(image: str) -> None:
    session = session_with(seeded(Joined))
    product = np.ones((32, 24), dtype=np.float32)
    for layer in ("left", "block"):
        raw = torch.from_numpy(heat(session, "gradcam++", image, layer).raw.copy()).clamp(min=0)[None, None]
        enlarged = nn.functional.interpolate((raw - raw.min()) / (raw.max() - raw.min()), (32, 24), mode="bilinear")
        product *= ((enlarged - enlarged.min()) / (enlarged.max() - enlarged.min()))[0, 0].numpy()
    (found,) = heats(session, "refinecam", image, layers=("left", "block"), targets=(ClassTarget(2),))
    assert difference(found.raw, product) <= 1e-5
    assert found.notes[0] == "The product of Grad-CAM++ of left and block."


def test_that_how_large_gradients_are_does_not_matter(image: str) -> None:
    small, large = (
        heat(session_with(loud(seeded(Joined), factor)), "refinecam", image, "block", base="hirescam").raw
        for factor in (1e-8, 1)
    )
    assert difference(small, large) <= 1e-4


def test_that_one_layer_brings_the_last_of_every_resolution_before_it(image: str) -> None:
    session = session_with(seeded(Joined))
    assert heat(session, "refinecam", image, "block.2").layer == "stem.2 + pool + block.2"
    assert heat(session, "refinecam", image, "stem.0").layer == "stem.0"


class Wrapped(nn.Module):
    """A trunk of sequences and blocks with its layers beside a head's, and a branch that leads nowhere."""

    class Block(nn.Module):
        def __init__(self, channels: int) -> None:
            super().__init__()
            self.narrow = nn.Conv2d(channels, channels, 1)
            self.wide = nn.Conv2d(channels, channels, 3, stride=2, padding=1)

        def forward(self, x: Tensor) -> Tensor:
            found: Tensor = self.wide(self.narrow(x).relu()).relu()
            return found

    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.Sequential(self.Block(4)), self.Block(4))
        self.nowhere = nn.Conv2d(4, 2, 2)
        self.neck = nn.Sequential(nn.Conv2d(4, 6, 3, stride=2, padding=1), nn.ReLU())
        self.head = nn.Linear(6, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.trunk(x)
        logits: Tensor = self.head(self.neck(x).mean(dim=(2, 3))) + 0 * self.nowhere(x).detach().sum()
        return logits


def test_that_layers_are_sought_in_sequences_and_not_inside_of_blocks() -> None:
    outline = outlined(seeded(Wrapped), (32, 32))
    layers = layers_up_to(outline, LayerRef("neck.1"))
    assert list(map(str, layers)) == ["trunk.0", "trunk.1.0", "trunk.2", "nowhere", "neck.1"]


def test_that_a_layer_nobody_asked_for_is_left_out_where_the_score_does_not_depend_on_it(image: str) -> None:
    session = session_with(seeded(Wrapped))
    assert heat(session, "refinecam", image, "neck.1").layer == "trunk.0 + trunk.1.0 + trunk.2 + neck.1"
    with pytest.raises(LayerError, match="does not depend on nowhere"):
        heats(session, "refinecam", image, layers=("nowhere", "neck.1"), targets=(ClassTarget(2),))


def test_that_layers_without_a_positive_part_are_named(image: str) -> None:
    module = seeded(InPlace)
    last, head = module.get_submodule("last"), module.get_submodule("head")
    with torch.no_grad():
        for parameter in (*last.parameters(), *head.parameters()):
            parameter.abs_()
        head.get_parameter("weight")[3].neg_()  # nothing speaks for class 3
    session = session_with(module)
    against, for_it = heats(
        session, "refinecam", image, layers=("relu", "last"), targets=(ClassTarget(3), ClassTarget(1))
    )
    assert not against.raw.any()
    assert "The maps of relu and last have no positive part that varies, so the product is empty." in against.notes
    assert for_it.raw.any()
    assert len(for_it.notes) == 1


def test_that_what_is_said_of_a_map_is_said_of_the_product(image: str) -> None:
    class Normalised(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Conv2d(3, 6, 3)
            self.norm = nn.LayerNorm(6, eps=1e-12)
            self.last = nn.Conv2d(6, 6, 3)
            self.head = nn.Linear(6, 5)

        def forward(self, x: Tensor) -> Tensor:
            x = self.norm(self.first(x).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
            logits: Tensor = self.head(self.last(x).relu().mean((2, 3)))
            return logits

    session = session_with(seeded(Normalised))
    (of_map,) = heat(session, "hirescam", image, "first").notes
    assert "cancels out" in of_map
    assert of_map in heat(session, "refinecam", image, "first", base="hirescam").notes
    targets = (ClassTarget(2),)
    (found,) = heats(
        session, "refinecam", image, layers=("first", "last"), targets=targets, parameters={"base": "hirescam"}
    )
    assert of_map in found.notes
