"""What has come of a download: a file that one process at a time may write, and a note of what it is part of."""

import os
import sys
from contextlib import suppress
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from cnnviz_desktop.core.atomic_files import replacing
from cnnviz_desktop.core.weights_folder import note_of, part_of


class PartNote(msgspec.Struct, frozen=True):
    """What the bytes of a part are of: the address they came from and what the server called its content."""

    url: str
    validator: str


class PartIsTaken(Exception):
    """Another process, or another thread of this one, writes the part."""


class PartFile:
    """The ``NAME.part`` of a download, locked as long as it is open.

    Attributes:
        file: The part, unbuffered.

    Args:
        path: The file that it will be.

    Raises:
        PartIsTaken: Somebody else has it.
        OSError: It cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = part_of(path)
        self._is_finished = False
        descriptor = os.open(self._part, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
        self.file = FileIO(descriptor, "r+b")
        try:
            _lock(descriptor)
            # Whoever had the lock until now may have finished: then this is the weights file, and no part any more.
            if not os.path.samestat(os.fstat(descriptor), self._part.stat()):
                raise PartIsTaken  # noqa: TRY301 - the file is closed below, as where the lock is not to be had
        except FileNotFoundError as error:
            self.file.close()
            raise PartIsTaken from error
        except BaseException:
            self.file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.file.close()

    @property
    def bytes(self) -> int:
        """How much has come."""
        return os.fstat(self.file.fileno()).st_size

    def validator_for(self, url: str) -> str:
        """What the server at an address called the content that has come of it; empty where it came from elsewhere."""
        try:
            note = msgspec.json.decode(note_of(self._path).read_bytes(), type=PartNote)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return ""
        return note.validator if note.url == url else ""

    def note(self, url: str, validator: str) -> None:
        """Note what comes from now on, so that the download can go on another time.

        Raises:
            OutputError: The note cannot be written.
        """
        with replacing(note_of(self._path)) as file:
            file.write(msgspec.json.encode(PartNote(url, validator)))

    def finish(self) -> None:
        """Give the part the name of the file that it is.

        Raises:
            OSError: It cannot be renamed.
        """
        os.fsync(self.file.fileno())
        if sys.platform == "win32":
            self.file.close()  # an open file cannot be renamed there
        self._part.replace(self._path)
        self._is_finished = True
        self._forget_note()

    def clear(self) -> None:
        """Forget what has come: nothing of it can be used."""
        with suppress(OSError):
            self.file.truncate(0)
        self._forget_note()

    def discard_if_empty(self) -> None:
        """Leave nothing behind where nothing has come."""
        if self._is_finished or self.bytes:
            return
        if sys.platform == "win32":
            self.file.close()
        with suppress(OSError):
            self._part.unlink()
        self._forget_note()

    def _forget_note(self) -> None:
        with suppress(OSError):
            note_of(self._path).unlink()


if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 40
    """Where the lock lies: a locked byte can be neither read nor written, and no part is so long."""

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise PartIsTaken from error
        os.lseek(descriptor, 0, os.SEEK_SET)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PartIsTaken from error
        except OSError:  # a network folder without locks: two that download at once are then on their own
            return
