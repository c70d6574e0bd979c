"""Settings survive versions, damage and places that cannot be written."""

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cnnviz_desktop.core.recents import RECENTS_KEPT, Recents, is_missing
from cnnviz_desktop.core.settings import MIGRATIONS, Settings, SettingsFile
from cnnviz_desktop.core.trusted import Trusted


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.json"


def test_that_a_first_start_has_the_defaults_and_writes_nothing(path: Path) -> None:
    file = SettingsFile(path)
    assert file.settings == Settings()
    assert not file.problem
    assert not path.parent.exists()


def test_that_every_field_is_there_again_after_a_restart(path: Path) -> None:
    changes: dict[str, Any] = {
        "geometry": "AAEC",
        "layout": "AwQ=",
        "recent_images": Recents().with_newest("/pictures/横.png"),
        "recent_networks": Recents().with_newest("sample"),
        "folders": {"images": "/pictures"},
        "trusted": (Trusted("ab" * 32, "/networks/mine.py", "2026-11-21T10:31"),),
        "device": "cpu",
        "colour_map": "magma",
        "method": "kpcacam",
        "parameters": {"kpcacam": {"kernel": "rbf", "gamma": 0.5, "aug_smooth": True}, "smoothgrad": {"samples": 7}},
        "mirrors": ("https://mirror.example/torch", "http://10.0.0.2"),
    }
    assert set(changes) == {field.name for field in msgspec.structs.fields(Settings)}
    SettingsFile(path).change(**changes)
    again = SettingsFile(path)
    assert again.settings == Settings(**changes)
    assert not again.problem


def test_that_a_value_of_the_wrong_kind_is_refused_and_nothing_is_written(path: Path) -> None:
    file = SettingsFile(path)
    with pytest.raises(msgspec.ValidationError):
        file.change(device="toaster")
    assert file.settings == Settings()
    assert not path.exists()


def test_that_writing_leaves_no_other_file_behind(path: Path) -> None:
    file = SettingsFile(path)
    file.change(device="cpu")
    file.change(device="cuda")
    assert [each.name for each in path.parent.iterdir()] == ["settings.json"]
    assert json.loads(path.read_text())["version"] == 1 + len(MIGRATIONS)


def write(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text)


def test_that_bad_and_unknown_fields_are_dropped_and_the_old_file_is_kept(path: Path) -> None:
    text = json.dumps({"version": 1, "device": "toaster", "colour_map": "magma", "sound": True})
    write(path, text)
    file = SettingsFile(path)
    assert file.settings == Settings(colour_map="magma")
    assert "device, sound" in file.problem
    assert path.with_name("settings.json.bak").read_text() == text


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "\x00\xff", '{"version": "one"}'])
def test_that_a_damaged_file_gives_the_defaults_and_is_kept(path: Path, text: str) -> None:
    write(path, text)
    file = SettingsFile(path)
    assert file.settings == Settings()
    assert "damaged" in file.problem
    assert path.with_name("settings.json.bak").read_text() == text
    file.change(device="cpu")
    assert SettingsFile(path).settings.device == "cpu"


def test_that_a_file_of_a_newer_version_gives_what_is_known_of_it(path: Path) -> None:
    write(path, json.dumps({"version": 99, "device": "cpu", "telepathy": 1}))
    file = SettingsFile(path)
    assert file.settings == Settings(device="cpu")
    assert "newer version" in file.problem


def test_that_a_file_goes_through_the_migrations_from_its_own_version_on(path: Path) -> None:
    def rename(fields: dict[str, Any]) -> dict[str, Any]:
        return {"colour_map": fields["palette"]}

    def upper(fields: dict[str, Any]) -> dict[str, Any]:
        return {**fields, "colour_map": fields["colour_map"].upper()}

    write(path, json.dumps({"version": 1, "palette": "magma"}))
    assert SettingsFile(path, (rename, upper)).settings.colour_map == "MAGMA"
    path.write_text(json.dumps({"version": 2, "colour_map": "magma"}))
    assert SettingsFile(path, (rename, upper)).settings.colour_map == "MAGMA"
    path.write_text(json.dumps({"version": 3, "colour_map": "magma"}))
    assert SettingsFile(path, (rename, upper)).settings.colour_map == "magma"


