"""Drops, pastes and named files become things to open, or a sentence."""

import base64
import os
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QUrl
from PySide6.QtGui import QColor, QImage

from cnnviz_desktop.core.file_kinds import image_files
from cnnviz_desktop.engine.images import images_in
from cnnviz_desktop.ui.opening.dropped import FOLDER_LIMIT, Dropped, is_readable, read_dropped, read_paths

pytestmark = pytest.mark.usefixtures("qapp")


def picture() -> QImage:
    image = QImage(3, 2, QImage.Format.Format_RGB32)
    image.fill(QColor(10, 20, 30))
    image.setPixelColor(2, 1, QColor(200, 100, 50))
    return image


def encoded(kind: str) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture().save(buffer, kind)  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def with_urls(*urls: str) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl(url) for url in urls])
    return data


def with_text(text: str) -> QMimeData:
    data = QMimeData()
    data.setText(text)
    return data


def test_that_files_are_sorted_by_what_they_are_for(tmp_path: Path) -> None:
    names = ("photo.JPG", "no_suffix", "net.cnnviz-network.json", "model.py", "weights.pth", "ünï 图.png", "net.pt2")
    paths = [tmp_path / name for name in names]
    for path in paths:
        path.write_bytes(b"x")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    dropped = read_dropped(data)
    assert dropped.images == tuple(str(tmp_path / name) for name in ("photo.JPG", "no_suffix", "ünï 图.png"))
    assert dropped.networks == (str(tmp_path / "net.cnnviz-network.json"), str(tmp_path / "net.pt2"))
    assert dropped.programs == (str(tmp_path / "model.py"),)
    assert dropped.weights == (str(tmp_path / "weights.pth"),)
    assert dropped.messages == ()


