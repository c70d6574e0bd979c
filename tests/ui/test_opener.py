"""File dialogs, drops and paste lead to the same rules, and dialogs open where they were left."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.settings import SettingsFile
from cnnviz_desktop.ui.opening.file_dialogs import FileDialogs
from cnnviz_desktop.ui.opening.opener import Opener


class Heard:
    """What an opener says."""

    def __init__(self, opener: Opener) -> None:
        self.images: list[tuple[str, ...]] = []
        self.networks: list[str] = []
        self.files: list[tuple[str, str]] = []
        self.refusals: list[str] = []
        opener.images_chosen.connect(self.images.append)
        opener.network_chosen.connect(self.networks.append)
        opener.files_chosen.connect(lambda program, weights: self.files.append((program, weights)))
        opener.refused.connect(self.refusals.append)


@pytest.fixture
def settings(tmp_path: Path) -> SettingsFile:
    return SettingsFile(tmp_path / "settings.json")


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[QWidget]:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    yield made
    for dialog in made.findChildren(QFileDialog):
        dialog.reject()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name, start in (("a.png", b"\x89PNG\r\n\x1a\n"), ("b.jpg", b"\xff\xd8\xff")):
        (folder / name).write_bytes(start)
    return folder


def open_dialog(window: QWidget) -> QFileDialog:
    (dialog,) = [each for each in window.findChildren(QFileDialog) if each.isVisible()]
    return dialog


def test_that_chosen_images_open_and_the_next_dialog_starts_there(
    qtbot: QtBot, settings: SettingsFile, window: QWidget, pictures: Path
) -> None:
    opener = Opener(FileDialogs(settings, window), window)
    heard = Heard(opener)
    opener.ask_for_images()
    dialog = open_dialog(window)
    assert not dialog.isModal() or dialog.windowModality().name == "WindowModal", "the program goes on meanwhile"
    dialog.setDirectory(str(pictures))
    dialog.filesSelected.emit([str(pictures / "a.png")])
    dialog.reject()
    assert heard.images == [(str(pictures / "a.png"),)]
    assert settings.settings.folders == {"images": str(pictures)}
    opener.ask_for_folder()
    assert open_dialog(window).directory().absolutePath() == str(pictures)


def test_that_every_purpose_has_a_folder_of_its_own(
    qtbot: QtBot, settings: SettingsFile, window: QWidget, pictures: Path, tmp_path: Path
) -> None:
    settings.change(folders={"images": str(pictures)})
    dialog = FileDialogs(settings, window).make(window, "networks", "Choose", QFileDialog.FileMode.ExistingFile)
    dialog.open()
    dialog.setDirectory(str(tmp_path))
    dialog.filesSelected.emit([str(tmp_path / "mine.pt2")])
    assert settings.settings.folders == {"images": str(pictures), "networks": str(tmp_path)}


def test_that_a_folder_gives_its_images(settings: SettingsFile, window: QWidget, pictures: Path) -> None:
    opener = Opener(FileDialogs(settings, window), window)
    heard = Heard(opener)
    opener.open_paths([str(pictures)])
    assert heard.images == [(str(pictures / "a.png"), str(pictures / "b.jpg"))]


def test_that_what_cannot_be_opened_is_refused_with_a_reason(
    settings: SettingsFile, window: QWidget, tmp_path: Path
) -> None:
    weights = tmp_path / "resnet.pth"
    weights.write_bytes(b"something")
    networks = [tmp_path / f"{name}.cnnviz-network.json" for name in ("one", "two")]
    for network in networks:
        network.write_text("{}")
    opener = Opener(FileDialogs(settings, window), window)
    heard = Heard(opener)
    opener.open_paths(map(str, (weights, tmp_path / "gone.png", *networks)))
    assert heard.images == []
    assert heard.networks == [str(networks[0])]
    assert heard.files == [], "the description says which weights it has"
    assert len(heard.refusals) == 3
    for words in ("gone.png", "resnet.pth was not opened", "two.cnnviz-network.json was not opened"):
        assert any(words in refusal for refusal in heard.refusals)


@pytest.mark.parametrize(
    ("names", "expected", "left"),
    [
        (("a.pth",), ("", "a.pth"), ()),
        (("net.py",), ("net.py", ""), ()),
        (("best.pth.tar", "net.py"), ("net.py", "best.pth.tar"), ()),
        (("a.pth", "b.ckpt", "net.py"), ("net.py", "a.pth"), ("b.ckpt",)),
    ],
)
def test_that_weights_and_programs_come_together(
    settings: SettingsFile,
    window: QWidget,
    tmp_path: Path,
    names: tuple[str, ...],
    expected: tuple[str, str],
    left: tuple[str, ...],
) -> None:
    for name in names:
        (tmp_path / name).write_bytes(b"something")
    opener = Opener(FileDialogs(settings, window), window)
    heard = Heard(opener)
    opener.open_paths(str(tmp_path / name) for name in names)
    assert heard.files == [tuple(str(tmp_path / name) if name else "" for name in expected)]
    assert (heard.images, heard.networks) == ([], [])
    assert [refusal.split(" was not")[0] for refusal in heard.refusals] == [str(tmp_path / name) for name in left]


def test_that_a_relative_path_is_made_absolute(
    settings: SettingsFile, window: QWidget, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(pictures)
    opener = Opener(FileDialogs(settings, window), window)
    heard = Heard(opener)
    opener.open_paths(["a.png"])
    assert heard.images == [(str(pictures / "a.png"),)]


def test_that_a_name_that_is_not_unicode_is_refused(settings: SettingsFile, window: QWidget, tmp_path: Path) -> None:
    strange = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png")
    Path(strange).write_bytes(b"something")
    opener = Opener(FileDialogs(settings, window), window)
    heard = Heard(opener)
    opener.open_paths([strange])
    assert heard.images == []
    assert "not Unicode" in heard.refusals[0]
