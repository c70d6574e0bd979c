from pathlib import Path

from cnnviz_desktop.figures.manifest import Manifest, NetworkEntry, write_manifest


def manifest_named(name: str) -> Manifest:
    return Manifest(
        format=1, requests=(), network=NetworkEntry(name, "0"), results=(), versions={}, device="cpu", seed=0
    )


def test_that_an_earlier_manifest_is_kept_under_another_name(tmp_path: Path) -> None:
    for name in ("first", "second", "second", "third"):
        write_manifest(tmp_path, manifest_named(name))
    kept = {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()}
    assert set(kept) == {"manifest.json", "manifest-1.json", "manifest-2.json"}
    assert '"third"' in kept["manifest.json"]
    assert '"first"' in kept["manifest-1.json"]
    assert '"second"' in kept["manifest-2.json"]


def test_that_a_manifest_of_the_same_call_is_replaced(tmp_path: Path) -> None:
    write_manifest(tmp_path, manifest_named("first"))
    write_manifest(tmp_path, manifest_named("second"), in_place_of_last=True)
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]
    assert '"second"' in (tmp_path / "manifest.json").read_text("utf-8")
