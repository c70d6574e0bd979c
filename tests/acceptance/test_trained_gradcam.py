"""Grad-CAM of trained networks against captum and pytorch-grad-cam, and against the ground truth of the sample."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnviz_desktop.core.rendering import cam_input, upsample
from cnnviz_desktop.core.requests import ClassTarget, Request
from cnnviz_desktop.core.resources import sample_images
from cnnviz_desktop.core.results import HeatMap, Picture
from cnnviz_desktop.engine.inputs import prepare
from cnnviz_desktop.engine.session import EngineSession
from cnnviz_desktop.samples.scenes import render
from tests.acceptance.real_data import real_data

POINTING_SCENES = 200
FIRST_FRESH_SEED = 3_000_000  # far from what training and its own evaluation draw


def check_against_references(session: EngineSession, request: Request) -> None:
    """The map equals captum's and, as it is returned there, the library's, within 1e-5."""
    from captum.attr import LayerGradCam
    from pytorch_grad_cam import GradCAM
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    heat = [result for result in session.run(request) if isinstance(result, HeatMap)][-1]
    (picture,) = session.run(Request(method="picture", images=request.images))
    assert isinstance(picture, Picture)
    bench = next(iter(session._benches.values()))
    batch = prepare(picture, bench.outline.preprocessing).tensor
    layer = bench.module.get_submodule(heat.layer)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # captum's word on backward hooks
        attribution = LayerGradCam(bench.module, layer).attribute(
            batch.requires_grad_(), target=heat.explained.class_index
        )
    expected = attribution.detach()[0, 0].numpy()
    assert np.abs(heat.raw - expected).max() <= 1e-5 * max(1, np.abs(expected).max())
    with GradCAM(model=bench.module, target_layers=[layer]) as cam:
        library = cam(input_tensor=batch.detach(), targets=[ClassifierOutputTarget(heat.explained.class_index)])[0]
    assert np.abs(cam_input(heat.raw, *library.shape) - library).max() <= 1e-5


@pytest.mark.parametrize("image", sample_images()[:3])
def test_that_gradcam_on_the_sample_equals_the_references(image: str) -> None:
    check_against_references(EngineSession(), Request(method="gradcam", images=(image,)))


def test_that_gradcam_on_resnet20_equals_the_references(tmp_path: Path) -> None:
    data = real_data()
    session = EngineSession()
    session.trust(data.program_sha256)
    network = str(data.describe_resnet20(tmp_path))
    for layer in ("layer3.2", "layer2", "layer3.2.conv2"):
        images = (data.photo("both.png"),)
        check_against_references(session, Request(method="gradcam", network=network, images=images, layers=(layer,)))


def test_that_the_map_of_a_class_points_at_its_object(tmp_path: Path) -> None:
    """Pointing game on fresh two-object scenes, both classes."""
    session, hits, asked = EngineSession(), 0, 0
    for number in range(POINTING_SCENES):
        scene = render(FIRST_FRESH_SEED + number, objects=2)
        path = tmp_path / f"{number}.png"
        Image.fromarray(scene.image).save(path)
        targets = tuple(ClassTarget(shown.class_index) for shown in scene.objects)
        request = Request(method="gradcam", images=(str(path),), targets=targets)
        heats = [result for result in session.run(request) if isinstance(result, HeatMap)]
        for heat, shown in zip(heats, scene.objects, strict=True):
            whole = upsample(heat.raw, *shown.mask.shape)
            hits += bool(shown.mask[np.unravel_index(whole.argmax(), whole.shape)])
            asked += 1
    assert asked == 2 * POINTING_SCENES
    assert hits / asked >= 0.85
