"""Downloads official weights, when asked: resumable, never twice, and never into place before their hash is right."""

import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cnnviz_desktop.core.errors import NetworkError, OutputError
from cnnviz_desktop.core.mirrors import addresses_of, mirrors_of_environment
from cnnviz_desktop.core.official_weights import OfficialWeights, in_mebibytes
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.core.weights_folder import find_weights, note_sha256, part_of, torch_folder
from cnnviz_desktop.engine.networks.checkpoints.hashing import sha256_of
from cnnviz_desktop.engine.networks.official.download_words import (
    Pace,
    disk_words,
    is_of_the_web,
    kept_words,
    why_failed,
)
from cnnviz_desktop.engine.networks.official.part_file import PartFile, PartIsTaken
from cnnviz_desktop.engine.networks.official.transfer import DiskError, Transfer
from cnnviz_desktop.engine.networks.official.web_connection import CONNECT_TIMEOUT_S, SILENCE_TIMEOUT_S, Line
from cnnviz_desktop.engine.networks.official.weights_store import SPARE, check_space, why_not

_TICK_S = 0.1
"""Between two yields, so that a cancelled download ends at once however slow the server is."""
_FAR_TOO_LARGE = 4
"""A file so many times as large as expected is not what was asked for."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds: until a server can be reached, and for one that sends nothing."""

    connect: float = CONNECT_TIMEOUT_S
    silence: float = SILENCE_TIMEOUT_S


class _NotHad(Exception):
    """A file is not to be had at an address; its text is the end of a sentence that begins with the address."""


class _Wrong(Exception):
    """What came is not what was asked for; its text is the end of a sentence that begins with the address."""


def fetch_weights(
    official: OfficialWeights, mirrors: Sequence[str] = (), patience: Patience | None = None
) -> Generator[Progress, None, Path]:
    """Download official weights into torch's own cache, unless they are there. Closing the generator cancels it.

    What has come stays as ``NAME.part`` where the download is cancelled or fails, and the next one goes on from there.
    Where another process downloads the same file, its end is waited for.

    Args:
        official: What to download.
        mirrors: Addresses that stand in for the scheme and host of the publisher's, in order; those of the
            environment come before them, the publisher's own after them.
        patience: How long to wait; see `Patience`.

    Returns:
        The file, whose full hash is noted beside it.

    Raises:
        NetworkError: It cannot be had, or what came is something else; the sentence says why for every address.
        OutputError: The disk is full, or the folder cannot be written.
    """
    addresses = addresses_of(official.url, (*mirrors_of_environment(), *mirrors))
    path = torch_folder() / official.file_name
    while (found := find_weights(official)) is None:
        try:
            part = _opened_part(path)
        except PartIsTaken:
            yield Progress(done=0, total=1, text=f"another program downloads {official.file_name}: waiting for it")
            time.sleep(_TICK_S)
            continue
        with part:
            try:
                yield from _fetch_from_any(official, addresses, part, path, patience or Patience())
            finally:
                part.discard_if_empty()
    return found


def _opened_part(path: Path) -> PartFile:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return PartFile(path)
    except OSError as error:
        raise OutputError(disk_words(error, path.parent)) from error


def _fetch_from_any(
    official: OfficialWeights, addresses: Sequence[str], part: PartFile, path: Path, patience: Patience
) -> Generator[Progress, None, None]:
    problems = []
    for url in addresses:
        try:
            named = yield from _fetch(official, url, part, path.parent, patience)
            sha256 = yield from _checked(official if official.digits else replace(official, digits=named), path)
        except _Wrong as wrong:
            part.clear()
            problems.append(_sentence(url, wrong))
        except _NotHad as failed:
            problems.append(_sentence(url, failed))
        else:
            _finish(part, path, sha256)
            return
    raise NetworkError(
        f"{official.file_name} could not be downloaded. {' '.join(problems)}{kept_words(part.bytes)} "
        "A file that was fetched in another way can be imported instead."
    )


def _sentence(url: str, why: Exception) -> str:
    said = f"{url}: {why}"
    return said if said.endswith("?") else f"{said}."


def _fetch(
    official: OfficialWeights, url: str, part: PartFile, folder: Path, patience: Patience
) -> Generator[Progress, None, str]:
    """Bring the part to its full length.

    Returns:
        The SHA-256 that a server named for it; empty where none did.

    Raises:
        _NotHad: The file is not to be had there.
        _Wrong: It is far too large.
        OutputError: It cannot be written, or there is no room for it.
    """

    def begun(transfer: Transfer) -> None:
        total = transfer.total if transfer.total is not None else official.bytes or 0
        # What is there already is kept, or written over.
        check_space(total - part.bytes, folder, official.file_name)
        part.note(url, transfer.validator)

    line = Line(patience.connect, patience.silence)
    transfer, pace = Transfer(url, part.file, part.validator_for(url), begun, line), Pace(url)
    transfer.start()
    try:
        while not transfer.wait(_TICK_S):
            if official.bytes is not None and transfer.done > _FAR_TOO_LARGE * official.bytes + SPARE:
                raise _Wrong(f"what comes is far larger than the {in_mebibytes(official.bytes)} that it should be")
            yield pace.progress(transfer)
    finally:
        transfer.stop()
    error = transfer.error
    if isinstance(error, DiskError) and isinstance(error.__cause__, OSError):
        raise OutputError(disk_words(error.__cause__, folder) + kept_words(part.bytes)) from error
    if error is not None and not is_of_the_web(error):
        raise error
    if error is not None:
        raise _NotHad(why_failed(error, patience.silence)) from error
    return line.named_sha256


def _checked(official: OfficialWeights, path: Path) -> Generator[Progress, None, str]:
    """The hash of the part as it lies on the disk.

    Raises:
        _Wrong: It is not what it should be.
    """
    sha256 = yield from sha256_of(part_of(path), path.name)
    if problem := why_not(official, part_of(path), sha256):
        raise _Wrong(f"what came {problem}, so it was thrown away")
    return sha256


def _finish(part: PartFile, path: Path, sha256: str) -> None:
    try:
        part.finish()
    except OSError as error:
        raise OutputError(disk_words(error, path.parent) + kept_words(part.bytes)) from error
    note_sha256(path, sha256)
