import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnnviz_desktop.core.rendering import Limits, colour_table
from cnnviz_desktop.core.results import ByteArray
from cnnviz_desktop.figures import sheets
from cnnviz_desktop.figures.result_panels import feature_maps_panel, heat_map_panel, kernels_panel, picture_panel
from cnnviz_desktop.figures.sheets import Panel, write_sheet
from tests.figures.made import heat_map, noise, picture


def pixels_of(path: Path) -> ByteArray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def share(pixels: ByteArray, colour: ByteArray) -> float:
    return float((np.abs(pixels.astype(int) - colour).max(axis=-1) <= 1).mean())


def test_that_cells_have_the_colours_of_their_values(tmp_path: Path) -> None:
    values = np.array([[0, 1], [5, np.nan]], dtype=np.float32)
    write_sheet(tmp_path / "cells.png", "Cells", [[Panel("four", values=values, limits=Limits(0, 4))]])
    drawn = pixels_of(tmp_path / "cells.png")
    table = colour_table("viridis")
    quarter = 0.25 * 2.3**2 * 150**2 / drawn[:, :, 0].size
    for colour in (table[1], table[255], np.array([128, 128, 128])):
        assert share(drawn, colour) == pytest.approx(quarter, rel=0.1)


def test_that_a_masked_place_is_blank(tmp_path: Path) -> None:
    values = np.ma.array(np.ones((2, 2), dtype=np.float32), mask=[[True, True], [False, False]])
    write_sheet(tmp_path / "cells.png", "Cells", [[Panel("half", values=values, limits=Limits(0, 1))]])
    top = colour_table("viridis")[255]
    drawn = pixels_of(tmp_path / "cells.png")
    assert share(drawn, top) == pytest.approx(0.5 * 2.3**2 * 150**2 / drawn[:, :, 0].size, rel=0.1)


def test_that_a_sheet_of_heat_maps_has_a_place_for_each(tmp_path: Path) -> None:
    shown = picture()
    row = [picture_panel(shown, "dog.png"), heat_map_panel(shown, heat_map(shown, noise(4, 6), "short_side_crop"))]
    notes = write_sheet(tmp_path / "one.png", "Where it looks", [row])
    assert notes == ()
    write_sheet(tmp_path / "two.png", "Where it looks", [row, row])
    one, two = pixels_of(tmp_path / "one.png"), pixels_of(tmp_path / "two.png")
    assert one.shape[1] == two.shape[1]
    assert two.shape[0] > 1.6 * one.shape[0]


def test_that_a_thread_of_a_picture_can_be_drawn(tmp_path: Path) -> None:
    write_sheet(tmp_path / "thread.png", "Thread", [[picture_panel(picture(1, 400), "thin")]])
    assert pixels_of(tmp_path / "thread.png").shape[1] > 300


def test_that_fonts_in_a_pdf_are_kept_as_fonts(tmp_path: Path) -> None:
    write_sheet(tmp_path / "sheet.pdf", "Kernels", [[kernels_panel(noise(4, 2, 3, 3), "conv", "convolution 3×3")]])
    content = (tmp_path / "sheet.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert b"/Type3" not in content
    assert b"/Type42" in content or b"/CIDFontType2" in content


def test_that_a_font_with_one_weight_alone_draws_without_complaint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sheets, "_CHINESE_FONTS", ("DejaVu Sans Display",))  # matplotlib brings it, not in bold
    write_sheet(tmp_path / "plain.png", "Where it looks", [[picture_panel(picture(), "dog.png")]])
    assert caplog.messages == []


def test_that_letters_without_a_font_are_told(tmp_path: Path) -> None:
    (note,) = write_sheet(tmp_path / "runes.png", "ᚠᚢᚦ", [[picture_panel(picture(), "")]])
    assert "runes.png" in note


def test_that_a_mosaic_shows_every_channel_in_its_place() -> None:
    maps = np.zeros((5, 2, 3), dtype=np.float32)
    maps[4] = 7
    panel = feature_maps_panel(maps, "layer1")
    assert panel.values is not None
    height, width = panel.values.shape
    rows, columns = np.nonzero(np.ma.filled(panel.values, 0) == 7)
    assert rows.min() > height / 2 - 2
    assert columns.min() > width / 3
    assert columns.max() < 2 * width / 3
    assert np.ma.getmaskarray(panel.values)[-1, -1]  # the sixth place is empty
    assert "5 channels, 3 × 2 cells" in panel.caption


def test_that_too_many_channels_are_told() -> None:
    panel = feature_maps_panel(np.ones((2000, 1, 1), dtype=np.float32), "wide")
    assert "the first 1024 of 2000 channels" in panel.caption


def test_that_colour_kernels_have_grey_for_nothing() -> None:
    weights = np.zeros((1, 3, 1, 1), dtype=np.float32)
    weights[0, 0] = 0.5
    weights[0, 2] = -0.5
    panel = kernels_panel(weights, "stem", "convolution 1×1")
    assert panel.pixels is not None
    assert panel.pixels[0, 0].tolist() == [255, 128, 0]


def test_that_drawing_needs_neither_pyplot_nor_torch(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib, numpy\n"
        "from cnnviz_desktop.figures.sheets import Panel, write_sheet\n"
        "assert 'matplotlib' not in sys.modules\n"
        "panel = Panel('map', values=numpy.ones((2, 2), dtype='float32'))\n"
        "write_sheet(pathlib.Path(sys.argv[1]), 'Map', [[panel]])\n"
        "print(*(name for name in ('matplotlib.pyplot', 'torch', 'PySide6', 'cv2') if name in sys.modules))\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "map.png")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
    assert (tmp_path / "map.png").is_file()
