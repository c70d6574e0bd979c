import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnnviz_desktop import cli
from cnnviz_desktop.core.description import NetworkDescription
from cnnviz_desktop.core.official_weights import OfficialWeights
from cnnviz_desktop.core.weights_folder import note_sha256, part_of, torch_folder
from cnnviz_desktop.engine.networks.official import weights_errands
from tests.engine.networks.official.weights_server import WeightsServer, serving
from tests.test_cli import modules_after

CONTENT = b"\x80\x02" + bytes(5000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
REFERENCE = "torchvision:resnet18@IMAGENET1K_V1"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "faces"))
    folder = torch_folder()
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[WeightsServer]:
    """Offers small weights in place of resnet18's."""
    with serving(CONTENT) as offered:

        def tell(description: NetworkDescription) -> OfficialWeights:
            assert (description.architecture.torchvision, description.pretrained) == ("resnet18", "IMAGENET1K_V1")
            return OfficialWeights(
                network=REFERENCE, name="V1", url=f"{offered.url}/a/tiny.pth", file_name="tiny.pth", digits=SHA256[:8]
            )

        monkeypatch.setattr(weights_errands, "official_weights", tell)
        yield offered


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert cli.main(["weights", *arguments]) == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert cli.main(["weights", *arguments]) == 2
    return capsys.readouterr().err


def test_that_listing_imports_nothing_costly() -> None:
    assert modules_after("weights", "list") == []


def test_that_what_is_here_is_listed_for_people_and_for_programs(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "There are no official weights on this machine" in said(capsys, "list")
    (folder / "a.pth").write_bytes(bytes(1 << 20))
    note_sha256(folder / "a.pth", SHA256)
    part_of(folder / "b.pth").write_bytes(bytes(1 << 19))
    listed = said(capsys, "list")
    assert listed.splitlines()[1].split(maxsplit=3) == ["a.pth", "1.0", "MiB", f"hash checked         {SHA256[:16]}"]
    assert "unfinished download" in listed
    assert f"1.5 MiB in all. Weights are kept in {folder}" in listed
    first = json.loads(said(capsys, "list", "--json"))[0]
    assert (first["path"], first["bytes"], first["sha256"]) == (str(folder / "a.pth"), 1 << 20, SHA256)


def test_that_a_download_says_where_it_lies(
    folder: Path, server: WeightsServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, "download", REFERENCE) == f"{folder / 'tiny.pth'}\nSHA-256 {SHA256}\n"
    assert (folder / "tiny.pth").read_bytes() == CONTENT


def test_that_mirrors_are_tried_first(server: WeightsServer, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(CONTENT) as mirror:
        said(capsys, "download", REFERENCE, "--mirror", f"{mirror.url}/m")
        assert mirror.asked == [("/m/a/tiny.pth", "")]
    assert server.asked == []


def test_that_a_download_that_fails_exits_2_with_a_sentence(
    server: WeightsServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.status = 404
    assert "tiny.pth could not be downloaded" in refused(capsys, "download", REFERENCE)


def test_that_a_file_is_imported_for_a_network(
    folder: Path, server: WeightsServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "brought.pth").write_bytes(CONTENT)
    told = json.loads(said(capsys, "import", str(tmp_path / "brought.pth"), REFERENCE, "--json"))
    assert (told["path"], told["sha256"], told["state"]) == (str(folder / "tiny.pth"), SHA256, "checked")
    (tmp_path / "brought.pth").write_bytes(b"else")
    assert "was not imported" in refused(capsys, "import", str(tmp_path / "brought.pth"), REFERENCE)


def test_that_deleting_takes_a_name_and_knows_near_ones(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "resnet50-11ad3fa6.pth").write_bytes(bytes(1 << 20))
    assert "Did you mean resnet50-11ad3fa6.pth?" in refused(capsys, "delete", "resnet50-11ad3fa6")
    assert "1.0 MiB are free again" in said(capsys, "delete", "resnet50-11ad3fa6.pth")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("download",), "“download” takes REF"),
        (("import", "file"), "“import” takes FILE and REF"),
        (("list", "more"), "“list” takes nothing more"),
        (("download", "sample"), "names no official weights"),
        (("download", "torchvision:resnet18@random"), "names no official weights"),
        (("remove", "x"), "“remove” is none of list, download, import, delete"),
    ],
)
def test_that_mistakes_are_told(arguments: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert sentence in refused(capsys, *arguments)
