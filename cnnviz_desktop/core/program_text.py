"""The text of a program that waits for consent, for people to read before anything of it runs."""

import json
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from cnnviz_desktop.core.covered import CALLED_AS, covered_sha256

LARGEST_SHOWN = 1_000_000  # bytes of a file
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

    Of Python its files, of TorchScript its code, of an exported program its operations.

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
    return _joined({"": source, **others})


def _saved_text(file: Path) -> str:
    """Code and graphs in an archive; empty where there is none that can be shown."""
    parts: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(file) as archive:
            for info in sorted(archive.infolist(), key=_name):
                inside = info.filename.partition("/")[2]
                if inside.startswith("code/") and inside.endswith(".py") and info.file_size <= LARGEST_SHOWN:
                    parts[inside] = archive.read(info)
                elif _is_graph(inside or info.filename) and info.file_size <= _LARGEST_PART:
                    parts[inside or info.filename] = _operations(archive.read(info)).encode()
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError):
        return ""
    return _joined(parts)


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


def _joined(parts: dict[str, bytes]) -> str:
    """Texts after each other, each but an unnamed one under its name."""
    headed = (f"# ──── {name} ────\n\n{_decoded(part)}" if name else _decoded(part) for name, part in parts.items())
    return "\n\n".join(headed)


def _decoded(content: bytes) -> str:
    return content[:LARGEST_SHOWN].decode("utf-8", "replace")
