import subprocess
import sys
from pathlib import Path

import pytest

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.mirrors import MIRRORS_VARIABLE
from cnnviz_desktop.engine.networks.official.downloading import fetch_weights
from cnnviz_desktop.engine.networks.official.part_file import PartFile
from tests.engine.networks.official.weights_for_tests import CONTENT, NAME, SHA256, ended, left_in, weights_at
from tests.engine.networks.official.weights_server import WeightsServer, serving

pytestmark = pytest.mark.usefixtures("folder")


def test_that_redirections_are_followed(server: WeightsServer) -> None:
    with serving(b"") as first:
        first.moved_to = f"{server.url}/elsewhere"
        path = ended(fetch_weights(weights_at(first.url)))
    assert server.asked == [("/elsewhere", "")]
    assert path.read_bytes() == CONTENT


def test_that_a_hash_that_the_publisher_names_on_the_way_is_checked(server: WeightsServer, folder: Path) -> None:
    with serving(b"") as first:
        first.moved_to, first.names_sha256 = f"{server.url}/elsewhere", "0" * 64
        with pytest.raises(NetworkError, match=rf"SHA-256 {SHA256}, but that of {NAME} is {'0' * 64}"):
            ended(fetch_weights(weights_at(first.url, "")))
        assert left_in(folder) == []
        first.names_sha256 = SHA256
        assert ended(fetch_weights(weights_at(first.url, ""))).read_bytes() == CONTENT


def test_that_no_redirection_leads_to_a_file_of_this_machine(server: WeightsServer, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(CONTENT)
    server.moved_to = (tmp_path / "secret").as_uri()
    with pytest.raises(NetworkError, match="is not allowed"):
        ended(fetch_weights(weights_at(server.url)))


def test_that_mirrors_are_asked_in_order_and_the_publisher_last(
    server: WeightsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(CONTENT) as absent, serving(b"something else") as lying:
        absent.status = 404
        monkeypatch.setenv(MIRRORS_VARIABLE, f"{absent.url}/torch/")
        path = ended(fetch_weights(weights_at(server.url), (lying.url,)))
        assert absent.asked == [(f"/torch/models/{NAME}", "")]
        assert lying.asked == [(f"/models/{NAME}", "")]
    assert server.asked == [(f"/models/{NAME}", "")]
    assert path.read_bytes() == CONTENT


def test_that_a_mirror_that_has_the_file_spares_the_publisher(server: WeightsServer) -> None:
    ended(fetch_weights(weights_at("http://weights.invalid"), (server.url,)))
    assert server.asked == [(f"/models/{NAME}", "")]


def test_that_a_failure_names_every_address(server: WeightsServer) -> None:
    server.status = 404
    with serving(b"other") as mirror, pytest.raises(NetworkError) as caught:
        ended(fetch_weights(weights_at(server.url), (mirror.url,)))
    assert f"{mirror.url}/models/{NAME}: what came has the SHA-256" in str(caught.value)
    assert f"{server.url}/models/{NAME}: there is no such file" in str(caught.value)


def test_that_a_proxy_is_asked_in_the_servers_place(server: WeightsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    ended(fetch_weights(weights_at("http://weights.invalid")))
    assert server.asked == [(f"http://weights.invalid/models/{NAME}", "")]


def test_that_a_download_waits_for_another_program_that_has_begun_it(server: WeightsServer, folder: Path) -> None:
    folder.mkdir(parents=True)
    with PartFile(folder / NAME) as other:
        download = fetch_weights(weights_at(server.url))
        assert "another program downloads" in next(download).text
        other.file.write(CONTENT)
        other.finish()
    path = ended(download)
    assert path.read_bytes() == CONTENT
    assert server.asked == []


def test_that_a_download_takes_over_from_a_program_that_gave_up(server: WeightsServer, folder: Path) -> None:
    folder.mkdir(parents=True)
    with PartFile(folder / NAME) as other:
        download = fetch_weights(weights_at(server.url))
        next(download)
        other.file.write(CONTENT[:1000])
    path = ended(download)
    assert path.read_bytes() == CONTENT


_CHILD = """
import sys
from cnnviz_desktop.core.official_weights import OfficialWeights
from cnnviz_desktop.engine.networks.official.downloading import fetch_weights
url, name, digits = sys.argv[1:]
official = OfficialWeights(network="n", name="n", url=url, file_name=name, digits=digits)
for _ in fetch_weights(official):
    pass
"""


def test_that_two_processes_downloading_the_same_file_download_it_once(server: WeightsServer, folder: Path) -> None:
    command = [sys.executable, "-c", _CHILD, f"{server.url}/{NAME}", NAME, SHA256[:8]]
    server.stalls_at = 1_000_000
    with subprocess.Popen(command) as first, subprocess.Popen(command) as second:
        assert server.stalled.wait(20)
        server.released.set()
        assert (first.wait(20), second.wait(20)) == (0, 0)
    assert (folder / NAME).read_bytes() == CONTENT
    assert len(server.asked) == 1
    assert left_in(folder) == [NAME, f"{NAME}.sha256"]
