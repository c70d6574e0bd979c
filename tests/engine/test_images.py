"""Pictures of every kind, read from files made here, against what they were made of."""

import hashlib
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, features

from cnnviz_desktop.engine.images import read_picture
from tests.engine.pictures_for_tests import save, scene


@pytest.mark.parametrize(
    ("kind", "options", "tolerance"),
    [
        ("PNG", {}, 0),
        ("BMP", {}, 0),
        ("TIFF", {}, 0),
        ("TIFF", {"compression": "tiff_lzw"}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("PPM", {}, 0),
        ("JPEG", {"quality": 95}, 8),
        ("WEBP", {"quality": 95}, 12),
        pytest.param("AVIF", {"quality": 95}, 8, marks=pytest.mark.skipif(not features.check("avif"), reason="codec")),
    ],
)
def test_that_the_content_decides_and_not_the_name(
    tmp_path: Path, kind: str, options: dict[str, object], tolerance: int
) -> None:
    reference = save(tmp_path / "wrong-name.pth", scene(), format=kind, **options)
    picture = read_picture(reference)
    difference = np.abs(picture.pixels.astype(int) - scene()).max()
    assert picture.pixels.dtype == np.uint8
    assert difference <= tolerance
    assert picture.image == reference
    assert picture.sha256 == hashlib.sha256(Path(reference).read_bytes()).hexdigest()
    assert picture.notes == ()


def test_that_a_jfif_name_and_a_name_without_ascii_letters_are_read(tmp_path: Path) -> None:
    (tmp_path / "图像 – née").mkdir()
    reference = save(tmp_path / "图像 – née" / "狗 и кот.jfif", scene(), format="JPEG")
    assert read_picture(reference).pixels.shape == (24, 40, 3)


def test_that_grey_becomes_three_equal_channels(tmp_path: Path) -> None:
    grey = scene()[:, :, 0]
    pixels = read_picture(save(tmp_path / "grey.png", grey)).pixels
    assert (pixels == grey[:, :, None]).all()


def test_that_one_bit_pictures_are_black_and_white(tmp_path: Path) -> None:
    bits = Image.fromarray(scene()[:, :, 0] > 127)
    assert set(np.unique(read_picture(save(tmp_path / "bits.png", bits)).pixels)) == {0, 255}


def test_that_a_palette_gives_its_colours(tmp_path: Path) -> None:
    palette = Image.new("P", (2, 1))
    palette.putpalette([10, 20, 30, 200, 100, 50])
    palette.putdata([1, 0])
    pixels = read_picture(save(tmp_path / "palette.png", palette)).pixels
    assert pixels.tolist() == [[[200, 100, 50], [10, 20, 30]]]


@pytest.mark.parametrize("alpha", [0, 64, 255])
def test_that_alpha_lies_on_white(tmp_path: Path, alpha: int) -> None:
    rgba = np.full((3, 3, 4), (200, 0, 40, alpha), dtype=np.uint8)
    picture = read_picture(save(tmp_path / "alpha.png", rgba))
    expected = [255 + (channel - 255) * alpha / 255 for channel in (200, 0, 40)]
    assert np.abs(picture.pixels[1, 1] - expected).max() <= 1
    assert picture.notes == (() if alpha == 255 else ("transparent parts shown on white",))


def test_that_a_transparent_palette_entry_is_white(tmp_path: Path) -> None:
    palette = Image.new("P", (2, 1))
    palette.putpalette([10, 20, 30, 200, 100, 50])
    palette.putdata([1, 0])
    picture = read_picture(save(tmp_path / "palette.gif", palette, transparency=0))
    assert picture.pixels.tolist() == [[[200, 100, 50], [255, 255, 255]]]


@pytest.mark.parametrize(("name", "kind"), [("cmyk.jpg", "JPEG"), ("cmyk.tif", "TIFF")])
def test_that_cmyk_gives_light_for_little_ink(tmp_path: Path, name: str, kind: str) -> None:
    inks = np.zeros((16, 48, 4), dtype=np.uint8)  # white, cyan, black
    inks[:, 16:32, 0] = 255
    inks[:, 32:, 3] = 255
    picture = read_picture(save(tmp_path / name, Image.fromarray(inks, mode="CMYK"), format=kind))
    for column, colour in ((4, (255, 255, 255)), (24, (0, 255, 255)), (44, (0, 0, 0))):
        assert np.abs(picture.pixels[8, column].astype(int) - colour).max() <= 6
    assert picture.notes == ("CMYK converted to RGB",)


def test_that_a_useless_colour_profile_is_told(tmp_path: Path) -> None:
    image = Image.new("CMYK", (8, 8))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()  # three channels, not four
    for number, profile in enumerate((b"nonsense", srgb)):
        picture = read_picture(save(tmp_path / f"{number}.tif", image, icc_profile=profile))
        assert "profile being unusable" in picture.notes[0]
        assert (picture.pixels == 255).all()


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("bits", [12, 16])
def test_that_16_bit_grey_is_scaled_by_its_depth(tmp_path: Path, suffix: str, bits: int) -> None:
    values = np.linspace(0, 2**bits - 1, 256).round().astype(np.uint16).reshape(16, 16)
    picture = read_picture(save(tmp_path / f"deep.{suffix}", Image.fromarray(values)))
    assert (picture.pixels == np.arange(256).reshape(16, 16, 1)).all()
    assert picture.notes == (f"{bits}-bit values 0–{2**bits - 1} scaled to 0–255",)


def test_that_big_endian_and_white_is_zero_tiffs_are_read(tmp_path: Path) -> None:
    values = (np.arange(256, dtype=np.uint16) * 257).reshape(16, 16)
    reference = save(tmp_path / "big.tif", Image.fromarray(values.astype(">u2")))
    assert (read_picture(reference).pixels[:, :, 0] == np.arange(256).reshape(16, 16)).all()
    reference = save(tmp_path / "white.tif", Image.fromarray(values), tiffinfo={262: 0})
    assert (read_picture(reference).pixels[:, :, 0] == 255 - np.arange(256).reshape(16, 16)).all()


def png_of_16_bit_rgb(values: np.ndarray[tuple[int, int, int], np.dtype[np.uint16]]) -> bytes:
    """A PNG file, written by hand because Pillow has no such mode."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width, _ = values.shape
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_that_16_bit_rgb_png_keeps_its_upper_bits(tmp_path: Path) -> None:
    path = tmp_path / "rgb16.png"
    path.write_bytes(png_of_16_bit_rgb(scene().astype(np.uint16) * 257))
    picture = read_picture(str(path))
    assert (picture.pixels == scene()).all()
    assert picture.notes == ("16 bits a channel, of which the upper 8 are used",)


def test_that_16_bit_rgb_tiff_keeps_its_upper_bits(tmp_path: Path) -> None:
    values = (scene().astype(np.uint16) * 257).astype("<u2")
    height, width, _ = values.shape
    entries = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 3, 122), (259, 3, 1, 1), (262, 3, 1, 2)]
    entries += [(273, 4, 1, 128), (277, 3, 1, 3), (278, 4, 1, height), (279, 4, 1, values.nbytes)]
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    content = b"II*\0" + struct.pack("<I", 8) + directory + struct.pack("<I", 0)
    path = tmp_path / "rgb16.tif"
    path.write_bytes(content + struct.pack("<HHH", 16, 16, 16) + values.tobytes())
    assert len(content) == 122
    picture = read_picture(str(path))
    assert (picture.pixels == scene()).all()
    assert "16 bits" in picture.notes[0]


@pytest.mark.parametrize(
    ("values", "expected", "note"),
    [
        ([[0.0, 0.5, 1.0]], [0, 128, 255], "floating-point values 0 to 1 scaled"),
        ([[-2.0, 0.0, 2.0]], [0, 128, 255], "floating-point values -2 to 2 scaled"),
        ([[np.nan, -4.0, 6.0]], [0, 0, 255], "1 that are NaN or infinite set to 0"),
    ],
)
def test_that_floating_point_tiffs_are_scaled(
    tmp_path: Path, values: list[list[float]], expected: list[int], note: str
) -> None:
    picture = read_picture(save(tmp_path / "float.tif", Image.fromarray(np.array(values, dtype=np.float32))))
    assert picture.pixels[0, :, 0].tolist() == expected
    assert note in picture.notes[0]


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_that_exif_orientation_turns_the_picture_upright(tmp_path: Path, orientation: int, kind: str) -> None:
    stored = {  # how the camera wrote an upright picture
        1: scene(),
        2: scene()[:, ::-1],
        3: scene()[::-1, ::-1],
        4: scene()[::-1],
        5: scene().swapaxes(0, 1),
        6: np.rot90(scene(), 1),
        7: scene()[::-1, ::-1].swapaxes(0, 1),
        8: np.rot90(scene(), -1),
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if kind == "WEBP" else {}
    written = np.ascontiguousarray(stored[orientation])
    picture = read_picture(save(tmp_path / "turned", written, format=kind, exif=exif, **options))
    assert picture.pixels.shape == (24, 40, 3)
    assert np.abs(picture.pixels.astype(int) - scene()).max() <= 24
    assert ("turned upright as its EXIF data says" in picture.notes) == (orientation > 1)


@pytest.mark.parametrize(
    ("kind", "word"), [("GIF", "frames"), ("TIFF", "pages"), ("PNG", "frames"), ("WEBP", "frames")]
)
def test_that_the_first_of_several_frames_is_read_and_told(tmp_path: Path, kind: str, word: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "lime", "blue")]
    options = {"lossless": True} if kind == "WEBP" else {}
    reference = save(tmp_path / "several", frames[0], format=kind, save_all=True, append_images=frames[1:], **options)
    picture = read_picture(reference)
    assert (picture.pixels == (255, 0, 0)).all()
    assert f"first of 3 {word}" in picture.notes


def test_that_broken_exif_data_does_not_lose_the_picture(tmp_path: Path) -> None:
    reference = save(tmp_path / "exif.jpg", scene(), exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff\x12\x01")
    assert read_picture(reference).pixels.shape == (24, 40, 3)


def test_that_a_picture_of_50_megapixels_is_read(tmp_path: Path) -> None:
    reference = save(tmp_path / "large.jpg", Image.new("RGB", (8660, 5800), "navy"))
    assert read_picture(reference).pixels.shape == (5800, 8660, 3)
