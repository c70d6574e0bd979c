import pytest

from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.ui.tiles.layout import ZOOM_STEPS, TileLayout, Zoom, fitting_step, next_step

LAYOUTS = [
    TileLayout(count=11, cells=Size(3, 5), zoom=Zoom(magnify=4), columns=4, gap=3, caption=7),
    TileLayout(count=1, cells=Size(1, 1), zoom=Zoom(magnify=32), columns=1, gap=1),
    TileLayout(count=9, cells=Size(7, 6), zoom=Zoom(reduce=3), columns=5, gap=2, caption=0),
]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_that_every_pixel_belongs_to_the_cell_that_is_drawn_there(layout: TileLayout) -> None:
    """Against a canvas painted cell by cell."""
    drawn: dict[tuple[int, int], tuple[int, int, int]] = {}
    side, reduce = layout.zoom.magnify, layout.zoom.reduce
    for position in range(layout.count):
        left = layout.gap + (position % layout.columns) * layout.pitch.width
        top = layout.gap + (position // layout.columns) * layout.pitch.height
        for block_row in range(-(-layout.cells.height // reduce)):
            for block_column in range(-(-layout.cells.width // reduce)):
                for y in range(side):
                    for x in range(side):
                        point = left + block_column * side + x, top + block_row * side + y
                        drawn[point] = position, block_row * reduce, block_column * reduce
    for y in range(-2, layout.extent.height + 2):
        for x in range(-2, layout.extent.width + 2):
            assert layout.place_at(x, y) == drawn.get((x, y)), (x, y)


def test_that_a_caption_belongs_to_its_tile_and_a_gap_to_none() -> None:
    layout = LAYOUTS[0]
    left, top, width, height = layout.rectangle(6)
    assert layout.position_at(left + 1, top + height + layout.caption - 1) == 6
    assert layout.place_at(left + 1, top + height) is None
    assert layout.position_at(left + 1, top + height + layout.caption) is None
    assert layout.position_at(left + width, top) is None


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("height", [1, 10, 33, 500])
def test_that_the_rows_in_sight_are_those_that_overlap_the_view(layout: TileLayout, height: int) -> None:
    for top in range(layout.extent.height):
        overlapping = [
            row
            for row in range(layout.rows)
            if layout.rectangle(row * layout.columns).top < top + height
            and layout.rectangle(row * layout.columns).top + layout.pitch.height > top
        ]
        assert list(layout.rows_within(top, height)) == overlapping


@pytest.mark.parametrize(("cells", "step"), [(14, 4), (7, 8), (56, 1), (112, -2), (224, -4), (1, 48), (9000, -16)])
def test_that_maps_of_any_size_become_tiles_of_about_one_size(cells: int, step: int) -> None:
    assert fitting_step(Size(cells, cells), 56) == step


def test_that_zoom_steps_end_at_both_ends() -> None:
    assert next_step(1, 1) == 2
    assert next_step(1, -1) == -2
    assert next_step(ZOOM_STEPS[0], -1) == ZOOM_STEPS[0]
    assert next_step(ZOOM_STEPS[-1], 1) == ZOOM_STEPS[-1]


@pytest.mark.parametrize(("step", "ratio", "zoom"), [(4, 1.5, Zoom(6)), (1, 1.25, Zoom(1)), (-4, 2.0, Zoom(1, 2))])
def test_that_a_cell_is_a_whole_number_of_device_pixels(step: int, ratio: float, zoom: Zoom) -> None:
    assert Zoom.of(step, ratio) == zoom
