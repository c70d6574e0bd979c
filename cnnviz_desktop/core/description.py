"""What a network is, as one value; also the description file, ``*.cnnviz-network.json``.

Fields may be added in later versions, never renamed.
"""

import codecs
import os
from collections.abc import Callable
from math import inf, isfinite
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec
from msgspec.structs import replace

from cnnviz_desktop.core.bounded_files import read_whole
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.geometry import InputTransform, Resize, Size
from cnnviz_desktop.core.home import from_home

SUFFIX = ".cnnviz-network.json"

MAX_SIDE = 16384
"""Pixels that a side of a network's input may have."""

_LARGEST = 1 << 24  # bytes of a description file, which may hold class names

IMAGENET = "imagenet"
"""In place of a file of class names: those of ImageNet, as torchvision knows them."""

Interpolation = Literal["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"]
ChannelOrder = Literal["rgb", "bgr"]

SourceKind = Literal["file", "module", "torchvision", "timm", "exported", "torchscript", "huggingface"]
SOURCE_KINDS: tuple[SourceKind, ...] = get_args(SourceKind)

Task = Literal["classification", "segmentation", "detection", "embedding", "other"]
"""What a network is for: class scores of an image, of each pixel, boxes with scores, a vector, or none of these."""

_PROGRAMS = ("file", "module")
_SAVED_PROGRAMS = ("exported", "torchscript")
_WITH_OFFICIAL_WEIGHTS = ("torchvision", "timm")
_WITH_OWN_WEIGHTS = ("exported", "torchscript", "huggingface")
_PATHS = ("file", "exported", "torchscript", "huggingface")


