"""What was dropped or pasted, or named in a file dialog, sorted into things to open."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QMimeData, QUrl

from cnnviz_desktop.core.description import SUFFIX
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.file_kinds import image_files, natural_order
from cnnviz_desktop.core.home import from_home
from cnnviz_desktop.core.references import described
from cnnviz_desktop.ui.opening.pasted import can_save_image, default_folder, save_data_url, save_image

translate = QCoreApplication.translate

FOLDER_LIMIT = 500
PROGRAM_SUFFIX = ".py"
EXPORTED_SUFFIX = ".pt2"
WEIGHTS_SUFFIXES = frozenset({".pth", ".pt", ".th", ".ckpt", ".safetensors", ".bin", ".pkl", ".weights"})
ARCHIVE_SUFFIX = ".tar"
"""Weights files of older examples are called ``model_best.pth.tar``, though they are no archive of that kind."""
HUGGINGFACE_WEIGHTS = ("*.safetensors", "pytorch_model*.bin")
FOREIGN_SUFFIXES = frozenset({".onnx", ".h5", ".keras", ".pb", ".tflite", ".caffemodel", ".mlmodel"})
IMAGE_SUFFIXES = frozenset(
    {
        ".png",
        ".jpg",
        ".jpeg",
        ".jfif",
        ".jpe",
        ".bmp",
        ".dib",
        ".webp",
        ".tif",
        ".tiff",
        ".gif",
        ".ppm",
        ".pgm",
        ".avif",
    }
)
SENTENCES_SHOWN = 5
_ADDRESS = re.compile(r"(file|https?|ftp|data):", re.IGNORECASE)
_TEXT_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Dropped:
    """Things to open.

    Attributes:
        images: Paths of image candidates; the engine reads them by content and refuses with a reason.
        networks: Paths of what says by itself how to build the network: description files, exported and TorchScript
            programs, folders of Hugging Face.
        weights: Paths of weights files; what they belong to is still to be said.
        programs: Paths of Python files; which network to build from them is still to be said.
        messages: Sentences about what was left out, and why.
    """

    images: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()

    @property
    def holds_something(self) -> bool:
        """Whether anything of it can be opened, or could be once more is said."""
        return bool(self.images or self.networks or self.weights or self.programs)


def is_readable(data: QMimeData) -> bool:
    """Whether `read_dropped` can make anything of it: decides the cursor while something is dragged."""
    return data.hasUrls() or can_save_image(data) or bool(data.text().strip())


def read_dropped(data: QMimeData, folder: Path | None = None) -> Dropped:
    """Sort what a drop or the clipboard holds.

    Files come first, then a bitmap, then text that names files: a browser's drag and a file manager's copy hold
    several of these for the same thing.

    Args:
        data: What was dropped or pasted.
        folder: Where bitmaps are kept; the user's cache folder where None.
    """
    urls = [url for url in data.urls() if not url.isEmpty()]
    local = [url for url in urls if url.isLocalFile()]
    if local:
        return read_paths(Path(url.toLocalFile()) for url in local)
    folder = folder or default_folder()
    if can_save_image(data):
        return _kept(save_image(data, folder))
    if urls:
        return _joined(_read_url(url, folder) for url in urls)
    return _read_text(data.text(), folder)


def read_paths(paths: Iterable[Path]) -> Dropped:
    """Sort files and folders. Of a folder, the images and network descriptions directly in it are taken."""
    return _joined(_read_folder(path) if path.is_dir() else _read_file(path) for path in paths)


def _read_file(path: Path) -> Dropped:
    if not path.exists():
        return Dropped(messages=(translate("Dropped", "There is no file {0}.").format(path),))
    if not path.is_file():
        return Dropped(
            messages=(translate("Dropped", "{0} is not a regular file, so it was not opened.").format(path),)
        )
    suffix = path.suffix.lower()
    if path.name.endswith(SUFFIX) or suffix == EXPORTED_SUFFIX:
        return Dropped(networks=(str(path),))
    if suffix == PROGRAM_SUFFIX:
        return Dropped(programs=(str(path),))
    if suffix in WEIGHTS_SUFFIXES or (suffix == ARCHIVE_SUFFIX and Path(path.stem).suffix.lower() in WEIGHTS_SUFFIXES):
        return Dropped(networks=(str(path),)) if _is_network(path) else Dropped(weights=(str(path),))
    if suffix in FOREIGN_SUFFIXES:
        text = translate("Dropped", "{0} is a network of another framework ({1}). Only networks of PyTorch are opened.")
        return Dropped(messages=(text.format(path, suffix),))
    return Dropped(images=(str(path),))


def _is_network(path: Path) -> bool:
    """Whether what lies there says by itself how to build its network; nothing of it runs."""
    try:
        described(str(path))
    except NetworkError:
        return False
    return True


def _is_huggingface(folder: Path) -> bool:
    """Whether a folder holds a network of Hugging Face, and not only pictures beside a file called as theirs is."""
    weights = (each for pattern in HUGGINGFACE_WEIGHTS for each in folder.glob(pattern))
    return any(weights) and _is_network(folder)


def _read_folder(folder: Path) -> Dropped:
    try:
        if _is_huggingface(folder):
            return Dropped(networks=(str(folder),))
        networks = sorted((path for path in folder.glob(f"*{SUFFIX}") if path.is_file()), key=natural_order)
        images = image_files(folder, FOLDER_LIMIT + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        return Dropped(messages=(translate("Dropped", "The folder {0} cannot be read: {1}.").format(folder, reason),))
    messages: tuple[str, ...] = ()
    if not images and not networks:
        messages = (
            translate(
                "Dropped", "The folder {0} holds no image and no network; the folders inside it were not searched."
            ).format(folder),
        )
    elif len(images) > FOLDER_LIMIT:
        text = translate(
            "Dropped",
            "The folder {0} holds more than {1} images; the first of them were opened. Drop others by themselves.",
        )
        messages = (text.format(folder, FOLDER_LIMIT),)
    return Dropped(tuple(map(str, images[:FOLDER_LIMIT])), tuple(map(str, networks)), messages=messages)


def _read_url(url: QUrl, folder: Path) -> Dropped:
    if url.isLocalFile():
        return read_paths([Path(url.toLocalFile())])
    if url.scheme() == "data":
        return _kept(save_data_url(url.toString(), folder))
    text = translate(
        "Dropped",
        "{0} is an address on the internet, and this program works offline. Save the image, then drop the file.",
    )
    return Dropped(messages=(text.format(_short(url.toDisplayString())),))


def _read_text(text: str, folder: Path) -> Dropped:
    lines = [line.strip().strip("\"'") for line in text.splitlines() if line.strip()]
    if not lines:
        return Dropped(messages=(translate("Dropped", "There is nothing to open on the clipboard."),))
    read = _joined(_read_line(line, folder) for line in lines[: 2 * FOLDER_LIMIT])
    if len(read.messages) > 1 and not read.holds_something and not any(_ADDRESS.match(line) for line in lines):
        text = translate("Dropped", "None of the {0} lines that were pasted, from “{1}” on, is a path on this machine.")
        return Dropped(messages=(text.format(len(lines), _short(lines[0])),))
    return read


def _read_line(line: str, folder: Path) -> Dropped:
    if _ADDRESS.match(line):
        return _read_url(QUrl(line), folder)
    path = Path(from_home(line))
    # os.path.exists, unlike Path.exists of Python 3.11, takes text that is too long for a path or holds a null.
    if os.path.exists(path):  # noqa: PTH110
        return read_paths([path])
    return Dropped(
        messages=(translate("Dropped", "“{0}” is not the path of a file on this machine.").format(_short(line)),)
    )


def _kept(saved: Path | str) -> Dropped:
    return Dropped(images=(str(saved),)) if isinstance(saved, Path) else Dropped(messages=(saved,))


def _short(text: str) -> str:
    return text if len(text) <= _TEXT_SHOWN else f"{text[: _TEXT_SHOWN - 1]}…"


def _joined(parts: Iterable[Dropped]) -> Dropped:
    """All of them, each thing once, in order; no more images and sentences than can be looked through."""
    found = tuple(parts)
    images = tuple(dict.fromkeys(image for part in found for image in part.images))
    networks = tuple(dict.fromkeys(network for part in found for network in part.networks))
    weights = tuple(dict.fromkeys(file for part in found for file in part.weights))
    programs = tuple(dict.fromkeys(file for part in found for file in part.programs))
    messages = tuple(dict.fromkeys(message for part in found for message in part.messages))
    if len(messages) > SENTENCES_SHOWN:
        left = translate("Dropped", "{0} more things could not be opened, for reasons such as these.")
        messages = (*messages[: SENTENCES_SHOWN - 1], left.format(len(messages) - SENTENCES_SHOWN + 1))
    if len(images) > FOLDER_LIMIT:
        text = translate("Dropped", "{0} images are more than are opened at once; the first {1} were opened.")
        messages = (*messages, text.format(len(images), FOLDER_LIMIT))
    return Dropped(images[:FOLDER_LIMIT], networks, weights, programs, messages)
