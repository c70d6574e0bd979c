"""Official weights as plain data: what their publisher offers, and what of it lies on this machine."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal

HashState = Literal["checked", "unchecked", "changed", "unfinished"]
WeightsSource = Literal["torch", "huggingface"]

_DIGITS = re.compile(r"[0-9a-f]{8,64}")
_DIGITS_IN_NAME = re.compile(r"-([0-9a-f]{8,64})\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialWeights:
    """One file of trained weights as its publisher offers it.

    Attributes:
        network: Reference that opens the network with these weights: ``torchvision:resnet50@IMAGENET1K_V2``.
        name: What the publisher calls them: ``IMAGENET1K_V2``.
        url: Where the publisher offers them.
        file_name: Their name in torch's own cache, which keeps them.
        digits: The SHA-256 of the file as far as it is known beforehand: its first 8 to 64 hexadecimal digits, or
            nothing.
        bytes: About how large the file is; None where that is unknown.
        recipe: How they were trained, or what they reach, in a few words.
        repository: Hugging Face's name of the repository that also holds the file; empty where none does.
        repository_file: The file's path in there.

    Raises:
        ValueError: The file's name is a path, or the digits are none.
    """

    network: str
    name: str
    url: str
    file_name: str
    digits: str = ""
    bytes: int | None = None
    recipe: str = ""
    repository: str = ""
    repository_file: str = ""

    def __post_init__(self) -> None:
        if not self.file_name or PurePath(self.file_name).name != self.file_name or self.file_name.startswith("."):
            raise ValueError(f"“{self.file_name}” is not the name of a file")
        if self.digits and not _DIGITS.fullmatch(self.digits):
            raise ValueError(f"“{self.digits}” are not the first digits of a SHA-256")

    def matches(self, sha256: str) -> bool:
        """Whether a file of that hash is what the publisher offers, as far as the publisher tells."""
        return sha256.startswith(self.digits)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWeights:
    """A weights file on this machine, finished or not.

    Attributes:
        path: The file; of an unfinished download, what has come of it.
        name: What people call it: the file's name, without what marks it as unfinished.
        bytes: Its size.
        source: Whose cache holds it.
        sha256: Its full hash where that is known, 64 hexadecimal digits.
        state: ``checked``: the hash was taken and the file has not been written since. ``changed``: it was written
            since. ``unfinished``: a download that can go on.
    """

    path: Path
    name: str
    bytes: int
    source: WeightsSource
    sha256: str = ""
    state: HashState = "unchecked"


def digits_in_name(file_name: str) -> str:
    """The first digits of a file's SHA-256 where its name tells them, as in ``resnet50-11ad3fa6.pth``; else nothing."""
    match = _DIGITS_IN_NAME.search(file_name)
    return match[1] if match else ""


def in_mebibytes(size: int) -> str:
    """A file's size for people: ``97.8 MiB``."""
    return f"{size / (1 << 20):,.1f} MiB"
