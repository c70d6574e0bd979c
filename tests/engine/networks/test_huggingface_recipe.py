"""Recipes of image processors, compared with the processors themselves on another picture than the program tries."""

from pathlib import Path

import numpy as np
import pytest
import torch
import transformers

from cnnviz_desktop.core.results import Picture
from cnnviz_desktop.engine.inputs import prepare
from cnnviz_desktop.engine.networks.huggingface_recipe import recipe_in


def smooth(height: int, width: int) -> Picture:
    rows, columns = np.mgrid[0:height, 0:width]
    shades = [np.sin((rows * (1 + shift) + columns) / 31) / 2 + 0.5 for shift in range(3)]
    return Picture(image="", pixels=(np.stack(shades, axis=-1) * 255).astype(np.uint8), sha256="")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("ViTImageProcessor", {}),
        ("ViTImageProcessor", {"size": {"height": 96, "width": 64}, "do_normalize": False}),
        ("ConvNextImageProcessor", {}),
        ("ConvNextImageProcessor", {"size": {"shortest_edge": 224}}),
        ("MobileViTImageProcessor", {}),
        ("MobileNetV2ImageProcessor", {}),
        ("LevitImageProcessor", {}),
        ("EfficientNetImageProcessor", {}),
        ("CLIPImageProcessor", {}),
        ("SegformerImageProcessor", {"size": {"height": 128, "width": 128}, "do_rescale": False}),
    ],
)
def test_that_the_recipe_prepares_a_picture_as_the_processor_does(
    name: str, arguments: dict[str, object], tmp_path: Path
) -> None:
    processor = getattr(transformers, name)(**arguments)
    processor.save_pretrained(tmp_path)
    recipe, notes = recipe_in(tmp_path)
    assert notes == ()
    assert recipe is not None
    picture = smooth(240, 330)
    ours = prepare(picture, recipe).tensor
    theirs = torch.as_tensor(processor(picture.pixels, return_tensors="pt")["pixel_values"])
    assert ours.shape == theirs.shape
    assert (ours - theirs).abs().mean() < 0.03 * theirs.std()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("DeiTImageProcessor", "inputs differ by"),
        ("PerceiverImageProcessor", "another shape than the recipe: 3×224×224 and 3×256×256"),
        ("ImageGPTImageProcessor", "could not be tried"),
    ],
)
def test_that_what_no_recipe_can_say_is_told(name: str, sentence: str, tmp_path: Path) -> None:
    getattr(transformers, name)().save_pretrained(tmp_path)
    assert sentence in " ".join(recipe_in(tmp_path)[1])
