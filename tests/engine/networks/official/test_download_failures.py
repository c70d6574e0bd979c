import errno
import hashlib
import os
import shutil
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cnnviz_desktop.core.errors import NetworkError, OutputError
from cnnviz_desktop.core.weights_folder import part_of
from cnnviz_desktop.engine.networks.official.downloading import fetch_weights
from tests.engine.networks.official.weights_for_tests import (
    CONTENT,
    NAME,
    QUICK,
    SHA256,
    ended,
    left_in,
    weights_at,
)
from tests.engine.networks.official.weights_server import WeightsServer, serving

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

pytestmark = pytest.mark.usefixtures("folder")


def test_that_a_stalled_server_is_told_of_and_what_came_stays(server: WeightsServer, folder: Path) -> None:
    server.stalls_at = 1_500_000
    with pytest.raises(NetworkError, match=r"the server sent nothing for 0\.4 s.*\(1\.4 MiB\) is kept"):
        ended(fetch_weights(weights_at(server.url), patience=QUICK))
    assert part_of(folder / NAME).read_bytes() == CONTENT[:1_500_000]
    server.stalls_at = None
    server.released.set()
    path = ended(fetch_weights(weights_at(server.url)))
    assert server.asked[-1][1] == "bytes=1500000-"
    assert path.read_bytes() == CONTENT


def test_that_a_server_that_never_answers_is_told_of(server: WeightsServer, folder: Path) -> None:
    server.answers = False
    with pytest.raises(NetworkError, match="the server sent nothing"):
        ended(fetch_weights(weights_at(server.url), patience=QUICK))
    assert left_in(folder) == []


def test_that_a_wrong_hash_is_told_with_both_and_nothing_stays(server: WeightsServer, folder: Path) -> None:
    server.content = CONTENT[:-1] + b"!"
    wrong = hashlib.sha256(server.content).hexdigest()
    with pytest.raises(NetworkError, match=rf"SHA-256 {wrong}, but that of {NAME} begins with {SHA256[:8]}"):
        ended(fetch_weights(weights_at(server.url)))
    assert left_in(folder) == []


@pytest.mark.parametrize("digits", ["", SHA256[:8]])
def test_that_a_login_page_in_place_of_weights_is_named(server: WeightsServer, folder: Path, digits: str) -> None:
    server.content = b"<!DOCTYPE html><html><body>Please log in.</body></html>"
    with pytest.raises(NetworkError, match="appears to be a web page"):
        ended(fetch_weights(weights_at(server.url, digits)))
    assert left_in(folder) == []


@pytest.mark.parametrize(
    ("status", "words"),
    [(404, "there is no such file"), (403, "does not give it out"), (503, "out of order"), (429, "refused")],
)
def test_that_what_the_server_answers_instead_is_told(
    server: WeightsServer, folder: Path, status: int, words: str
) -> None:
    server.status = status
    with pytest.raises(NetworkError, match=rf"{words} \({status}|{words}.*{status}"):
        ended(fetch_weights(weights_at(server.url)))
    assert left_in(folder) == []


def test_that_a_refused_connection_is_told(folder: Path) -> None:
    with serving(b"") as gone:
        url = gone.url
    with pytest.raises(NetworkError, match="connection refused"):
        ended(fetch_weights(weights_at(url)))
    assert left_in(folder) == []


def test_that_a_machine_without_a_network_is_told_of() -> None:
    with pytest.raises(NetworkError, match=r"its address is not to be found|cannot be reached"):
        ended(fetch_weights(weights_at("http://weights.invalid"), patience=QUICK))


def test_that_a_full_disk_is_told_before_anything_is_written(
    server: WeightsServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(folder.parent.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1 << 20))
    with pytest.raises(OutputError, match=rf"no room for {NAME}: it needs 2\.9 MiB more.*has 1\.0 MiB left"):
        ended(fetch_weights(weights_at(server.url)))
    assert left_in(folder) == []


def test_that_a_disk_that_fills_up_is_told_of_and_what_came_stays(
    server: WeightsServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = FileIO.write

    class Small(FileIO):
        def write(self, content: "ReadableBuffer", /) -> int:
            if self.tell() >= 1_000_000:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return write(self, memoryview(content)[: 1_000_000 - self.tell()])

    monkeypatch.setattr("cnnviz_desktop.engine.networks.official.part_file.FileIO", Small)
    with pytest.raises(OutputError, match=r"The disk is full.*\(1\.0 MiB\) is kept"):
        ended(fetch_weights(weights_at(server.url)))
    monkeypatch.undo()
    monkeypatch.setenv("TORCH_HOME", str(folder.parent.parent))
    path = ended(fetch_weights(weights_at(server.url)))
    assert server.asked[-1][1] == "bytes=1000000-"
    assert path.read_bytes() == CONTENT


def test_that_a_folder_that_cannot_be_made_is_told(server: WeightsServer, folder: Path) -> None:
    folder.parent.write_text("in the way")
    with pytest.raises(OutputError, match="Nothing can be written into"):
        ended(fetch_weights(weights_at(server.url)))


def test_that_a_file_far_larger_than_it_should_be_is_not_taken(
    server: WeightsServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cnnviz_desktop.engine.networks.official.downloading.SPARE", 0)
    server.says_length, server.stalls_at = False, 2_000_000
    with pytest.raises(NetworkError, match=r"far larger than the 0\.1 MiB"):
        ended(fetch_weights(weights_at(server.url, size=100_000)))
    assert left_in(folder) == []
