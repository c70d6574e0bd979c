"""The files of heat maps and gradient pictures, from results made by hand."""

import dataclasses
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image

from cnnviz_desktop.core.geometry import Box, InputTransform, Resize, Size
from cnnviz_desktop.core.gradient_rendering import gradient_rgb, guided_map
from cnnviz_desktop.core.rendering import cam_input, colour_table
from cnnviz_desktop.core.results import ByteArray, Explained
from cnnviz_desktop.figures.attribution_files import write_gradient_picture, write_heat_map
from cnnviz_desktop.figures.manifest import ResultEntry
from cnnviz_desktop.figures.result_folder import ResultFolder
from tests.figures.made import gradient, heat_map, noise, picture


def drawn(path: Path) -> ByteArray:
    with Image.open(path) as image:
        return np.asarray(image)


def test_that_a_heat_map_is_an_overlay_of_the_pictures_size_and_its_arrays(tmp_path: Path) -> None:
    shown, raw = picture(), noise(4, 6)
    entry = write_heat_map(ResultFolder(tmp_path, {shown.image: "dog"}), shown, heat_map(shown, raw))
    assert entry.files == {"cam": "dog_gradcam_cam.png", "arrays": "dog_gradcam.npz"}
    assert entry.range == (float(raw.min()), float(raw.max()))
    assert entry.notes == ("first of 3 frames",)
    with Image.open(tmp_path / "dog_gradcam_cam.png") as image:
        assert image.size == (90, 60)
    with np.load(tmp_path / "dog_gradcam.npz") as arrays:
        assert set(arrays) == {"cam", "cam_input", "class_index", "score", "probability", "layer", "target"}
        assert (arrays["cam"] == raw).all()
        assert arrays["cam"].dtype == arrays["cam_input"].dtype == np.float32
        assert (arrays["cam_input"] == cam_input(raw, 32, 32)).all()
        assert (int(arrays["class_index"]), float(arrays["score"]), float(arrays["probability"])) == (5, 12.25, 0.75)
        assert str(arrays["layer"]) == "layer3.2"


def test_that_several_maps_of_an_image_carry_layer_and_class_and_never_share_a_name(tmp_path: Path) -> None:
    shown = picture()
    files = ResultFolder(tmp_path, {shown.image: "dog"}, {(shown.image, "gradcam")})
    names = [
        write_heat_map(files, shown, heat_map(shown, noise(4, 6), class_name=name)).files["arrays"]
        for name in ("crane", "crane", "tiger cat")
    ]
    assert names == [
        "dog_gradcam_layer3.2_crane.npz",
        "dog_gradcam_layer3.2_crane_2.npz",
        "dog_gradcam_layer3.2_tiger-cat.npz",
    ]
    assert all((tmp_path / name).is_file() for name in names)


def test_that_a_heat_map_with_guided_gradients_is_the_triple_and_its_archive(tmp_path: Path) -> None:
    shown, raw = picture(), noise(4, 6)
    guided = gradient(shown, noise(3, 32, 32), notes=("GELU has no rule.",))
    heat = heat_map(shown, raw)
    entry = write_heat_map(ResultFolder(tmp_path, {shown.image: "dog"}), shown, heat, guided)
    assert entry.files == {
        "cam": "dog_gradcam_cam.png",
        "gb": "dog_gradcam_gb.png",
        "cam_gb": "dog_gradcam_cam_gb.png",
        "arrays": "dog_gradcam.npz",
    }
    assert entry.notes == ("first of 3 frames", "Guided backpropagation: GELU has no rule.")
    with np.load(tmp_path / "dog_gradcam.npz") as arrays:
        assert (arrays["gb"] == guided.raw).all()
        assert arrays["gb"].dtype == np.float32
        assert arrays["gb"].min() < 0
    for kind, expected in (("gb", guided.raw), ("cam_gb", guided_map(heat, guided))):
        colours = torch.from_numpy(gradient_rgb(expected)).permute(2, 0, 1)[None].float()
        larger = torch.nn.functional.interpolate(colours, (60, 90), mode="bilinear")[0].permute(1, 2, 0).numpy()
        assert np.abs(drawn(tmp_path / entry.files[kind]) - larger).max() <= 1


