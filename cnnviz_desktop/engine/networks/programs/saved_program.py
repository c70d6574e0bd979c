"""Files in which torch.export or torch.jit has saved a network: read once, hashed and measured. No torch.

Both are programs. PyTorch turns the graph of torch.export into Python code, and TorchScript can write files, so that
nothing of either is loaded before the user has agreed to exactly these bytes.
"""

import hashlib
import io
import zipfile
from collections.abc import Generator
from pathlib import Path
from typing import Literal

import msgspec
import psutil

from cnnviz_desktop.core.errors import ConsentNeeded, NetworkError
from cnnviz_desktop.core.file_kinds import HEAD_LENGTH, appears_to_be
from cnnviz_desktop.core.results import Progress

_CHUNK = 1 << 23  # bytes read between two yields
_MEBIBYTE = 1 << 20
_SWELLING = 16
"""How many times larger than the file its parts may be: tensors are stored as they are, code shrinks to a third."""
_ALWAYS_ALLOWED = 1 << 26  # bytes that the parts of any file may have together
_SHARE_OF_MEMORY = 0.4
"""Of the free memory: while a network is loaded, its file and its tensors are both there."""

_SAVED_BY = {"exported": "torch.export", "torchscript": "TorchScript"}


class SavedProgram(msgspec.Struct, frozen=True, kw_only=True, tag="saved"):
    """A saved network; as JSON it goes to its trial.

    Attributes:
        path: The file, absolute.
        kind: What has saved it.
        sha256: Hash of the bytes that a consent is given to.
    """

    path: str
    kind: Literal["exported", "torchscript"]
    sha256: str

    @property
    def name(self) -> str:
        """The file's name, for sentences."""
        return Path(self.path).name

    @property
    def request(self) -> bytes:
        """What is asked of it besides its bytes."""
        return self.path.encode(errors="surrogatepass")

    @property
    def what(self) -> str:
        """What it is, for sentences."""
        return f"a program that {_SAVED_BY[self.kind]} saved"

    def needs_consent(self) -> ConsentNeeded:
        """The error that asks for it."""
        return ConsentNeeded(self.path, self.sha256, what=self.what)

    def content(self) -> bytes:
        """Its bytes, read again.

        Raises:
            NetworkError: They have changed, or cannot be read.
        """
        try:
            content = Path(self.path).read_bytes()
        except OSError as error:
            raise _unreadable(Path(self.path), error) from error
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise NetworkError(f"{self.path} has changed while it was being opened. Open it again.")
        return content


class Archive(msgspec.Struct, frozen=True):
    """A saved network that has been read: exactly these bytes are loaded."""

    program: SavedProgram
    content: bytes

    @property
    def members(self) -> dict[str, str]:
        """Names of the parts of the archive, by what they are called inside its one folder."""
        with zipfile.ZipFile(io.BytesIO(self.content)) as archive:
            return {name.partition("/")[2] or name: name for name in archive.namelist()}

    def part(self, name: str) -> bytes:
        """The bytes of a part, by its name inside the folder.

        Raises:
            NetworkError: It is damaged.
        """
        try:
            with zipfile.ZipFile(io.BytesIO(self.content)) as archive:
                return archive.read(self.members[name])
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, KeyError, EOFError, OSError) as error:
            raise damaged(Path(self.program.path), error) from error


def read_archive(path: Path, kind: Literal["exported", "torchscript"]) -> Generator[Progress, None, Archive]:
    """Read a saved network and see to it that it is what it says, and no larger than it looks.

    Raises:
        NetworkError: It cannot be read, is no archive, would swell when opened, or is too large for the free memory.
    """
    path = path.resolve()
    try:
        _check_head(path, kind)
        _check_sizes(path)
        content = yield from _read(path)
    except OSError as error:
        raise _unreadable(path, error) from error
    sha256 = hashlib.sha256(content).hexdigest()
    return Archive(SavedProgram(path=str(path), kind=kind, sha256=sha256), content)


def _check_head(path: Path, kind: str) -> None:
    if not path.is_file() and path.exists():  # a pipe would be waited for
        raise NetworkError(f"{path} is no file but {'a folder' if path.is_dir() else 'a device or a pipe'}.")
    with path.open("rb") as file:
        head = file.read(HEAD_LENGTH)
    if not head:
        raise NetworkError(f"{path} is empty.")
    if not head.startswith(b"PK\x03\x04"):
        raise NetworkError(
            f"{path} is not a program that {_SAVED_BY[kind]} saved but appears to be {appears_to_be(head)}."
        )


def _check_sizes(path: Path) -> None:
    size = path.stat().st_size
    try:
        with zipfile.ZipFile(path) as archive:
            parts = [part.file_size for part in archive.infolist()]
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:  # the second: a newer zip format
        raise damaged(path, error) from error
    swollen = sum(parts)
    if swollen > max(_ALWAYS_ALLOWED, _SWELLING * size):
        raise NetworkError(
            f"{path} has {size // _MEBIBYTE} MiB, but says that its parts have {swollen // _MEBIBYTE} MiB, far more "
            "than a network shrinks: it is damaged or made to fill the memory, and was not opened."
        )
    free = psutil.virtual_memory().available
    if max(size, swollen) > _SHARE_OF_MEMORY * free:
        raise NetworkError(
            f"{path} has {max(size, swollen) // _MEBIBYTE} MiB, too many for the {free // _MEBIBYTE} MiB of memory "
            "that are free. Close other programs first."
        )


def _read(path: Path) -> Generator[Progress, None, bytes]:
    size, content = path.stat().st_size, bytearray()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            content += chunk
            if len(content) < size:
                read, total = len(content) // _MEBIBYTE, -(-size // _MEBIBYTE)
                yield Progress(done=read, total=total, text=f"reading {path.name} ({read} of {total} MiB)")
    return bytes(content)


def damaged(path: Path, error: BaseException) -> NetworkError:
    """The error that says that a file is damaged."""
    said = f"{error}".strip().splitlines()
    why = said[0][:200] if said else type(error).__name__
    return NetworkError(f"{path} is damaged or cut short ({why}). Download or copy it again.")


def _unreadable(path: Path, error: OSError) -> NetworkError:
    return NetworkError(f"{path} cannot be read: {error.strerror or error}.")
