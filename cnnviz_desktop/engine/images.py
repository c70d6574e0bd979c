"""Reads a file as a picture, going by its content and never by its name. Needs no torch."""

import hashlib
import stat
import warnings
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, UnidentifiedImageError
from PIL.Image import Transpose

from cnnviz_desktop.core.errors import ImageError
from cnnviz_desktop.core.file_kinds import HEAD_LENGTH, appears_to_be, image_files, image_kind
from cnnviz_desktop.core.resources import SAMPLE_PREFIX, image_path, sample_images
from cnnviz_desktop.core.results import Picture
from cnnviz_desktop.engine.colour_modes import depth_notes, to_rgb

MAX_PIXELS = 250_000_000
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "PPM", "WEBP", "TIFF", "AVIF", "JPEG2000")

_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}


def read_picture(reference: str) -> Picture:
    """Read an image reference: a file's path, or ``sample:scene_01``.

    Returns:
        The picture in 8-bit RGB, upright, with notes on everything that was done to get there.

    Raises:
        ImageError: There is no such file, it is no image, it is broken, or it has more than `MAX_PIXELS` pixels.
    """
    check_file(reference)
    try:
        with image_path(reference).open("rb") as file:
            image, notes = _decoded(reference, file)
            file.seek(0)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ImageError(f"{reference} cannot be read: {error.strerror or error}.") from error
    return Picture(image=reference, pixels=np.asarray(image), sha256=sha256, notes=notes)


def images_in(folder: Path) -> tuple[Path, ...]:
    """The images of a folder, as `image_files`.

    Raises:
        ImageError: The folder cannot be read, or there is no image in it.
    """
    try:
        found = image_files(folder)
    except OSError as error:
        raise ImageError(f"The folder {folder} cannot be read: {error.strerror or error}.") from error
    if not found:
        raise ImageError(f"There is no image in the folder {folder}.")
    return found


def check_file(reference: str) -> None:
    """See that there is a file behind an image reference that can hold an image, without opening it.

    Raises:
        ImageError: There is none.
    """
    try:
        status = image_path(reference).stat()
    except FileNotFoundError as error:
        if reference.startswith(SAMPLE_PREFIX):
            known = ", ".join(sample_images()) or "none"
            raise ImageError(f"There is no sample image “{reference}”. There are: {known}.") from error
        raise ImageError(f"There is no file {reference}.") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL character in the path
        raise ImageError(f"{reference} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    if stat.S_ISDIR(status.st_mode):
        raise ImageError(f"{reference} is a folder, not an image.")
    if not stat.S_ISREG(status.st_mode):
        raise ImageError(f"{reference} is a device or a pipe, not an image file.")
    if status.st_size == 0:
        raise ImageError(f"{reference} is empty (0 bytes).")


def _decoded(reference: str, file: BinaryIO) -> tuple[Image.Image, tuple[str, ...]]:
    head = file.read(HEAD_LENGTH)
    file.seek(0)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS  # Pillow reads its limit from there, also for the frames inside a file
    with warnings.catch_warnings(record=True) as complaints:
        warnings.simplefilter("always")
        image = _opened(reference, file, head)
        try:
            upright, notes = _upright_rgb(image)
        except MemoryError as error:
            width, height = image.size
            raise ImageError(f"{reference} ({width} × {height} pixels) does not fit into memory.") from error
        except Exception as error:  # decoders raise whatever broken data provokes
            raise ImageError(f"{reference} is {image_kind(head) or 'an image'} but broken: {error}.") from error
    damage = dict.fromkeys(str(one.message).strip() for one in complaints if one.category is UserWarning)
    return upright, (*notes, *damage)


def _opened(reference: str, file: BinaryIO, head: bytes) -> Image.Image:
    try:
        image = Image.open(file, formats=FORMATS)
    except UnidentifiedImageError as error:
        kind = image_kind(head)
        if kind:
            raise ImageError(f"{reference} is {kind}, but broken or of a kind that cannot be read.") from error
        raise ImageError(f"{reference} is not an image: it appears to be {appears_to_be(head)}.") from error
    except Image.DecompressionBombError as error:
        raise ImageError(_too_large(reference, "")) from error
    except Exception as error:  # see above
        raise ImageError(f"{reference} is {image_kind(head) or 'an image'} but broken: {error}.") from error
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise ImageError(_too_large(reference, f" ({width} × {height})"))
    return image


def _too_large(reference: str, size: str) -> str:
    return (
        f"{reference} would unfold to more than {MAX_PIXELS // 1_000_000} million pixels{size}. "
        "Scale it down or cut it into pieces first."
    )


def _upright_rgb(image: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    notes = list(depth_notes(image))
    written = _orientation(image)
    rgb, colour_notes = to_rgb(image)
    left = _orientation(image)  # Pillow turns TIFF images upright as it loads them
    frames = _frames(image)
    if frames > 1:
        notes.append(f"first of {frames} {'pages' if image.format == 'TIFF' else 'frames'}")
    if written in _UPRIGHT:
        notes.append("turned upright as its EXIF data says")
    return rgb.transpose(_UPRIGHT[left]) if left in _UPRIGHT else rgb, (*notes, *colour_notes)


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # a picture with broken EXIF data is still a picture
        return 1


def _frames(image: Image.Image) -> int:
    try:
        return int(getattr(image, "n_frames", 1))
    except Exception:  # the first frame stands, whatever is wrong with those after it
        return 1