def test_that_programs_that_were_trusted_by_their_hash_alone_still_are(path: Path) -> None:
    hashes = ["ab" * 32, "cd" * 32]
    write(path, json.dumps({"version": 1, "trusted": hashes, "device": "cpu"}))
    file = SettingsFile(path)
    assert file.settings == Settings(trusted=tuple(map(Trusted, hashes)), device="cpu")
    assert not file.problem
    file.change(colour_map="magma")
    written = json.loads(path.read_text())
    assert written["version"] == 2
    assert written["trusted"][0] == {"sha256": hashes[0], "file": "", "when": ""}
    assert SettingsFile(path).settings.trusted == tuple(map(Trusted, hashes))


@pytest.mark.parametrize("trusted", ["everything", {"all": True}, [7], [None, "ab"], [["ab"]]])
def test_that_trust_that_somebody_has_scrambled_is_dropped_and_nothing_else(path: Path, trusted: object) -> None:
    write(path, json.dumps({"version": 1, "trusted": trusted, "device": "cpu"}))
    file = SettingsFile(path)
    assert file.settings == Settings(device="cpu")
    assert "trusted" in file.problem


def test_that_every_migration_says_between_which_versions_it_leads() -> None:
    for version, migrate in enumerate(MIGRATIONS, start=1):
        assert (migrate.__doc__ or "").startswith(f"From version {version} to {version + 1}")


def test_that_a_migration_that_fails_leaves_what_can_be_used_and_the_old_file(
    path: Path, expected_logs: list[str]
) -> None:
    expected_logs.append("could not be brought up to date")

    def stumble(fields: dict[str, Any]) -> dict[str, Any]:
        raise KeyError("palette")

    text = json.dumps({"version": 1, "device": "cpu", "colour_map": 7})
    write(path, text)
    file = SettingsFile(path, (stumble,))
    assert file.settings == Settings(device="cpu")
    assert "in part only" in file.problem
    assert path.with_name("settings.json.bak").read_text() == text
    file.change(colour_map="magma")
    assert SettingsFile(path, (stumble,)).settings == Settings(device="cpu", colour_map="magma")


def test_that_a_path_that_is_not_unicode_is_told_once_and_spoils_nothing(path: Path) -> None:
    file = SettingsFile(path)
    file.change(device="cpu")
    for _ in range(2):
        file.change(recent_images=file.settings.recent_images.with_newest("/photos/caf\udce9.png"))
        assert "'/photos/caf\\udce9.png' is not Unicode" in file.problem
    assert file.settings == Settings(device="cpu")
    assert [each.name for each in path.parent.iterdir()] == ["settings.json"]
    file.change(device="cuda")
    assert not file.problem
    assert SettingsFile(path).settings == Settings(device="cuda")


def test_that_a_folder_that_cannot_be_made_is_told_and_the_settings_hold_until_the_end(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("a file where the folder should be")
    file = SettingsFile(tmp_path / "config" / "settings.json")
    file.change(device="cpu")
    assert file.settings.device == "cpu"
    assert "cannot be written" in file.problem
    (tmp_path / "config").unlink()
    file.change(device="cuda")
    assert not file.problem
    assert SettingsFile(tmp_path / "config" / "settings.json").settings.device == "cuda"


def test_that_a_failed_rename_leaves_the_old_file_and_no_other(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = SettingsFile(path)
    file.change(device="cpu")

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Path, "replace", full)
    file.change(device="cuda")
    monkeypatch.undo()
    assert os.strerror(28) in file.problem
    assert SettingsFile(path).settings.device == "cpu"
    assert [each.name for each in path.parent.iterdir()] == ["settings.json"]


def test_that_recents_keep_ten_each_once_and_the_newest_first() -> None:
    recents = Recents()
    for number in range(RECENTS_KEPT + 3):
        recents = recents.with_newest(str(number))
    recents = recents.with_newest("8")
    assert recents.references == ("8", "12", "11", "10", "9", "7", "6", "5", "4", "3")
    assert recents.with_newest("a", "b").references[:3] == ("a", "b", "8")


def test_that_only_a_file_that_is_gone_counts_as_missing(tmp_path: Path) -> None:
    there = tmp_path / "there.png"
    there.touch()
    assert not is_missing(str(there))
    assert not is_missing("sample")
    assert not is_missing("torchvision:resnet50@random")
    assert is_missing(str(tmp_path / "gone.png"))
