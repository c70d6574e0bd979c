"""Results made by hand for the tests of figures."""

import numpy as np

from cnnviz_desktop.core.geometry import InputTransform, MapGeometry, Resize, Size
from cnnviz_desktop.core.results import Explained, FloatArray, GradientPicture, HeatMap, Picture


def picture(height: int = 60, width: int = 90, image: str = "photos/dog.png") -> Picture:
    pixels = np.random.default_rng(5).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Picture(image=image, pixels=pixels, sha256="ab" * 32, notes=("first of 3 frames",))


def geometry(
    original: Size,
    cells: Size,
    resize: Resize = "stretch",
    size: Size = Size(32, 32),  # noqa: B008 - a constant
) -> MapGeometry:
    return MapGeometry(InputTransform.of(resize, original, size), cells)


def heat_map(of: Picture, raw: FloatArray, resize: Resize = "stretch", class_name: str = "dog") -> HeatMap:
    height, width, _ = of.pixels.shape
    return HeatMap(
        image=of.image,
        method="gradcam",
        layer="layer3.2",
        explained=Explained(title=class_name, class_index=5, class_name=class_name, score=12.25, probability=0.75),
        raw=raw,
        geometry=geometry(Size(height, width), Size(*raw.shape), resize),
    )


def gradient(
    of: Picture,
    raw: FloatArray,
    transform: InputTransform | None = None,
    method: str = "guided_backprop",
    completeness: float | None = None,
    notes: tuple[str, ...] = (),
) -> GradientPicture:
    height, width, _ = of.pixels.shape
    return GradientPicture(
        image=of.image,
        method=method,
        layer="",
        explained=Explained(title="dog", class_index=5, class_name="dog", score=12.25, probability=0.75),
        raw=raw,
        transform=transform or InputTransform.of("stretch", Size(height, width), Size(*raw.shape[1:])),
        completeness=completeness,
        notes=notes,
    )


def noise(*shape: int) -> FloatArray:
    return np.random.default_rng(6).normal(size=shape).astype(np.float32)