@pytest.mark.parametrize("resize", ["stretch", "short_side_crop", "letterbox", "none"])
def test_that_a_gradient_lies_where_the_network_saw_the_pixel(tmp_path: Path, resize: Resize) -> None:
    shown = picture(40, 80)
    transform = InputTransform.of(resize, Size(40, 80), Size(32, 32))
    raw = np.zeros((3, *transform.input), dtype=np.float32)
    raw[:, 16:18, 20:22] = 1.0
    folder = ResultFolder(tmp_path, {shown.image: "dog"})
    entry = write_gradient_picture(folder, shown, gradient(shown, raw, transform))
    place = transform.box_to_original(Box(20, 16, 22, 18))
    for kind in ("rgb", "max"):
        bright = drawn(tmp_path / entry.files[kind]).astype(int)[:, :, 1]
        bright[:, : round(transform.seen.left)] = bright[:, round(transform.seen.right) :] = 0
        rows, columns = np.nonzero(bright == bright.max())
        assert rows.mean() + 0.5 == pytest.approx((place.top + place.bottom) / 2, abs=0.51)
        assert columns.mean() + 0.5 == pytest.approx((place.left + place.right) / 2, abs=0.51)
    if resize == "short_side_crop":  # what was cropped away: no gradient, and no colour
        assert (drawn(tmp_path / entry.files["rgb"])[:, :20] == 127).all()
        assert (drawn(tmp_path / entry.files["max"])[:, :20] == shown.pixels[:, :20]).all()


def test_that_a_gradient_picture_is_its_colours_its_strongest_channel_and_its_arrays(tmp_path: Path) -> None:
    shown, raw = picture(32, 32), noise(3, 32, 32)
    folder = ResultFolder(tmp_path, {shown.image: "dog"})
    entry = write_gradient_picture(folder, shown, gradient(shown, raw, method="saliency", completeness=0.02))
    assert entry.files == {"rgb": "dog_saliency_rgb.png", "max": "dog_saliency_max.png", "arrays": "dog_saliency.npz"}
    assert (entry.completeness, entry.layer, entry.target) == (0.02, None, "dog")
    assert np.abs(drawn(tmp_path / entry.files["rgb"]).astype(int) - gradient_rgb(raw)).max() <= 1
    strongest = np.unravel_index(np.abs(raw).max(axis=0).argmax(), (32, 32))
    assert drawn(tmp_path / entry.files["max"])[strongest].tolist() == colour_table("viridis")[-1].tolist()
    with np.load(tmp_path / "dog_saliency.npz") as arrays:
        assert set(arrays) == {"gradient", "class_index", "score", "probability", "layer", "target"}
        assert (arrays["gradient"] == raw).all()


def test_that_a_grey_networks_gradient_is_grey(tmp_path: Path) -> None:
    shown = picture(32, 32)
    folder = ResultFolder(tmp_path, {shown.image: "dog"})
    entry = write_gradient_picture(folder, shown, gradient(shown, noise(1, 32, 32)))
    colours = drawn(tmp_path / entry.files["rgb"])
    assert (colours == colours[:, :, :1]).all()
    assert len(np.unique(colours)) > 20


def test_that_names_say_what_is_explained_where_there_are_several_and_suit_every_disk(tmp_path: Path) -> None:
    shown = picture()
    folder = ResultFolder(tmp_path, {shown.image: "dog"}, {(shown.image, "gradcam"), (shown.image, "saliency")})
    titles = {
        "dog − tiger cat": "dog_gradcam_layer3.2_dog-minus-tiger-cat.npz",
        "layer3, channel 12, unit 4, 5": "dog_gradcam_layer3.2_layer3-channel-12-unit-4-5.npz",
        "狗" * 100: f"dog_gradcam_layer3.2_{'狗' * 60}.npz",
    }
    for title, name in titles.items():
        assert write_heat_map(folder, shown, heat_map(shown, noise(4, 6), class_name=title)).files["arrays"] == name
    entry = write_gradient_picture(folder, shown, gradient(shown, noise(3, 32, 32), method="saliency"))
    assert entry.files["arrays"] == "dog_saliency_dog.npz"


def test_that_a_score_that_belongs_to_no_class_has_none(tmp_path: Path) -> None:
    shown = picture()
    heat = heat_map(shown, noise(4, 6))
    unit = Explained(title="layer3, channel 12", score=0.5)
    entry = write_heat_map(
        ResultFolder(tmp_path, {shown.image: "dog"}), shown, dataclasses.replace(heat, explained=unit)
    )
    assert (entry.target, entry.class_index, entry.class_name, entry.probability) == (unit.title, None, None, None)
    with np.load(tmp_path / entry.files["arrays"]) as arrays:
        assert set(arrays) == {"cam", "cam_input", "score", "layer", "target"}


def test_that_entries_have_the_parameters_they_were_made_with(tmp_path: Path) -> None:
    shown = picture()
    folder = ResultFolder(tmp_path, {shown.image: "dog"})
    folder.parameters = {"gradcam": {"fuse": "mean", "aug_smooth": True}}
    entry = write_heat_map(folder, shown, heat_map(shown, noise(4, 6)))
    assert entry.parameters == {"fuse": "mean", "aug_smooth": True}
    assert msgspec.json.decode(msgspec.json.encode(entry), type=ResultEntry) == entry
