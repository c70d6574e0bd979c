"""How the image processor of a Hugging Face folder prepares pictures, as a recipe of ours."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from cnnviz_desktop.core.description import Preprocessing
from cnnviz_desktop.core.results import Picture
from cnnviz_desktop.engine.inputs import prepare

if TYPE_CHECKING:
    from cnnviz_desktop.core.description import Interpolation

_RECIPE_FILE = "preprocessor_config.json"
_INTERPOLATIONS: tuple["Interpolation", ...] = ("nearest", "lanczos", "bilinear", "bicubic", "box", "hamming")
"""By Pillow's numbers."""

_STRETCHED_FROM = 384
"""Processors that know ``crop_pct`` stretch the picture to sizes from here on, as ConvNeXt's do."""

_LEVIT_MARGIN = 256 / 224
"""By which LeViT's processor makes the short side longer than it says."""

_NEAR = 0.1
"""Mean difference of two inputs, in standard deviations, that resizing on bytes or on numbers cannot explain."""


def recipe_in(folder: Path) -> tuple[Preprocessing | None, tuple[str, ...]]:
    """The recipe of the folder's image processor, and sentences about what it does besides.

    The recipe is tried on a picture beside the processor itself; where they differ, a sentence says so.
    """
    if not (folder / _RECIPE_FILE).is_file():
        return None, (f"There is no {_RECIPE_FILE} in {folder}: pictures are prepared as for ImageNet.",)
    from transformers import AutoImageProcessor

    try:
        processor = AutoImageProcessor.from_pretrained(  # type: ignore[no-untyped-call]  # transformers gives it no types
            str(folder), local_files_only=True, trust_remote_code=False
        )
        recipe = recipe_of(processor)
    except Exception as error:  # what transformers raises has no common type
        said = " ".join(str(error).split()) or type(error).__name__
        return None, (f"{_RECIPE_FILE} cannot be used ({said[:200]}): pictures are prepared as for ImageNet.",)
    return recipe, _differences(processor, recipe)


def recipe_of(processor: Any) -> Preprocessing:  # noqa: ANN401 - transformers' processors share no typed interface
    """The recipe that an image processor of transformers follows.

    Raises:
        ValueError: It cannot be told.
    """
    size, crop = _sides(getattr(processor, "size", None)), _sides(getattr(processor, "crop_size", None))
    normalises = bool(getattr(processor, "do_normalize", False))
    rescales = bool(getattr(processor, "do_rescale", True))
    mean = tuple(map(float, processor.image_mean)) if normalises else (0.0, 0.0, 0.0)
    std = tuple(map(float, processor.image_std)) if normalises else (1.0, 1.0, 1.0)
    if normalises and getattr(processor, "include_top", False):  # EfficientNet's divides by the deviation once more
        std = tuple(value * value for value in std)
    common: dict[str, Any] = {
        "mean": mean,
        "std": std,
        "interpolation": _INTERPOLATIONS[int(getattr(processor, "resample", 2))],
        "order": "bgr" if getattr(processor, "do_flip_channel_order", False) else "rgb",
        "scale": round(255 * float(getattr(processor, "rescale_factor", 1 / 255)), 6) if rescales else 255.0,
    }
    if not getattr(processor, "do_resize", False):
        return Preprocessing(resize="none", **common)
    short_side = size.get("shortest_edge")
    share = getattr(processor, "crop_pct", None)
    if share and short_side:
        side = (short_side, short_side)
        if short_side >= _STRETCHED_FROM:
            return Preprocessing(resize="stretch", size=side, **common)
        return Preprocessing(resize="short_side_crop", size=side, short_side=int(short_side / share), **common)
    if getattr(processor, "do_center_crop", False) and crop:
        short_side = short_side or min(size.values())
        if type(processor).__name__.startswith("Levit"):
            short_side = int(_LEVIT_MARGIN * short_side)
        return Preprocessing(
            resize="short_side_crop", size=(crop["height"], crop["width"]), short_side=short_side, **common
        )
    if short_side:
        return Preprocessing(resize="short_side", size=(short_side, short_side), short_side=short_side, **common)
    return Preprocessing(resize="stretch", size=(size["height"], size["width"]), **common)


def _sides(given: object) -> dict[str, int]:
    """A size of transformers as a plain dictionary of the sides that it names."""
    if given is None:
        return {}
    if isinstance(given, int):
        return {"height": given, "width": given}
    named = given if isinstance(given, Mapping) else vars(given)
    return {str(key): int(value) for key, value in named.items() if value}


def _differences(processor: Any, recipe: Preprocessing) -> tuple[str, ...]:  # noqa: ANN401 - as above
    rows, columns = np.mgrid[0:300, 0:400]
    waves = [np.sin(rows / 17 + shift) + np.cos(columns / 23 - shift) for shift in (0.0, 1.0, 2.5)]
    pixels = ((np.stack(waves, axis=-1) + 2) / 4 * 255).astype(np.uint8)
    ours = prepare(Picture(image="", pixels=pixels, sha256=""), recipe).tensor
    try:
        theirs = torch.as_tensor(processor(pixels, return_tensors="pt")["pixel_values"])
    except Exception:  # it takes something besides a picture
        return ("The folder's own image processor could not be tried beside the recipe.",)
    if theirs.shape != ours.shape:
        shapes = " and ".join("×".join(map(str, each.shape[1:])) for each in (theirs, ours))
        return (f"The folder's own image processor makes inputs of another shape than the recipe: {shapes}.",)
    apart = float((theirs.float() - ours).abs().mean() / ours.std())
    if apart <= _NEAR:
        return ()
    return (
        f"The folder's own image processor prepares pictures otherwise: inputs differ by {apart:.1f} σ on average.",
    )
