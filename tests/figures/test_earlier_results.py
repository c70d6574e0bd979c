"""What a later run into a folder makes of the results that lie there."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from cnnviz_desktop.core.results import FloatArray
from cnnviz_desktop.figures.attribution_files import write_heat_map
from cnnviz_desktop.figures.manifest import Manifest, NetworkEntry, write_manifest
from cnnviz_desktop.figures.result_folder import ResultFolder
from tests.figures.made import heat_map, noise, picture

RUN = Manifest(
    requests=(), network=NetworkEntry("net", "ab"), results=(), versions={"torch": "2"}, device="cpu", seed=0
)
RAW = noise(4, 6)
FIRST = {"cam": "photo_gradcam_cam.png", "arrays": "photo_gradcam.npz"}
SECOND = {"cam": "photo_gradcam_2_cam.png", "arrays": "photo_gradcam_2.npz"}


def write(place: Path, raw: FloatArray = RAW, name: str = "dog", run: Manifest = RUN) -> ResultFolder:
    """The map of one run, written with its manifest."""
    shown = picture()
    folder = ResultFolder(place, {shown.image: "photo"})
    folder.run = run
    write_heat_map(folder, shown, heat_map(shown, raw, class_name=name))
    write_manifest(place, replace(run, results=tuple(folder.entries)))
    return folder


def contents(place: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in place.iterdir() if not path.name.startswith("manifest")}


def test_that_another_result_of_a_later_run_leaves_the_first_and_says_so(tmp_path: Path) -> None:
    assert write(tmp_path).entries[0].files == FIRST
    before = contents(tmp_path)
    for _ in range(2):  # asked again, it finds its own names again
        later = write(tmp_path, -RAW, "cat")
        assert later.entries[0].files == SECOND
        (note,) = dict.fromkeys(later.notes)
        assert f"{tmp_path} holds other results of an earlier run" in note
    after = contents(tmp_path)
    assert set(after) - set(before) == set(SECOND.values())
    assert {name: after[name] for name in before} == before


def test_that_the_same_result_takes_its_names_again_and_gives_the_same_bytes(tmp_path: Path) -> None:
    write(tmp_path)
    before = contents(tmp_path)
    again = write(tmp_path)
    assert again.entries[0].files == FIRST
    assert again.notes == []
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    "other",
    [replace(RUN, seed=1), replace(RUN, device="cuda:0"), replace(RUN, network=NetworkEntry("net", "cd")),
     replace(RUN, versions={"torch": "3"})],
    ids=["seed", "device", "weights", "version"],
)  # fmt: skip
def test_that_a_run_of_which_the_manifest_says_something_else_is_another(tmp_path: Path, other: Manifest) -> None:
    write(tmp_path)
    assert write(tmp_path, run=other).entries[0].files == SECOND


def test_that_files_of_no_manifest_and_unreadable_manifests_keep_no_names(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes(b"{\xff")
    (tmp_path / "manifest-1.json").write_text('{"name": "an app", "icons": []}', encoding="utf-8")
    (tmp_path / FIRST["cam"]).write_bytes(b"of nobody")
    assert write(tmp_path).entries[0].files == FIRST
