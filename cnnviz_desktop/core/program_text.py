"""The text of a program that waits for consent, for people to read before anything of it runs."""

import json
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from cnnviz_desktop.core.covered import CALLED_AS, covered_sha256

LARGEST_SHOWN = 1_000_000  # bytes of a file
LARGEST_WHOLE = 2_000_000  # bytes of all files: a widget that shows text takes a second for some more
LARGEST_HASHED = 1 << 25
"""Bytes of a saved program up to which it is hashed once more before it is shown: more would keep people waiting."""

_LARGEST_PART = 1 << 26  # bytes of a graph that is looked through


class ProgramChanged(Exception):
    """The file is no longer what its hash names."""


def is_saved_program(file: Path) -> bool:
    """Whether a program is an archive that torch.export or TorchScript has saved, and not Python.

    Raises:
        OSError: The file cannot be read.
    """
    with file.open("rb") as opened:
        return opened.read(4) == b"PK\x03\x04"


def program_text(file: Path, sha256: str, beside: Sequence[str] = ()) -> str:
    """What a program says.

    Of Python its files, of TorchScript its code, of an exported program its operations. Where that is too much to be
    shown, it is cut, and its first line says so.

    Args:
        file: The program.
        sha256: Hash of what would run; see `covered_sha256`.
        beside: The files that run with it, by their paths relative to its folder.

    Raises:
        OSError: A file cannot be read.
        ProgramChanged: It has changed since the hash was taken.
    """
    if is_saved_program(file):
        if file.stat().st_size <= LARGEST_HASHED and covered_sha256(file.read_bytes(), {}) != sha256:
            raise ProgramChanged
        return _saved_text(file)
    source = file.read_bytes()
    called = {name: b"" for name in beside if name.startswith(CALLED_AS)}
    others = {name: (file.parent / name).read_bytes() for name in beside if name not in called}
    if covered_sha256(source, others | called) != sha256:
        raise ProgramChanged
    listing = _Listing()
    for name, content in {"": source, **others}.items():
        listing.add(name, content, len(content))
    return listing.text


class _Listing:
    """Texts after each other, each but an unnamed one under its name, and as much of them as can be shown."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._shown = self._whole = self._unshown = 0

    @property
    def room(self) -> int:
        """Bytes that are shown of the next one."""
        return min(LARGEST_SHOWN, LARGEST_WHOLE - self._shown)

    @property
    def text(self) -> str:
        """All that is shown, after what is not."""
        texts = list(self._texts)
        if self._unshown:
            texts.append(f"# ──── {self._unshown:,} more files are not shown ────")
        if self._shown < self._whole:
            cut = f"# ──── CUT: {self._whole - self._shown:,} of {self._whole:,} bytes are not shown here ────"
            texts.insert(0, cut)
        return "\n\n".join(texts)

    def add(self, name: str, content: bytes, size: int) -> None:
        """Show a file, or its beginning.

        Args:
            name: Its name; empty for one that needs none.
            content: Its bytes, at least the first `room`.
            size: Number of all of its bytes.
        """
        room = self.room
        self._whole += size
        if size and not room:
            self._unshown += 1
            return
        shown = content[:room]
        self._shown += len(shown)
        heading = f"# ──── {name} ────\n\n" if name else ""
        end = f"\n\n# ──── cut: {size - len(shown):,} bytes more ────" if len(shown) < size else ""
        self._texts.append(heading + shown.decode("utf-8", "replace") + end)


def _saved_text(file: Path) -> str:
    """Code and graphs in an archive; empty where there is none that can be shown."""
    listing = _Listing()
    try:
        with zipfile.ZipFile(file) as archive:
            for info in sorted(archive.infolist(), key=_name):
                inside = info.filename.partition("/")[2]
                if inside.startswith("code/") and inside.endswith(".py"):
                    with archive.open(info) as member:
                        listing.add(inside, member.read(listing.room), info.file_size)
                elif _is_graph(inside or info.filename):
                    is_small = info.file_size <= _LARGEST_PART
                    operations = _operations(archive.read(info)).encode() if is_small else b""
                    listing.add(inside or info.filename, operations, len(operations) if is_small else info.file_size)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError):
        return ""  # damaged, encrypted or packed in a way that zipfile does not know: the dialog says there is no text
    return listing.text


def _name(info: zipfile.ZipInfo) -> str:
    return info.filename


def _is_graph(name: str) -> bool:
    return (name.startswith("models/") and name.endswith(".json")) or name == "serialized_exported_program.json"


def _operations(graph: bytes) -> str:
    """The operations of an exported graph, in order, after how often each is called."""
    try:
        called = list(_targets(json.loads(graph)))
    except (ValueError, RecursionError):
        return ""
    often = "\n".join(f"# {count} × {target}" for target, count in Counter(called).most_common())
    return f"{often}\n\n" + "\n".join(called)


def _targets(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        target = value.get("target")
        if isinstance(target, str):
            yield target
        for inner in value.values():
            yield from _targets(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _targets(inner)
