"""The same answers on a graphics card, where there is one."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cnnviz_desktop.core.errors import OutOfMemory, RequestError
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import Device, Request
from cnnviz_desktop.core.results import FeatureMaps, HeatMap, Predictions
from cnnviz_desktop.engine.session import EngineSession

NETWORK = "torchvision:resnet18@random"
needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")


@pytest.fixture
def image(tmp_path: Path) -> str:
    pixels = np.random.default_rng(2).integers(0, 256, (200, 260, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "noise.png")
    return str(tmp_path / "noise.png")


def answers(image: str, device: Device) -> tuple[Predictions, HeatMap, FeatureMaps]:
    session = EngineSession()
    found = [
        next(
            result
            for result in session.run(Request(method=method, network=NETWORK, images=(image,), device=device))
            if isinstance(result, kind)
        )
        for method, kind in (("predictions", Predictions), ("gradcam", HeatMap), ("feature_maps", FeatureMaps))
    ]
    predictions, heat, maps = found
    assert isinstance(predictions, Predictions)
    assert isinstance(heat, HeatMap)
    assert isinstance(maps, FeatureMaps)
    return predictions, heat, maps


@needs_cuda
def test_that_a_graphics_card_gives_the_cpus_answers(image: str) -> None:
    for on_cpu, on_cuda in zip(answers(image, "cpu"), answers(image, "cuda"), strict=True):
        for name in ("logits", "raw", "maps"):
            if hasattr(on_cpu, name):
                expected, found = getattr(on_cpu, name), getattr(on_cuda, name)
                assert np.abs(found - expected).max() <= 1e-3 * np.abs(expected).max()


@needs_cuda
def test_that_the_card_is_chosen_and_named_and_its_random_state_kept(image: str) -> None:
    session = EngineSession()
    torch.cuda.manual_seed(5)
    before = torch.cuda.get_rng_state()
    (outline,) = (
        result for result in session.run(Request(method="outline", network=NETWORK)) if isinstance(result, Outline)
    )
    assert outline.device == "cuda:0"
    assert torch.cuda.get_device_name(0) in outline.device_reason
    list(session.run(Request(method="gradcam", network=NETWORK, images=(image,))))
    assert torch.equal(torch.cuda.get_rng_state(), before)


@needs_cuda
def test_that_running_out_of_the_cards_memory_frees_it_and_keeps_the_session(image: str, tmp_path: Path) -> None:
    Image.new("RGB", (4000, 3000)).save(tmp_path / "large.png")
    description = tmp_path / "large.cnnviz-network.json"
    description.write_text(
        '{"format": 1, "name": "large", "architecture": {"torchvision": "resnet18"},'
        ' "preprocessing": {"resize": "none", "size": [64, 64]}}'
    )
    session = EngineSession()
    run = Request(method="predictions", network=str(description), images=(image,), device="cuda")
    list(session.run(run))
    torch.cuda.set_per_process_memory_fraction(0.01)
    try:
        large = Request(
            method="gradcam", network=str(description), images=(str(tmp_path / "large.png"),), device="cuda"
        )
        with pytest.raises(OutOfMemory, match="nothing is lost"):
            list(session.run(large))
        assert any(isinstance(result, Predictions) for result in session.run(run))
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_that_asking_for_a_missing_card_is_told_in_words(image: str) -> None:
    with pytest.raises(RequestError, match="CUDA was asked for"):
        list(EngineSession().run(Request(method="predictions", network=NETWORK, images=(image,), device="cuda")))
