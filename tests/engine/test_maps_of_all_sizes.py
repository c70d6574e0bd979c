"""Whatever the picture's size and the way of resizing, a map's bright cell lies over what is bright in the picture."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from cnnviz_desktop.core.description import Preprocessing
from cnnviz_desktop.core.geometry import Box, MapGeometry, Point, Resize, Size
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import FeatureMaps, FloatArray, GradientPicture, HeatMap
from cnnviz_desktop.engine.session import EngineSession
from tests.engine.asking import ask, results
from tests.engine.networks_for_tests import session_with

STRIDE = 4
RESIZES: tuple[Resize, ...] = ("stretch", "short_side_crop", "short_side", "letterbox", "none")


class Brightness(nn.Module):
    """Its one map is the mean brightness of each square of the input, and so is its score."""

    def __init__(self) -> None:
        super().__init__()
        self.look = nn.Conv2d(3, 1, STRIDE, stride=STRIDE, bias=False)
        nn.init.constant_(self.look.weight, 1 / (3 * STRIDE**2))
        self.head = nn.Linear(1, 2, bias=False)
        nn.init.constant_(self.head.weight, 1.0)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.look(x).square().mean((2, 3)))
        return logits


def planted(generator: np.random.Generator, recipe: Preprocessing, folder: Path) -> tuple[str, Box]:
    """A black picture of a random size with a white square where the network sees it; its file, and the square."""
    height, width = (int(side) for side in generator.integers(60, 240, 2))
    seen = recipe.transform(Size(height, width)).seen
    side = int(generator.integers(16, 28))
    top = int(generator.integers(int(seen.top), max(int(seen.top) + 1, int(seen.bottom) - side)))
    left = int(generator.integers(int(seen.left), max(int(seen.left) + 1, int(seen.right) - side)))
    pixels = np.zeros((height, width, 3), dtype=np.uint8)
    pixels[top : top + side, left : left + side] = 255
    path = folder / "spot.png"
    Image.fromarray(pixels).save(path)
    return str(path), Box(left, top, left + side, top + side)


def session_of(recipe: Preprocessing) -> EngineSession:
    return session_with(Brightness().eval(), recipe.size, preprocessing=recipe)


def brightest(raw: FloatArray, geometry: MapGeometry) -> tuple[float, float]:
    """(x, y) in the picture: the middle of the cells that are above half of the greatest."""
    rows, columns = np.nonzero(raw > 0.5 * raw.max())
    boxes = [geometry.cell_box(int(row), int(column)) for row, column in zip(rows, columns, strict=True)]
    return (
        float(np.mean([(box.left + box.right) / 2 for box in boxes])),
        float(np.mean([(box.top + box.bottom) / 2 for box in boxes])),
    )


@pytest.mark.parametrize("resize", RESIZES)
@pytest.mark.parametrize("seed", range(6))
def test_that_maps_lie_over_what_they_are_of(resize: Resize, seed: int, tmp_path: Path) -> None:
    generator = np.random.default_rng(1000 * RESIZES.index(resize) + seed)
    size = int(generator.integers(16, 40)) * STRIDE, int(generator.integers(16, 40)) * STRIDE
    short_side = int(generator.integers(min(size), 2 * min(size))) if resize != "short_side" else min(size)
    recipe = Preprocessing(
        resize=resize, size=size, short_side=short_side, mean=(0.0,) * 3, std=(1.0,) * 3, pad=(0, 0, 0)
    )
    image, spot = planted(generator, recipe, tmp_path)
    session = session_of(recipe)
    shown = [
        each for each in results(session, ask("feature_maps", image, layers=("look",))) if isinstance(each, FeatureMaps)
    ]
    (heat,) = (each for each in results(session, ask("gradcam", image, layers=("look",))) if isinstance(each, HeatMap))
    transform = shown[0].geometry.transform
    cell = max(STRIDE / transform.scale_x, STRIDE / transform.scale_y)
    middle = (spot.left + spot.right) / 2, (spot.top + spot.bottom) / 2
    for raw, geometry in ((shown[0].maps[0], shown[0].geometry), (heat.raw, heat.geometry)):
        assert brightest(raw, geometry) == pytest.approx(middle, abs=1.2 * cell)
        row, column = np.unravel_index(int(raw.argmax()), raw.shape)
        assert geometry.cell_at(Point(*middle)) is not None
        box = geometry.cell_box(int(row), int(column))
        assert box.left < spot.right + cell
        assert box.right > spot.left - cell


@pytest.mark.parametrize("resize", RESIZES)
def test_that_gradient_pictures_lie_over_what_they_are_of(resize: Resize, tmp_path: Path) -> None:
    recipe = Preprocessing(resize=resize, size=(64, 80), short_side=72, mean=(0.0,) * 3, std=(1.0,) * 3, pad=(0, 0, 0))
    image, spot = planted(np.random.default_rng(4), recipe, tmp_path)
    (picture,) = (
        each for each in results(session_of(recipe), ask("saliency", image)) if isinstance(each, GradientPicture)
    )
    rows, columns = np.nonzero(np.abs(picture.raw).sum(axis=0) > 0.5 * np.abs(picture.raw).sum(axis=0).max())
    found = picture.transform.to_original(Point(float(columns.mean()) + 0.5, float(rows.mean()) + 0.5))
    reach = STRIDE / min(picture.transform.scale_x, picture.transform.scale_y)
    assert found == pytest.approx(((spot.left + spot.right) / 2, (spot.top + spot.bottom) / 2), abs=1.2 * reach)


def test_that_pictures_of_different_sizes_are_answered_in_one_request(tmp_path: Path) -> None:
    recipe = Preprocessing(resize="none", size=(64, 64), mean=(0.0,) * 3, std=(1.0,) * 3)
    generator = np.random.default_rng(9)
    images = []
    for number in range(7):
        height, width = (int(side) for side in generator.integers(40, 90, 2))
        pixels = generator.integers(0, 256, (height, width, 3), dtype=np.uint8)
        path = tmp_path / f"{number}.png"
        Image.fromarray(pixels).save(path)
        images += [str(path)] * 2
    session = session_of(recipe)
    request = Request(method="gradcam", network="test", images=tuple(images))
    together = [each for each in session.run(request) if isinstance(each, HeatMap)]
    assert [heat.image for heat in together] == images
    for heat in together[::2]:
        (alone,) = (
            each for each in results(session_of(recipe), ask("gradcam", heat.image)) if isinstance(each, HeatMap)
        )
        torch.testing.assert_close(torch.tensor(heat.raw), torch.tensor(alone.raw))