@pytest.mark.parametrize(
    "name", ["a.pth", "a.PT", "a.th", "a.ckpt", "a.safetensors", "pytorch_model.bin", "a.pkl", "model_best.pth.tar"]
)
def test_that_weights_are_told_by_what_they_are_called(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert read_paths([tmp_path / name]) == Dropped(weights=(str(tmp_path / name),))


@pytest.mark.parametrize("name", ["traced.pt", "traced.pth"])
def test_that_torchscript_is_told_by_what_is_in_it(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        archive.writestr("traced/constants.pkl", b"x")
        archive.writestr("traced/code/__torch__.py", b"x")
    assert read_paths([tmp_path / name]) == Dropped(networks=(str(tmp_path / name),))
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        archive.writestr("weights/data.pkl", b"x")
    assert read_paths([tmp_path / name]) == Dropped(weights=(str(tmp_path / name),))


def test_that_networks_of_other_frameworks_are_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"x")
    dropped = read_paths([tmp_path / "net.onnx"])
    assert not dropped.holds_something
    assert "another framework (.onnx)" in dropped.messages[0]


def test_that_a_folder_of_hugging_face_is_a_network_and_one_of_pictures_is_not(tmp_path: Path) -> None:
    network, pictures = tmp_path / "network", tmp_path / "pictures"
    for folder in (network, pictures):
        folder.mkdir()
        (folder / "config.json").write_text('{"model_type": "resnet"}')
        (folder / "example.png").write_bytes(encoded("PNG"))
    (network / "model.safetensors").write_bytes(b"x")
    assert read_paths([network]) == Dropped(networks=(str(network),))
    assert read_paths([pictures]) == Dropped(images=(str(pictures / "example.png"),))


def test_that_a_folder_gives_its_images_in_natural_order_and_nothing_below_it(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    for name in ("img10.png", "img2.png", "IMG1.png", ".hidden.png", "by_content", "below/deep.png"):
        (tmp_path / name).write_bytes(encoded("PNG"))
    for name in ("notes.txt", "called_an_image.png", "net.cnnviz-network.json"):
        (tmp_path / name).write_bytes(b"no picture")
    dropped = read_paths([tmp_path])
    names = [Path(image).name for image in dropped.images]
    assert names == ["by_content", "IMG1.png", "img2.png", "img10.png"]
    assert dropped.networks == (str(tmp_path / "net.cnnviz-network.json"),)
    assert dropped.messages == ()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP", "AVIF", "JPEG2000", "PPM"])
def test_that_window_and_command_line_agree_on_what_is_an_image(tmp_path: Path, kind: str) -> None:
    Image.new("RGB", (9, 5), (90, 30, 200)).save(tmp_path / "picture.dat", format=kind)
    (tmp_path / "bmp_by_two_letters").write_bytes(b"BM is how this text begins")
    (tmp_path / "text.png").write_text("no picture")
    assert read_paths([tmp_path]).images == (str(tmp_path / "picture.dat"),)
    assert images_in(tmp_path) == (tmp_path / "picture.dat",)


def test_that_a_large_folder_is_cut_in_words(tmp_path: Path) -> None:
    content = encoded("PNG")
    for number in range(FOLDER_LIMIT + 3):
        (tmp_path / f"{number}.png").write_bytes(content)
    dropped = read_paths([tmp_path])
    assert len(dropped.images) == FOLDER_LIMIT
    assert Path(dropped.images[-1]).name == f"{FOLDER_LIMIT - 1}.png"
    assert f"more than {FOLDER_LIMIT} images" in dropped.messages[0]


def test_that_files_behind_the_limit_are_not_looked_into(tmp_path: Path) -> None:
    content = encoded("PNG")
    for number in range(6):
        (tmp_path / f"{number}.png").write_bytes(content)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "1.png").write_text("no picture")
    assert [path.name for path in image_files(tmp_path, 3)] == ["0.png", "2.png", "3.png"]
    assert image_files(tmp_path) == images_in(tmp_path)
    assert len(images_in(tmp_path)) == 5


def test_that_an_empty_folder_and_a_missing_file_are_named(tmp_path: Path) -> None:
    dropped = read_paths([tmp_path, tmp_path / "gone.png"])
    assert dropped.images == ()
    assert str(tmp_path) in dropped.messages[0]
    assert "gone.png" in dropped.messages[1]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_that_a_pipe_is_refused_rather_than_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    dropped = read_paths([pipe])
    assert dropped.images == ()
    assert "pipe.png" in dropped.messages[0]


def test_that_a_bitmap_is_kept_once_under_a_name_of_its_content(tmp_path: Path) -> None:
    data = QMimeData()
    data.setImageData(picture())
    folder = tmp_path / "pasted"
    first, second = read_dropped(data, folder), read_dropped(data, folder)
    assert first == second
    assert len(first.images) == 1
    kept = QImage(first.images[0])
    assert Path(first.images[0]).suffix == ".png"
    assert kept.convertToFormat(QImage.Format.Format_RGB32) == picture()
    assert len(list(folder.iterdir())) == 1


def test_that_bytes_of_an_image_file_are_kept_as_they_came(tmp_path: Path) -> None:
    content = encoded("JPG")
    data = QMimeData()
    data.setData("image/jpeg", QByteArray(content))
    data.setUrls([QUrl("https://example.org/cat.jpg")])
    dropped = read_dropped(data, tmp_path)
    assert Path(dropped.images[0]).read_bytes() == content
    assert dropped.messages == ()


def test_that_a_data_address_is_decoded(tmp_path: Path) -> None:
    content = encoded("PNG")
    dropped = read_dropped(with_urls(f"data:image/png;base64,{base64.b64encode(content).decode()}"), tmp_path)
    assert Path(dropped.images[0]).read_bytes() == content


def test_that_an_address_on_the_internet_is_refused_in_words(tmp_path: Path) -> None:
    dropped = read_dropped(with_urls("https://example.org/cat.jpg"), tmp_path)
    assert dropped.images == ()
    assert "https://example.org/cat.jpg" in dropped.messages[0]
    assert "offline" in dropped.messages[0]


def test_that_pasted_text_names_files(tmp_path: Path) -> None:
    path = tmp_path / "a b.png"
    path.touch()
    for text in (str(path), f'"{path}"', path.as_uri(), f"\n  {path}  \n"):
        assert read_dropped(with_text(text), tmp_path).images == (str(path),), text


@pytest.mark.parametrize("text", ["hello there", "x" * 5000, "nul\0byte", "~nobody-of-that-name/x"])
def test_that_other_text_is_quoted_in_a_sentence(text: str, tmp_path: Path) -> None:
    dropped = read_dropped(with_text(text), tmp_path)
    assert dropped.images == ()
    assert text[:10] in dropped.messages[0]
    assert len(dropped.messages[0]) < 200


def test_that_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.touch()
    data = QMimeData()
    data.setImageData(picture())
    dropped = read_dropped(data, blocker / "pasted")
    assert dropped.images == ()
    assert str(blocker) in dropped.messages[0]


def test_that_the_pointer_tells_what_can_be_dropped() -> None:
    bitmap = QMimeData()
    bitmap.setImageData(picture())
    assert is_readable(bitmap)
    assert is_readable(with_urls("file:///x.png"))
    assert is_readable(with_text("/x.png"))
    assert not is_readable(QMimeData())


def test_that_things_named_twice_are_opened_once(tmp_path: Path) -> None:
    image, gone = tmp_path / "a.png", tmp_path / "gone.png"
    image.touch()
    dropped = read_paths([image, gone, image, gone])
    assert dropped.images == (str(image),)
    assert len(dropped.messages) == 1


def test_that_many_files_are_opened_up_to_one_limit_and_the_rest_is_told(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("a", "b")]
    for folder in folders:
        folder.mkdir()
        for number in range(300):
            (folder / f"{number}.png").write_bytes(encoded("PNG"))
    for paths in (folders, [path for folder in folders for path in folder.iterdir()]):
        dropped = read_paths(paths)
        assert len(dropped.images) == FOLDER_LIMIT
        assert dropped.messages == ("600 images are more than are opened at once; the first 500 were opened.",)


def test_that_many_reasons_are_told_as_a_few(tmp_path: Path) -> None:
    dropped = read_paths([tmp_path / f"gone{number}.png" for number in range(40)])
    assert len(dropped.messages) == 5
    assert "gone0.png" in dropped.messages[0]
    assert dropped.messages[-1].startswith("36 more things")


def test_that_pasted_prose_is_one_sentence(tmp_path: Path) -> None:
    dropped = read_dropped(with_text("\n".join(f"Line {number} of a story." for number in range(300))), tmp_path)
    (message,) = dropped.messages
    assert "300 lines" in message
    assert "Line 0 of a story." in message
