"""Official weights in torch's own cache: finding them, making sure of them, and importing what came another way."""

import hashlib
import shutil
from collections.abc import Generator
from pathlib import Path
from typing import BinaryIO

from cnnviz_desktop.core.atomic_files import replacing
from cnnviz_desktop.core.errors import NetworkError, OutputError, WeightsNeeded
from cnnviz_desktop.core.file_kinds import HEAD_LENGTH, appears_to_be
from cnnviz_desktop.core.official_weights import OfficialWeights, in_mebibytes
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.core.weights_folder import find_weights, note_of, note_sha256, noted_sha256, part_of, torch_folder
from cnnviz_desktop.engine.networks.checkpoints.hashing import sha256_of

NO_WEIGHTS = ("a web page", "a text file", "a JSON file")
"""What comes, in the words of `appears_to_be`, where a login page or a proxy answers in the server's place."""

SPARE = 1 << 24
"""Bytes that stay free on the disk."""

_BLOCK = 1 << 23
_MEBIBYTE = 1 << 20


def weights_here(official: OfficialWeights) -> Path:
    """The file of official weights.

    Raises:
        WeightsNeeded: It is not on this machine.
    """
    path = find_weights(official)
    if path is None:
        raise WeightsNeeded(official, str(torch_folder()))
    return path


def make_sure(path: Path, sha256: str, digits: str = "") -> None:
    """Compare the hash of official weights that are being used with what is known of it, and note it where none was.

    Args:
        path: The file.
        sha256: Its hash, as it is now.
        digits: The first digits of what it should be, as far as they are known.

    Raises:
        NetworkError: The file is not what its publisher offers, or no more what it was.
    """
    noted = noted_sha256(path)
    if not sha256.startswith(digits):
        raise NetworkError(
            f"{path} is not what its publisher offers: its SHA-256 is {sha256}, but should begin with {digits}. "
            f"Delete it (cnnviz weights delete {path.name}) and download it again."
        )
    if noted and noted != sha256:
        raise NetworkError(
            f"{path} has changed since it was checked: its SHA-256 was {noted} and is {sha256} now. "
            f"Delete it (cnnviz weights delete {path.name}) and download it again."
        )
    if not noted:
        note_sha256(path, sha256)


def import_weights(official: OfficialWeights, file: Path) -> Generator[Progress, None, Path]:
    """Copy official weights that came another way into torch's own cache. Closing the generator leaves nothing there.

    Args:
        official: What the file should be.
        file: The file.

    Returns:
        The copy, whose full hash is noted beside it.

    Raises:
        NetworkError: The file cannot be read, or is something else.
        OutputError: The copy cannot be written.
    """
    path = torch_folder() / official.file_name
    try:
        if path.exists() and file.samefile(path):
            sha256 = yield from sha256_of(file)
            _refuse_others(official, file, sha256)
        else:
            sha256 = yield from _copy(official, file, path)
    except OSError as error:
        raise NetworkError(f"The weights file {file} cannot be read: {error.strerror or error}.") from error
    for left_over in (part_of(path), note_of(path)):
        left_over.unlink(missing_ok=True)
    note_sha256(path, sha256)
    return path


def why_not(official: OfficialWeights, file: Path, sha256: str) -> str:
    """Why a file is not the official weights, as the end of a sentence about it; empty where it is.

    Raises:
        OSError: It cannot be read.
    """
    with file.open("rb") as opened:
        kind = appears_to_be(opened.read(HEAD_LENGTH))
    appears = f" and appears to be {kind}" if kind in NO_WEIGHTS else ""
    if not official.matches(sha256):
        expected = f"{'is' if len(official.digits) == len(sha256) else 'begins with'} {official.digits}"
        return f"has the SHA-256 {sha256}, but that of {official.file_name} {expected}{appears}"
    return f"is no weights file{appears}" if appears and not official.digits else ""


def check_space(needed: int, folder: Path, name: str) -> None:
    """Make sure that a disk has room for a file.

    Args:
        needed: Bytes that it will take there.
        folder: Where it will be.
        name: What it is called.

    Raises:
        OutputError: It has not.
    """
    free = shutil.disk_usage(folder).free
    if needed + SPARE > free:
        raise OutputError(
            f"There is no room for {name}: it needs {in_mebibytes(needed)} more, and the disk of {folder} has "
            f"{in_mebibytes(free)} left."
        )


def _copy(official: OfficialWeights, file: Path, path: Path) -> Generator[Progress, None, str]:
    with file.open("rb") as source:
        size = file.stat().st_size
        _make_folder(path.parent)
        check_space(size, path.parent, official.file_name)
        with replacing(path) as copy:
            sha256 = yield from _copied(source, copy, size, file.name)
            _refuse_others(official, file, sha256)
    return sha256


def _copied(source: BinaryIO, copy: BinaryIO, size: int, name: str) -> Generator[Progress, None, str]:
    digest, done = hashlib.sha256(), 0
    while block := source.read(_BLOCK):
        digest.update(block)
        copy.write(block)
        done += len(block)
        yield Progress(
            done=done // _MEBIBYTE,
            total=max(1, -(-size // _MEBIBYTE)),
            text=f"copying {name} ({done // _MEBIBYTE} of {size // _MEBIBYTE} MiB)",
        )
    return digest.hexdigest()


def _refuse_others(official: OfficialWeights, file: Path, sha256: str) -> None:
    if problem := why_not(official, file, sha256):
        raise NetworkError(f"{file} {problem}. It was not imported.")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder} cannot be made: {error.strerror or error}.") from error
