import hashlib
import subprocess
import threading
import time
from pathlib import Path

import pytest

from cnnviz_desktop.core.weights_folder import note_of, noted_sha256, part_of
from cnnviz_desktop.engine.networks.official.downloading import fetch_weights
from tests.engine.networks.official.weights_for_tests import (
    CONTENT,
    NAME,
    SHA256,
    ended,
    interrupted,
    left_in,
    weights_at,
)
from tests.engine.networks.official.weights_server import WeightsServer

pytestmark = pytest.mark.usefixtures("folder")


def test_that_a_download_lies_in_torchs_cache_with_its_hash_noted(server: WeightsServer, folder: Path) -> None:
    path = ended(fetch_weights(weights_at(server.url)))
    assert path == folder / NAME
    assert path.read_bytes() == CONTENT
    assert left_in(folder) == [NAME, f"{NAME}.sha256"]
    checked = subprocess.run(["sha256sum", "-c", f"{NAME}.sha256"], cwd=folder, capture_output=True, check=False)
    assert checked.returncode == 0


def test_that_nothing_is_downloaded_twice(server: WeightsServer) -> None:
    ended(fetch_weights(weights_at(server.url)))
    ended(fetch_weights(weights_at(server.url)))
    assert len(server.asked) == 1


def test_that_an_interrupted_download_goes_on_where_it_ended(server: WeightsServer, folder: Path) -> None:
    interrupted(server, 1_000_000)
    assert part_of(folder / NAME).read_bytes() == CONTENT[:1_000_000]
    path = ended(fetch_weights(weights_at(server.url)))
    assert server.asked == [(f"/models/{NAME}", "bytes=1000000-")]
    assert path.read_bytes() == CONTENT
    assert left_in(folder) == [NAME, f"{NAME}.sha256"]


def test_that_a_server_that_sends_no_parts_is_asked_for_the_whole(server: WeightsServer) -> None:
    interrupted(server, 1_000_000)
    server.takes_ranges = False
    path = ended(fetch_weights(weights_at(server.url)))
    assert path.read_bytes() == CONTENT


def test_that_a_file_that_changed_meanwhile_is_downloaded_anew(server: WeightsServer) -> None:
    interrupted(server, 1_000_000)
    server.tag, server.content = '"two"', CONTENT[::-1]
    digits = hashlib.sha256(server.content).hexdigest()[:8]
    path = ended(fetch_weights(weights_at(server.url, digits)))
    assert path.read_bytes() == CONTENT[::-1]


def test_that_a_server_that_names_no_version_is_asked_for_the_whole(server: WeightsServer) -> None:
    server.tag = ""
    interrupted(server, 1_000_000)
    ended(fetch_weights(weights_at(server.url)))
    assert server.asked == [(f"/models/{NAME}", "")]


def test_that_a_part_that_is_the_whole_is_put_into_place(server: WeightsServer, folder: Path) -> None:
    interrupted(server, 1_000_000)
    part_of(folder / NAME).write_bytes(CONTENT)
    path = ended(fetch_weights(weights_at(server.url)))
    assert server.asked == [(f"/models/{NAME}", f"bytes={len(CONTENT)}-")]
    assert path.read_bytes() == CONTENT


def test_that_a_part_longer_than_the_file_is_downloaded_anew(server: WeightsServer, folder: Path) -> None:
    interrupted(server, 1_000_000)
    part_of(folder / NAME).write_bytes(CONTENT + b"more")
    path = ended(fetch_weights(weights_at(server.url)))
    assert [asked for _, asked in server.asked] == [f"bytes={len(CONTENT) + 4}-", ""]
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize("stalls_at", [None, 1_500_000], ids=["before the answer", "within the file"])
def test_that_cancelling_takes_effect_at_once_however_silent_the_server(
    server: WeightsServer, stalls_at: int | None
) -> None:
    server.answers, server.stalls_at = stalls_at is not None, stalls_at
    download = fetch_weights(weights_at(server.url))
    next(download)
    assert server.stalled.wait(5)
    begun = time.monotonic()
    next(download)
    assert time.monotonic() - begun < 0.5
    begun = time.monotonic()
    download.close()
    assert time.monotonic() - begun < 0.5
    assert not any(thread.name.startswith("fetching") for thread in threading.enumerate())


def test_that_a_cancelled_download_goes_on_another_time(server: WeightsServer, folder: Path) -> None:
    server.stalls_at = 1_500_000
    download = fetch_weights(weights_at(server.url))
    for _ in download:
        if server.stalled.is_set() and part_of(folder / NAME).stat().st_size == server.stalls_at:
            break
    download.close()
    assert part_of(folder / NAME).read_bytes() == CONTENT[:1_500_000]
    server.stalls_at = None
    ended(fetch_weights(weights_at(server.url)))
    assert server.asked[-1][1] == "bytes=1500000-"


def test_that_the_full_hash_is_noted_where_only_some_digits_are_known(server: WeightsServer) -> None:
    path = ended(fetch_weights(weights_at(server.url, "")))
    assert noted_sha256(path) == SHA256


def test_that_progress_tells_mebibytes_speed_and_time_left(server: WeightsServer, folder: Path) -> None:
    server.stalls_at = 2 << 20
    seen = []
    for progress in fetch_weights(weights_at(server.url)):
        seen.append(progress)
        if "left" in progress.text:
            server.released.set()
    told = next(progress for progress in seen if "left" in progress.text)
    assert (told.done, told.total) == (2, 3)
    assert told.text.startswith("2 of 3 MiB, ")
    assert told.text.endswith(" s left")


def test_that_a_server_that_tells_no_length_is_downloaded_from(server: WeightsServer) -> None:
    server.says_length = False
    path = ended(fetch_weights(weights_at(server.url)))
    assert path.read_bytes() == CONTENT


def test_that_a_note_of_a_part_that_is_no_note_begins_anew(server: WeightsServer, folder: Path) -> None:
    interrupted(server, 1_000_000)
    note_of(folder / NAME).write_text("{")
    ended(fetch_weights(weights_at(server.url)))
    assert server.asked == [(f"/models/{NAME}", "")]
