"""When results become files: with their companion, and only when they are final."""

import dataclasses
from pathlib import Path

from cnnviz_desktop.commands.console import Console
from cnnviz_desktop.commands.engine import Engine
from cnnviz_desktop.commands.writing import Writer
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Picture
from cnnviz_desktop.figures.result_folder import ResultFolder
from tests.figures.made import gradient, heat_map, noise, picture

SHOWN = picture()


class OnePicture(Engine):
    def __init__(self) -> None:
        super().__init__(Console())

    def picture(self, image: str) -> Picture:
        assert image == SHOWN.image
        return SHOWN


def made(tmp_path: Path, *methods: str) -> tuple[Writer, ResultFolder]:
    folder = ResultFolder(tmp_path, {SHOWN.image: "dog"})
    return Writer(Request(method=methods[0], also=methods[1:], images=(SHOWN.image,)), folder, OnePicture()), folder


def test_that_a_map_waits_for_its_guided_gradients_and_the_next_has_them(tmp_path: Path) -> None:
    writer, folder = made(tmp_path, "gradcam", "guided_backprop", "layercam")
    heat, guided = heat_map(SHOWN, noise(4, 6)), gradient(SHOWN, noise(3, 32, 32))
    writer.take(heat)
    assert folder.entries == []
    writer.take(guided)
    writer.take(dataclasses.replace(heat, method="layercam"))
    assert [entry.method for entry in folder.entries] == ["gradcam", "layercam"]
    assert all({"cam", "gb", "cam_gb"} < set(entry.files) for entry in folder.entries)
    writer.finish()
    assert len(folder.entries) == 2


def test_that_a_map_whose_guided_gradients_do_not_come_is_written_without(tmp_path: Path) -> None:
    writer, folder = made(tmp_path, "gradcam", "guided_backprop")
    writer.take(heat_map(SHOWN, noise(4, 6)))
    writer.finish()
    (entry,) = folder.entries
    assert set(entry.files) == {"cam", "arrays"}


def test_that_guided_gradients_without_maps_are_written_by_themselves(tmp_path: Path) -> None:
    writer, folder = made(tmp_path, "guided_backprop", "saliency")
    writer.take(gradient(SHOWN, noise(3, 32, 32)))
    assert [set(entry.files) for entry in folder.entries] == [{"rgb", "max", "arrays"}]


def test_that_a_result_that_is_still_being_computed_is_not_written(tmp_path: Path) -> None:
    writer, folder = made(tmp_path, "occlusion", "smoothgrad")
    heat, picture_ = heat_map(SHOWN, noise(4, 6)), gradient(SHOWN, noise(3, 32, 32), method="smoothgrad")
    for done in (0.25, 0.75, 1.0):
        writer.take(dataclasses.replace(heat, method="occlusion", done=done))
        writer.take(dataclasses.replace(picture_, done=done))
    assert [entry.method for entry in folder.entries] == ["occlusion", "smoothgrad"]
