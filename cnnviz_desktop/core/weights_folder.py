"""The folders where torch and Hugging Face keep downloaded weights: what lies there, its noted hashes, deleting.

Beside a weights file ``NAME`` lie ``NAME.sha256``, its full hash once it was taken, in the form that ``sha256sum -c``
reads; and while a download is unfinished, ``NAME.part`` and ``NAME.part.json``.
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from cnnviz_desktop.core.atomic_files import replacing
from cnnviz_desktop.core.errors import OutputError
from cnnviz_desktop.core.home import from_home
from cnnviz_desktop.core.official_weights import HashState, OfficialWeights, StoredWeights

HASH_SUFFIX = ".sha256"
PART_SUFFIX = ".part"
NOTE_SUFFIX = ".part.json"

_TORCH_PART = re.compile(r"(?P<name>.+)\.[0-9a-f]{32}\.partial")  # what torch.hub leaves behind where it is killed
_WEIGHTS_SUFFIXES = frozenset({".safetensors", ".bin", ".pth", ".pt"})
_SHA256 = re.compile(r"[0-9a-f]{64}")


def torch_folder() -> Path:
    """Where torch keeps official weights, ``torch.hub.get_dir()/checkpoints``, told without importing torch."""
    home = os.environ.get("TORCH_HOME", str(Path(_cache_home(), "torch")))
    return Path(from_home(home), "hub", "checkpoints")


def huggingface_folder() -> Path:
    """Where Hugging Face keeps what it downloads, told without importing huggingface_hub."""
    home = os.path.expandvars(os.environ.get("HF_HOME", str(Path(_cache_home(), "huggingface"))))
    older = os.environ.get("HUGGINGFACE_HUB_CACHE", str(Path(home, "hub")))
    folder = os.path.expandvars(os.environ.get("HF_HUB_CACHE", older))
    return Path(from_home(folder))


def find_weights(official: OfficialWeights) -> Path | None:
    """The file of official weights on this machine; None where there is none."""
    kept = torch_folder() / official.file_name
    if kept.is_file():
        return kept
    if not official.repository:
        return None
    repository = huggingface_folder() / f"models--{official.repository.replace('/', '--')}"
    found = [path for path in repository.glob(f"snapshots/*/{official.repository_file}") if path.is_file()]
    current = _current_commit(repository)
    return max(found, key=lambda path: (current in path.parts, path.stat().st_mtime), default=None)


def stored_weights() -> tuple[StoredWeights, ...]:
    """Every weights file in both folders, unfinished downloads among them, by name.

    Raises:
        OutputError: A folder is there and cannot be read.
    """
    try:
        found = (*_in_torch_folder(), *_in_huggingface_folder())
    except OSError as error:
        raise OutputError(f"{error.filename} cannot be read: {error.strerror or error}.") from error
    return tuple(sorted(found, key=lambda stored: (stored.name.casefold(), stored.path)))


def stored_file(path: Path) -> StoredWeights:
    """What there is to tell of a file in either folder.

    Raises:
        OutputError: It cannot be read.
    """
    for stored in stored_weights():
        if stored.path == path:
            return stored
    raise OutputError(f"{path} is not among the weights on this machine.")


def delete_weights(stored: StoredWeights) -> None:
    """Delete a file that `stored_weights` told, and all that is noted about it.

    Raises:
        OutputError: It cannot be deleted.
    """
    try:
        if stored.source == "huggingface":
            _delete_snapshot(stored.path)
        elif stored.state == "unfinished":
            stored.path.unlink(missing_ok=True)
            note_of(stored.path.with_name(stored.name)).unlink(missing_ok=True)
        else:
            for path in (stored.path, *(beside(stored.path) for beside in (part_of, note_of, _hash_file))):
                path.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{stored.path} cannot be deleted: {error.strerror or error}.") from error


def part_of(path: Path) -> Path:
    """Where an unfinished download of a file is kept."""
    return path.with_name(path.name + PART_SUFFIX)


def note_of(path: Path) -> Path:
    """Where it is noted what an unfinished download of a file is of."""
    return path.with_name(path.name + NOTE_SUFFIX)


def noted_sha256(path: Path) -> str:
    """The hash of a weights file that was taken before; empty where none was.

    In Hugging Face's folder it is the name of the file that a link of the snapshot points to.
    """
    if path.is_symlink():
        blob = path.resolve().name
        return blob if _SHA256.fullmatch(blob) else ""
    try:
        words = _hash_file(path).read_text("ascii").split()
    except (OSError, UnicodeDecodeError):
        return ""
    return words[0] if words and _SHA256.fullmatch(words[0]) else ""


def note_sha256(path: Path, sha256: str) -> None:
    """Note the hash of a weights file beside it; one that nobody may write beside keeps none."""
    if not path.is_symlink():
        with suppress(OutputError), replacing(_hash_file(path)) as file:
            file.write(f"{sha256}  {path.name}\n".encode())


def _hash_file(path: Path) -> Path:
    return path.with_name(path.name + HASH_SUFFIX)


def _cache_home() -> str:
    return os.environ.get("XDG_CACHE_HOME", "~/.cache")


def _in_torch_folder() -> Iterator[StoredWeights]:
    folder = torch_folder()
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        name, state = _name_and_state(path)
        if name and path.is_file():
            sha256 = noted_sha256(path) if state != "unfinished" else ""
            yield StoredWeights(
                path=path, name=name, bytes=path.stat().st_size, source="torch", sha256=sha256, state=state
            )


def _name_and_state(path: Path) -> tuple[str, HashState]:
    """What a file of torch's folder is; no name for what only goes with another file."""
    if path.name.startswith(".") or path.name.endswith((HASH_SUFFIX, NOTE_SUFFIX)):
        return "", "unchecked"
    if path.name.endswith(PART_SUFFIX):
        return path.name.removesuffix(PART_SUFFIX), "unfinished"
    if match := _TORCH_PART.fullmatch(path.name):
        return match["name"], "unfinished"
    sha256 = noted_sha256(path)
    if not sha256:
        return path.name, "unchecked"
    with suppress(OSError):
        if path.stat().st_mtime_ns > _hash_file(path).stat().st_mtime_ns:
            return path.name, "changed"
    return path.name, "checked"


def _in_huggingface_folder() -> Iterator[StoredWeights]:
    for path in huggingface_folder().glob("models--*/snapshots/*/**/*"):
        if path.suffix in _WEIGHTS_SUFFIXES and path.is_file():
            repository = path.relative_to(huggingface_folder()).parts[0].removeprefix("models--").replace("--", "/", 1)
            sha256 = noted_sha256(path)
            yield StoredWeights(
                path=path,
                name=f"{repository}/{path.name}",
                bytes=path.stat().st_size,
                source="huggingface",
                sha256=sha256,
                state="checked" if sha256 else "unchecked",
            )


def _current_commit(repository: Path) -> str:
    try:
        return (repository / "refs" / "main").read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _delete_snapshot(path: Path) -> None:
    """Delete a file of a snapshot, and what it points to unless another snapshot does so too."""
    blob = path.resolve()
    snapshots = next(parent for parent in path.parents if parent.name == "snapshots")
    path.unlink(missing_ok=True)
    if blob != path and not any(other.resolve() == blob for other in snapshots.rglob("*") if other.is_symlink()):
        blob.unlink(missing_ok=True)
