"""What a file appears to be, told from its first bytes: which files are images, and what those are that are not."""

import os
import re
from functools import cache
from itertools import islice
from pathlib import Path

HEAD_LENGTH = 4096

IMAGE_KINDS = {
    "a PNG image": (rb"\x89PNG\r\n\x1a\n",),
    "a JPEG image": (rb"\xff\xd8\xff",),
    "a GIF image": (rb"GIF8[79]a",),
    "a TIFF image": (rb"II\*\0", rb"MM\0\*", rb"II\+\0", rb"MM\0\+"),
    "a WebP image": (rb"RIFF....WEBP",),
    "a BMP image": (rb"BM.{8}.\0\0\0",),
    "an AVIF image": (rb"....ftypavi[fs]",),
    "a JPEG 2000 image": (rb"\0\0\0\x0cjP  ", rb"\xff\x4f\xff\x51"),
    "a PNM image": (rb"P[1-6][ \t\r\n]",),
}

OTHER_KINDS = {
    "a HEIC photograph, which has to be saved as JPEG or PNG first": (rb"....ftyp(hei[cxms]|hev[cx]|mif1|msf1)",),
    "a Photoshop document, which has to be saved as TIFF or PNG first": (rb"8BPS",),
    "a DICOM image, which has to be saved as TIFF or PNG first": (rb".{128}DICM",),
    "a drawing (SVG), which has to be saved as PNG first": (
        rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!DOCTYPE svg.*)?<svg",
    ),
    "a video": (rb"....ftyp", rb"\x1aE\xdf\xa3", rb"RIFF....AVI "),
    "a PDF document": (rb"%PDF-",),
    "a PyTorch weights file": (rb"PK\x03\x04.{26}[^\0]*?/?(data\.pkl|\.format_version|\.data/)",),
    "a weights file (safetensors)": (rb".{8}\{\s*\"",),
    "a Python pickle, as old PyTorch weights files are": (rb"\x80[\x02-\x05].",),
    "an HDF5 file": (rb"\x89HDF\r\n\x1a\n",),
    "numpy arrays (.npy)": (rb"\x93NUMPY",),
    "a ZIP archive or an office document": (rb"PK\x03\x04", rb"PK\x05\x06"),
    "a compressed archive": (
        rb"\x1f\x8b",
        rb"BZh",
        rb"\xfd7zXZ",
        rb"7z\xbc\xaf\x27\x1c",
        rb"Rar!",
        rb"\x28\xb5\x2f\xfd",
    ),
    "a program": (rb"\x7fELF", rb"MZ.{58}", rb"#!"),
    "a web page": (rb"\s*<(!DOCTYPE html|html|head)",),
    "a JSON file": (rb"\s*[{\[]\s*[\"{\[\d}\]]",),
}

UNKNOWN = "a file of an unknown kind"


def image_kind(head: bytes) -> str | None:
    """The kind of image whose signature the file has, as in ``a PNG image``; None where it has none."""
    return _first_match(IMAGE_KINDS, head)


def image_files(folder: Path, most: int | None = None) -> tuple[Path, ...]:
    """The files in a folder that begin as an image does, img2 before img10; not hidden ones, nor those further below.

    A file that cannot be read is among them: opening it will say what is the matter.

    Args:
        folder: Where they are.
        most: How many are wanted at most; the files behind them are not looked into.

    Raises:
        OSError: The folder cannot be read.
    """
    with os.scandir(folder) as entries:
        found = [folder / entry.name for entry in entries if not entry.name.startswith(".") and _is_file(entry)]
    return tuple(islice(filter(_begins_as_an_image, sorted(found, key=natural_order)), most))


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # links that lead to each other
        return False


def natural_order(path: Path) -> list[tuple[bool, int, str]]:
    """A key that sorts img2 before img10."""
    parts = re.split(r"(\d+)", path.name.casefold())
    return [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts]


def appears_to_be(head: bytes) -> str:
    """What a file with these first bytes (`HEAD_LENGTH` of them are enough) appears to be, in words."""
    return image_kind(head) or _first_match(OTHER_KINDS, head) or ("a text file" if _is_text(head) else UNKNOWN)


def _begins_as_an_image(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return image_kind(file.read(HEAD_LENGTH)) is not None
    except OSError:
        return True


def _first_match(kinds: dict[str, tuple[bytes, ...]], head: bytes) -> str | None:
    found = (kind for kind, signatures in kinds.items() if any(_compiled(each).match(head) for each in signatures))
    return next(found, None)


@cache  # a folder may hold ten thousands of files
def _compiled(signature: bytes) -> re.Pattern[bytes]:
    return re.compile(signature, re.DOTALL | re.IGNORECASE)


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    try:
        text = head.decode()
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:  # only the last character may have been cut
            return False
        text = head[: error.start].decode()
    return all(character.isprintable() or character in "\t\r\n\f" for character in text)
