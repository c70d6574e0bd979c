"""When results become files: with their companion, and only when they are final."""

import dataclasses
from pathlib import Path

from cnnviz_desktop.commands.console import Console
from cnnviz_desktop.commands.engine import Engine
from cnnviz_desktop.commands.pictures import Pictures
from cnnviz_desktop.commands.writing import Writer
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Picture
from cnnviz_desktop.figures.result_folder import ResultFolder
from tests.figures.made import gradient, heat_map, noise, picture

SHOWN = picture()


class OnePicture(Engine):
    """Reads one picture, and notes each time that it does."""

    def __init__(self) -> None:
        super().__init__(Console())
        self.read: list[str] = []

    def picture(self, image: str) -> Picture:
        self.read.append(image)
        return dataclasses.replace(SHOWN, image=image)


def made(tmp_path: Path, *methods: str, engine: Engine | None = None) -> tuple[Writer, ResultFolder]:
    folder = ResultFolder(tmp_path, {SHOWN.image: "dog"})
    request = Request(method=methods[0], also=methods[1:], images=(SHOWN.image,))
    return Writer(request, folder, engine or OnePicture()), folder


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


def test_that_a_picture_is_read_once_and_not_before_something_is_drawn_over_it(tmp_path: Path) -> None:
    engine = OnePicture()
    writer, folder = made(tmp_path, "occlusion", "gradcam", "layercam", engine=engine)
    heat = heat_map(SHOWN, noise(4, 6))
    for done in (0.25, 0.75):
        writer.take(dataclasses.replace(heat, method="occlusion", done=done))
    assert engine.read == []
    for method in ("occlusion", "gradcam", "layercam"):
        writer.take(dataclasses.replace(heat, method=method))
    assert len(folder.entries) == 3
    assert engine.read == [SHOWN.image]


def test_that_no_more_pictures_are_kept_than_there_is_room_for() -> None:
    engine = OnePicture()
    pictures = Pictures(engine, most_bytes=2 * SHOWN.pixels.nbytes)
    for image in ("a", "b", "a", "c", "a", "b"):
        assert pictures.of(image).image == image
    assert engine.read == ["a", "b", "c", "b"]
    small = Pictures(engine, most_bytes=1)
    assert small.of("a") is small.of("a"), "the one needed last is kept, however large it is"
