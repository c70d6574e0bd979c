"""Several layers made one, and maps smoothed over copies, against what is computed by hand."""

import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from msgspec import structs
from torch import nn

from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.rendering import unit_scaled
from cnnviz_desktop.core.requests import ClassTarget
from cnnviz_desktop.core.results import FloatArray, HeatMap
from cnnviz_desktop.engine.methods import fusing
from tests.engine.asking import ask, input_of
from tests.engine.methods.maps_for_tests import Joined, difference, heat, heats, loud, noise
from tests.engine.networks_for_tests import seeded, session_with


def librarys(kind: str, module: nn.Module, layers: tuple[str, ...], image: str) -> FloatArray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pytorch_grad_cam
        from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
    with getattr(pytorch_grad_cam, kind)(model=module, target_layers=list(map(module.get_submodule, layers))) as cam:
        found: FloatArray = cam(input_of(image), [ClassifierOutputTarget(2)])[0]
    return found


@pytest.mark.parametrize(("method", "kind"), [("gradcam", "GradCAM"), ("layercam", "LayerCAM"), ("fem", "FEM")])
def test_that_the_mean_of_two_layers_equals_the_librarys(method: str, kind: str, image: str) -> None:
    module = loud(seeded(Joined), 1e4)  # beside small gradients the library's 1e-7 is no small number
    layers = ("left", "block.2")
    (found,) = heats(
        session_with(module),
        method,
        image,
        layers=layers,
        targets=(ClassTarget(2),),
        parameters={"fuse": "mean"},
    )
    assert found.layer == "left + block.2"
    assert found.raw.shape == (32, 24)
    assert found.geometry.cells == Size(32, 24)
    assert np.abs(unit_scaled(found.raw) - librarys(kind, module, layers, image)).max() <= 1e-5


def by_hand(maps: list[FloatArray]) -> list[FloatArray]:
    """Each clipped, scaled to 0–1 and enlarged."""
    found = []
    for raw in maps:
        positive = np.maximum(raw, 0)
        scaled = torch.from_numpy((positive - positive.min()) / (positive.max() - positive.min()))[None, None]
        found.append(nn.functional.interpolate(scaled, (32, 24), mode="bilinear")[0, 0].numpy())
    return found


@pytest.mark.parametrize("fuse", ["mean", "max"])
def test_that_each_image_and_class_is_fused_by_itself(fuse: str, tmp_path: Path) -> None:
    images, layers = noise(tmp_path, 3), ("left", "block")
    targets = (ClassTarget(1), ClassTarget(4))
    request = ask("hirescam", "", layers=layers, targets=targets, parameters={"fuse": fuse})
    session = session_with(seeded(Joined))
    found = [one for one in session.run(structs.replace(request, images=images)) if isinstance(one, HeatMap)]
    assert len(found) == 6
    for one in found:
        assert one.explained.class_index is not None
        parts = by_hand(
            [heat(session, "hirescam", one.image, layer, one.explained.class_index).raw for layer in layers]
        )
        expected = np.mean(parts, axis=0) if fuse == "mean" else np.max(parts, axis=0)
        assert difference(one.raw, expected) <= 1e-5


def test_that_a_layer_counts_as_much_however_small_its_values_are() -> None:
    raw = torch.rand(4, 5, generator=torch.Generator().manual_seed(0)) - 0.3
    for factor in (1e-12, 1e12):
        assert torch.allclose(fusing.unit_scaled(raw * factor), fusing.unit_scaled(raw), atol=1e-6)
    assert float(fusing.unit_scaled(raw * 1e-12).max()) == 1
    assert not fusing.unit_scaled(torch.full((2, 3), 7.0)).any()
    assert not fusing.unit_scaled(torch.full((2, 3), -7.0)).any()


def smoothed_by_hand(module: nn.Module, image: str, layer: str, target: int) -> FloatArray:
    """Grad-CAM of each copy of the image, made from its pixels, turned back, and their mean."""
    maps = []
    for mirrored in (False, True):
        for brightness in (0.9, 1.0, 1.1):
            pixels = (input_of(image) * 0.25 + 0.5) * brightness
            seen = (pixels.flip(-1) if mirrored else pixels).sub(0.5).div(0.25)
            kept: list[torch.Tensor] = []
            handle = module.get_submodule(layer).register_forward_hook(
                lambda _, __, output, kept=kept: (kept.append(output), output.clone())[1]
            )
            with torch.enable_grad():
                (gradient,) = torch.autograd.grad(module(seen)[0, target], kept)
            handle.remove()
            raw = (gradient.mean(dim=(2, 3), keepdim=True) * kept[0]).sum(dim=1)[0].detach()
            maps.append(raw.flip(-1) if mirrored else raw)
    return torch.stack(maps).mean(dim=0).numpy()


def test_that_smoothing_over_copies_is_the_mean_of_their_maps(tmp_path: Path) -> None:
    images, layers = noise(tmp_path, 2), ("left", "block")
    request = ask("gradcam", "", layers=layers, targets=(ClassTarget(),), parameters={"aug_smooth": True})
    module = seeded(Joined)
    session = session_with(module)
    found = [one for one in session.run(structs.replace(request, images=images)) if isinstance(one, HeatMap)]
    assert sorted((one.image, one.layer) for one in found) == sorted(
        (image, layer) for image in images for layer in layers
    )
    for one in found:
        target = int(module(input_of(one.image)).argmax())  # of the image itself, for all its copies
        assert one.explained.class_index == target
        assert one.explained.score == pytest.approx(float(module(input_of(one.image)).detach().max()), rel=1e-5)
        assert difference(one.raw, smoothed_by_hand(module, one.image, one.layer, target)) <= 1e-5


@pytest.mark.parametrize("fuse", ["mean", "max"])
def test_that_smoothed_maps_are_fused_after_they_are_smoothed(fuse: str, image: str) -> None:
    module = seeded(Joined)
    (found,) = heats(
        session_with(module),
        "gradcam",
        image,
        layers=("left", "block"),
        targets=(ClassTarget(3),),
        parameters={"aug_smooth": True, "fuse": fuse},
    )
    parts = by_hand([smoothed_by_hand(module, image, layer, 3) for layer in ("left", "block")])
    assert difference(found.raw, np.mean(parts, axis=0) if fuse == "mean" else np.max(parts, axis=0)) <= 1e-5


def test_that_a_product_of_layers_is_smoothed_too(image: str) -> None:
    session = session_with(seeded(Joined))
    plain, smooth = (heat(session, "refinecam", image, "block", aug_smooth=flag) for flag in (False, True))
    assert smooth.layer == plain.layer
    assert smooth.raw.shape == plain.raw.shape
    assert difference(smooth.raw, plain.raw) > 0.01
    assert np.corrcoef(smooth.raw.ravel(), plain.raw.ravel())[0, 1] > 0.5
