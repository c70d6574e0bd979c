"""Files that are no pictures, broken ones and bombs: each is one sentence that names the file and what it is."""

import contextlib
import io
import logging
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cnnviz_desktop.core.errors import ImageError
from cnnviz_desktop.engine.images import MAX_PIXELS, images_in, read_picture
from tests.engine.pictures_for_tests import save, scene


def refused(path: Path) -> str:
    with pytest.raises(ImageError) as caught:
        read_picture(str(path))
    sentence = str(caught.value)
    assert str(path) in sentence
    assert sentence.endswith(".")
    return sentence


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "WEBP", "TIFF", "GIF"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_that_a_truncated_image_is_an_error_that_names_its_kind(tmp_path: Path, kind: str, share: float) -> None:
    path = tmp_path / "cut.png"
    noise = np.random.default_rng(0).integers(0, 255, (60, 60, 3), dtype=np.uint8)
    whole = save(tmp_path / "whole", noise, format=kind)
    content = Path(whole).read_bytes()
    path.write_bytes(content[: max(40, int(len(content) * share))])
    assert {"WEBP": "WebP"}.get(kind, kind) + " image" in refused(path)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "WEBP", "TIFF", "GIF"])
def test_that_damaged_bytes_never_give_anything_but_a_picture_or_a_sentence(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    caplog.set_level(logging.CRITICAL, logger="PIL")  # it also logs what it raises
    content = bytearray(Path(save(tmp_path / "whole", scene(), format=kind)).read_bytes())
    random = np.random.default_rng(1)
    for number in range(40):
        damaged = content.copy()
        for place in random.integers(0, min(len(damaged), 400), 6):
            damaged[place] = random.integers(256)
        path = tmp_path / f"damaged_{number}"
        path.write_bytes(damaged)
        with contextlib.suppress(ImageError):
            assert read_picture(str(path)).pixels.ndim == 3


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"Dear reader,\n this is a letter \xe2\x80\x93 no picture.\n", "a text file"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "a PDF document"),
        (b'{"format": 1, "name": "net"}', "a JSON file"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"<!DOCTYPE html><html></html>", "a web page"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a HEIC photograph"),
        (b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41", "a video"),
        (b'\x40\0\0\0\0\0\0\0{"conv.weight":{"dtype":"F32"', "safetensors"),
        (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", "pickle"),
        (b"\x89HDF\r\n\x1a\n" + bytes(20), "an HDF5 file"),
        (b"PK\x03\x04" + bytes(26) + b"word/document.xml", "a ZIP archive"),
        (b"PK\x03\x04" + bytes(26) + b"archive/data.pkl", "a PyTorch weights file"),
        (bytes(range(1, 9)) * 4, "a file of an unknown kind"),
    ],
)
def test_that_a_file_that_is_no_image_is_told_what_it_appears_to_be(tmp_path: Path, content: bytes, kind: str) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(content)
    sentence = refused(path)
    assert "is not an image: it appears to be" in sentence
    assert kind in sentence


def test_that_real_torch_weights_are_recognised(tmp_path: Path) -> None:
    torch.save({"weight": torch.zeros(3)}, tmp_path / "weights.pth")
    torch.save({"weight": torch.zeros(3)}, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    assert "PyTorch weights" in refused(tmp_path / "weights.pth")
    assert "PyTorch weights" in refused(tmp_path / "old.pth")


def test_that_empty_files_folders_and_missing_files_are_clear(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    assert "is empty (0 bytes)" in refused(tmp_path / "empty.png")
    assert "is a folder" in refused(tmp_path)
    assert "There is no file" in refused(tmp_path / "missing.png")
    assert "device or a pipe" in refused(Path("/dev/null"))
    with pytest.raises(ImageError, match=r"no sample image “sample:nowhere”"):
        read_picture("sample:nowhere")
    with pytest.raises(ImageError, match="cannot be read"):
        read_picture("pict\0ure.png")


@pytest.mark.parametrize("side", [int(MAX_PIXELS**0.5) + 1, 60_000])
def test_that_a_decompression_bomb_is_refused_before_it_unfolds(tmp_path: Path, side: int) -> None:
    header = io.BytesIO()
    Image.new("1", (1, 1)).save(header, "PNG")
    content = bytearray(header.getvalue())
    content[16:24] = struct.pack(">II", side, side)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    (tmp_path / "bomb.png").write_bytes(content)
    assert "more than 250 million pixels" in refused(tmp_path / "bomb.png")


def test_that_the_images_of_a_folder_are_those_whose_content_is_one(tmp_path: Path) -> None:
    for name, kind in (("b.png", "PNG"), ("a.dat", "JPEG"), (".hidden.png", "PNG")):
        save(tmp_path / name, scene(), format=kind)
    (tmp_path / "text.png").write_text("no picture", encoding="utf-8")
    (tmp_path / "broken.png").write_bytes((tmp_path / "b.png").read_bytes()[:60])
    (tmp_path / "folder.png").mkdir()
    assert [path.name for path in images_in(tmp_path)] == ["a.dat", "b.png", "broken.png"]
    with pytest.raises(ImageError, match="There is no image in the folder"):
        images_in(tmp_path / "folder.png")
    with pytest.raises(ImageError, match="cannot be read"):
        images_in(tmp_path / "missing")
