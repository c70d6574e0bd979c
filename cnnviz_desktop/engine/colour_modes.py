"""From whatever colours a file holds to 8-bit RGB, telling what was done."""

import io

import numpy as np
import numpy.typing as npt
from PIL import Image

BIT_DEPTHS = (8, 10, 12, 14, 16)
_PHOTOMETRIC = 262
_WHITE_IS_ZERO = 0


def to_rgb(image: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    """The image, which this loads, in mode RGB, and notes on what was done to its colours.

    Transparent parts are laid on white. Numbers (16 and 32 bits, floating point) are scaled to 0–255, see
    `scaled_to_bytes`. CMYK goes through the file's own colour profile where it has one.
    """
    image.load()
    if image.mode.startswith("I") or image.mode == "F":
        return _from_numbers(image)
    if image.mode == "CMYK":
        return _from_cmyk(image)
    if not image.has_transparency_data:
        return image.convert("RGB"), ()
    coloured = image.convert("RGBA")
    if coloured.getchannel("A").getextrema() == (255, 255):
        return coloured.convert("RGB"), ()
    white = Image.new("RGBA", coloured.size, "white")
    return Image.alpha_composite(white, coloured).convert("RGB"), ("transparent parts shown on white",)


def depth_notes(image: Image.Image) -> tuple[str, ...]:
    """A note where loading the image, which has not been done yet, leaves 8 of a channel's 16 bits: in all but grey."""
    cut = image.mode in ("RGB", "RGBA", "LA", "CMYK") and ";16" in str(getattr(image, "tile", ""))
    return ("16 bits a channel, of which the upper 8 are used",) if cut else ()


def scaled_to_bytes(values: npt.NDArray[np.generic]) -> tuple[npt.NDArray[np.uint8], str]:
    """uint8 of the same shape for a grey image of large integers or floats, and a note with the range that was scaled.

    Unsigned 16-bit values are scaled by the depth they use (0–4095 where all fit 12 bits), so that pictures of one
    detector stay comparable; floats within 0–1 by 255; anything else from its least to its greatest value. What is
    not finite becomes 0.
    """
    numbers = values.astype(np.float64)
    finite = np.isfinite(numbers)
    low, high = (float(numbers[finite].min()), float(numbers[finite].max())) if finite.any() else (0.0, 0.0)
    whole = np.issubdtype(values.dtype, np.integer)
    if whole and low >= 0 and high < 2 ** BIT_DEPTHS[-1]:
        depth = next(bits for bits in BIT_DEPTHS if high < 2**bits)
        low, high = 0.0, 2.0**depth - 1
        note = f"{depth}-bit values 0–{high:.0f} scaled to 0–255"
    else:
        if not whole and low >= 0 and high <= 1:
            low, high = 0.0, 1.0
        note = f"{'values' if whole else 'floating-point values'} {low:g} to {high:g} scaled to 0–255"
    if not finite.all():
        note += f", {(~finite).sum()} that are NaN or infinite set to 0"
    span = high - low or 1.0
    scaled = np.where(finite, (numbers - low) * (255 / span), 0)
    return np.rint(scaled).astype(np.uint8), note


def _from_numbers(image: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    scaled, note = scaled_to_bytes(np.asarray(image))
    if getattr(image, "tag_v2", {}).get(_PHOTOMETRIC) == _WHITE_IS_ZERO and image.format == "TIFF":
        scaled = 255 - scaled
    return Image.fromarray(scaled).convert("RGB"), (note,)


def _from_cmyk(image: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    profile = image.info.get("icc_profile")
    if profile:
        from PIL import ImageCms  # 20 ms that only such files need

        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            rgb = ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            return image.convert("RGB"), ("CMYK converted to RGB, its colour profile being unusable",)
        if rgb is not None:
            return rgb, ("CMYK converted to RGB by its own colour profile",)
    return image.convert("RGB"), ("CMYK converted to RGB",)
