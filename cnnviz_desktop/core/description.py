"""The network description file, ``*.cnnviz-network.json``: fields may be added in later versions, never renamed."""

import codecs
from pathlib import Path
from typing import Any, Literal

import msgspec

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.geometry import Resize

SUFFIX = ".cnnviz-network.json"


class Architecture(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What builds the network: exactly one of `file`, `module` and `torchvision` is given.

    Attributes:
        file: A Python file, relative to the description; it runs only after consent.
        module: An importable module.
        torchvision: Name of a torchvision classification model.
        factory: Name of the callable in `file` or `module` that returns the network.
        arguments: Keyword arguments of the factory.
    """

    file: str | None = None
    module: str | None = None
    torchvision: str | None = None
    factory: str | None = None
    arguments: dict[str, Any] = {}

    def __post_init__(self) -> None:
        given = [name for name in ("file", "module", "torchvision") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError("architecture names exactly one of file, module and torchvision")
        if given != ["torchvision"] and not self.factory:
            raise ValueError(f"architecture names a {given[0]} but no factory in it")


class Preprocessing(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How a picture becomes the network's input.

    Attributes:
        resize: How the picture is fitted to `size`; see `InputTransform.of`.
        size: (height, width) of the input in pixels; not needed by ``none``.
        mean: Subtracted per channel, after pixels are scaled to 0–1. One entry makes a grey input.
        std: Divided by per channel.
        short_side: For ``short_side_crop``: the short side before the crop.
    """

    resize: Resize = "stretch"
    size: tuple[int, int] = (224, 224)
    mean: tuple[float, ...] = (0.485, 0.456, 0.406)
    std: tuple[float, ...] = (0.229, 0.224, 0.225)
    short_side: int | None = None

    def __post_init__(self) -> None:
        if len(self.mean) != len(self.std) or len(self.mean) not in (1, 3):
            raise ValueError("mean and std have three entries each, or one each for a grey input")
        if min(self.std) <= 0:
            raise ValueError("every entry of std is above 0")
        if not all(1 <= side <= 16384 for side in self.size):
            raise ValueError("size is [height, width] in pixels, each between 1 and 16384")
        if self.short_side is not None and not 1 <= self.short_side <= 16384:
            raise ValueError("short_side is in pixels, between 1 and 16384")


class NetworkDescription(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One network as its description file gives it; paths are relative to the file.

    Attributes:
        format: Version of the format.
        name: What people call the network.
        architecture: What builds it.
        weights: A weights file (.pth, .pt, .th, .safetensors); None for random weights.
        preprocessing: How a picture becomes its input.
        class_names: A text file with one class name a line, in order.
    """

    format: Literal[1]
    name: str
    architecture: Architecture
    weights: str | None = None
    preprocessing: Preprocessing = Preprocessing()
    class_names: str | None = None


def read_description(path: Path) -> NetworkDescription:
    """Read a description file.

    Raises:
        NetworkError: The file cannot be read or is not a description; the sentence names the field.
    """
    try:
        return msgspec.json.decode(path.read_bytes().removeprefix(codecs.BOM_UTF8), type=NetworkDescription)
    except OSError as error:
        raise NetworkError(f"The network description {path} cannot be read: {error.strerror or error}.") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise NetworkError(f"{path} is not a network description: {error}. The README shows an example.") from error