class Architecture(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What builds the network: exactly one source is given.

    Attributes:
        file: A Python file; it runs only after consent.
        module: An importable module; it runs only after consent.
        folder: Where `module` is looked for before the installed ones; a description file's own folder where it says
            nothing.
        torchvision: Name of a torchvision model.
        timm: Name of a timm model, without its tag.
        exported: A ``.pt2`` file of ``torch.export.save``.
        torchscript: A file of ``torch.jit.save``.
        huggingface: A folder that ``save_pretrained`` of a Hugging Face image classifier wrote.
        factory: Name of the callable in `file` or `module` that returns the network.
        arguments: Keyword arguments of the factory, or of torchvision's or timm's builder.
    """

    file: str | None = None
    module: str | None = None
    torchvision: str | None = None
    timm: str | None = None
    exported: str | None = None
    torchscript: str | None = None
    huggingface: str | None = None
    folder: str | None = None
    factory: str | None = None
    arguments: dict[str, Any] = {}

    def __post_init__(self) -> None:
        given = [kind for kind in SOURCE_KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            raise ValueError(f"architecture names exactly one of {', '.join(SOURCE_KINDS[:-1])} and {SOURCE_KINDS[-1]}")
        if given[0] in _PROGRAMS and not self.factory:
            raise ValueError(f"architecture names a {given[0]} but no factory in it")
        if self.folder is not None and self.module is None:
            raise ValueError("architecture names a folder but no module in it")

    @property
    def kind(self) -> SourceKind:
        """Which source is given."""
        return next(kind for kind in SOURCE_KINDS if getattr(self, kind) is not None)

    @property
    def given(self) -> str:
        """What is given for it: a name or a path."""
        return str(getattr(self, self.kind))


class Preprocessing(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How a picture becomes the network's input.

    It is fitted to `size`, its pixels are scaled to 0–`scale`, the channels ordered, and then (value − mean) / std.

    Attributes:
        resize: How the picture is fitted to `size`; see `InputTransform.of`.
        size: (height, width) of the input in pixels; only an example of one for ``short_side`` and ``none``.
        mean: Subtracted per channel, in the input's order of channels. One entry makes a grey input.
        std: Divided by per channel.
        short_side: For ``short_side_crop`` and ``short_side``: the short side's length; the shorter of `size` if None.
            For ``stretch``: that of the rectangle which is filled before the centre is cropped; None for no crop.
        interpolation: How Pillow fits the picture; all but ``nearest`` average over what shrinks.
        order: Of the channels: ``bgr`` for networks of Caffe and OpenCV.
        scale: What the brightest pixel becomes before the mean is taken off: 1, or 255 for networks of Caffe.
        pad: (red, green, blue), each 0–255: the colour beside a ``letterbox``; None for the mean, which becomes 0.
    """

    resize: Resize = "stretch"
    size: tuple[int, int] = (224, 224)
    mean: tuple[float, ...] = (0.485, 0.456, 0.406)
    std: tuple[float, ...] = (0.229, 0.224, 0.225)
    short_side: int | None = None
    interpolation: Interpolation = "bilinear"
    order: ChannelOrder = "rgb"
    scale: float = 1.0
    pad: tuple[int, int, int] | None = None

    def __post_init__(self) -> None:
        if len(self.mean) != len(self.std) or len(self.mean) not in (1, 3):
            raise ValueError("mean and std have three entries each, or one each for a grey input")
        if not all(isfinite(entry) for entry in (*self.mean, *self.std)):
            raise ValueError("every entry of mean and std is a finite number")
        if min(self.std) <= 0:
            raise ValueError("every entry of std is above 0")
        if not all(1 <= side <= MAX_SIDE for side in self.size):
            raise ValueError(f"size is [height, width] in pixels, each between 1 and {MAX_SIDE}")
        if self.short_side is not None and not 1 <= self.short_side <= MAX_SIDE:
            raise ValueError(f"short_side is in pixels, between 1 and {MAX_SIDE}")
        if not 0 < self.scale < inf:
            raise ValueError("scale is above 0: what the brightest pixel becomes, usually 1 or 255")
        if self.pad is not None and not all(0 <= value <= 255 for value in self.pad):
            raise ValueError("pad is [red, green, blue], each between 0 and 255")

    @property
    def channels(self) -> int:
        """Of the input: three, or one where it is grey."""
        return len(self.mean)

    def transform(self, picture: Size) -> InputTransform:
        """Where a picture of that size lies in the input."""
        return InputTransform.of(self.resize, picture, Size(*self.size), self.short_side)


class NetworkDescription(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One network as its description file gives it.

    Paths in a file are relative to that file; in a description that stands in a request they are absolute.

    Attributes:
        format: Version of the format.
        name: What people call the network.
        architecture: What builds it.
        weights: A weights file (.pth, .pt, .th, .safetensors); None for official or random weights.
        weights_part: Which dictionary of that file, as ``model_ema`` or ``ema.module``, empty for its top level; None
            for the one that fits best, the trained weights before an average of them.
        pretrained: Name of official weights, as ``IMAGENET1K_V2``; ``DEFAULT`` for the ones that torchvision or timm
            recommends.
        preprocessing: How a picture becomes its input; None for the recipe of its weights, or where they have none of
            its architecture.
        class_names: A file with the class names (text, JSON or CSV), a folder with a folder for each class, `IMAGENET`,
            or the names themselves, in order, none of them for numbers alone; None for those of the official weights.
        task: What it is for, where what it returns does not tell: a vector without class meaning looks like class
            scores.
    """

    format: Literal[1]
    name: str
    architecture: Architecture
    weights: str | None = None
    weights_part: str | None = None
    pretrained: str | None = None
    preprocessing: Preprocessing | None = None
    class_names: str | tuple[str, ...] | None = None
    task: Task | None = None

    def __post_init__(self) -> None:
        kind = self.architecture.kind
        if self.weights is not None and self.pretrained is not None:
            raise ValueError("weights and pretrained are not both given")
        if self.weights_part is not None and self.weights is None:
            raise ValueError("weights_part is named, but no weights file that it is in")
        if self.pretrained is not None and kind not in _WITH_OFFICIAL_WEIGHTS:
            raise ValueError(f"pretrained names weights of torchvision or timm, and architecture names a {kind}")
        if self.weights is not None and kind in _WITH_OWN_WEIGHTS:
            raise ValueError(f"{kind} brings its own weights, so that none can be given")
        if any("\0" in path for path in (*paths_of(self), self.architecture.folder or "")):
            raise ValueError("no path has a NUL character in it")

    def __hash__(self) -> int:
        return hash(msgspec.json.encode(self, order="sorted"))

    @property
    def is_random(self) -> bool:
        """Whether it has only the weights it is built with."""
        brings = self.architecture.kind in _WITH_OWN_WEIGHTS
        return self.weights is None and self.pretrained is None and not brings

    @property
    def names_path(self) -> str | None:
        """The file or folder that names its classes; None where none does."""
        names = self.class_names
        return names if isinstance(names, str) and names != IMAGENET else None

    @property
    def is_program(self) -> bool:
        """Whether it is built by code that needs the user's consent."""
        return self.architecture.kind in (*_PROGRAMS, *_SAVED_PROGRAMS)

    def to_json(self) -> str:
        """The description as indented JSON."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2).decode()


NetworkRef = str | NetworkDescription
"""How a request names a network: in short (see `core.references`), or by its whole description."""


def as_built(description: NetworkDescription) -> NetworkDescription:
    """What of a description decides which network is built: all but how it is called, fed and read."""
    return replace(description, name="", preprocessing=None, class_names=None, task=None)


def anchored(description: NetworkDescription, folder: Path) -> NetworkDescription:
    """The description of a file in that folder, with absolute paths; ``~`` at the beginning of one is home."""
    whole = _with_paths(description, lambda path: str(folder.absolute() / from_home(path)))
    architecture = whole.architecture
    if architecture.kind != "module" or architecture.folder is not None:
        return whole
    return replace(whole, architecture=replace(architecture, folder=str(folder.absolute())))


def relative(description: NetworkDescription, folder: Path) -> NetworkDescription:
    """A description with absolute paths, as a file in that folder has it."""
    return _with_paths(description, lambda path: _seen_from(Path(path), folder.absolute()))


def paths_of(description: NetworkDescription) -> tuple[str, ...]:
    """Every file and folder that a description names."""
    architecture = description.architecture
    source = architecture.given if architecture.kind in _PATHS else None
    named = (source, description.weights, description.names_path)
    return tuple(path for path in named if path is not None)


def _seen_from(path: Path, folder: Path) -> str:
    try:
        seen = Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # on another drive of Windows
        return str(path)
    return f"./{seen}" if seen.startswith("~") else seen  # a folder called so, and not home


def _with_paths(description: NetworkDescription, moved: Callable[[str], str]) -> NetworkDescription:
    architecture, names = description.architecture, description.names_path
    if architecture.kind in _PATHS:
        architecture = replace(architecture, **{architecture.kind: moved(architecture.given)})
    elif architecture.folder is not None:
        architecture = replace(architecture, folder=moved(architecture.folder))
    return replace(
        description,
        architecture=architecture,
        weights=None if description.weights is None else moved(description.weights),
        class_names=description.class_names if names is None else moved(names),
    )


def read_description(path: Path) -> NetworkDescription:
    """Read a description file; paths in it are as they stand there.

    Raises:
        NetworkError: The file cannot be read or is not a description; the sentence names the field.
    """
    try:
        return msgspec.json.decode(read_whole(path, _LARGEST).removeprefix(codecs.BOM_UTF8), type=NetworkDescription)
    except OSError as error:
        raise NetworkError(f"The network description {path} cannot be read: {error.strerror or error}.") from error
    except (msgspec.MsgspecError, ValueError) as error:  # not Unicode, or a NUL character in the path
        raise NetworkError(f"{path} is not a network description: {error}. The README shows an example.") from error
