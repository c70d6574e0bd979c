"""Figures to look at: panels in rows, each with its title and a colour bar with true values.

matplotlib's `Figure` objects alone, never pyplot; matplotlib is imported when the first sheet is drawn.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cnnviz_desktop.core.atomic_files import replacing
from cnnviz_desktop.core.geometry import Box, Size
from cnnviz_desktop.core.rendering import PERCEPTUAL, Limits, colour_table
from cnnviz_desktop.core.results import ByteArray, FloatArray

if TYPE_CHECKING:
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

DOTS_PER_INCH = 150
_MARGIN, _HEADING, _CAPTION, _BAR, _BAR_LABELS, _GAP = 0.15, 0.25, 0.34, 0.09, 0.55, 0.14  # inches
_CHINESE_FONTS = ("Noto Sans CJK SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Microsoft YaHei", "PingFang SC")
UNIT = Limits(0.0, 1.0)
_GREY, _BLANK = (0.5, 0.5, 0.5), (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One picture of a sheet.

    Attributes:
        caption: One or two lines above it.
        pixels: (H, W, 3) uint8 picture, or None where there are values alone.
        values: (h, w) float32, coloured between `limits`, over the pixels where there are any; None for none. What is
            not finite is grey, what is masked stays blank.
        limits: Values of the first and the last colour.
        colours: Name of the colour map.
        box: Where the values lie in the picture's coordinates; all over it where None.
        smooth: Whether values are drawn bilinear rather than as cells.
        opacity: Of the values over the pixels, 0–1.
        scale: What the colour bar's values are.
    """

    caption: str
    pixels: ByteArray | None = None
    values: FloatArray | None = None
    limits: Limits = UNIT
    colours: str = PERCEPTUAL
    box: Box | None = None
    smooth: bool = False
    opacity: float = 0.5
    scale: str = ""

    @property
    def size(self) -> Size:
        """Extent of what is drawn, in pixels or cells."""
        shown = self.pixels if self.pixels is not None else self.values
        return Size(*shown.shape[:2]) if shown is not None else Size(1, 1)


def write_sheet(path: Path, title: str, rows: Sequence[Sequence[Panel]], side: float = 2.3) -> tuple[str, ...]:
    """Draw panels in rows into a PNG, PDF or SVG file, going by the path's suffix.

    Args:
        path: The file.
        title: Heading of the sheet.
        rows: At least one, each with at least one panel; rows may differ in length.
        side: Longer side of each picture, in inches.

    Returns:
        Sentences about what could not be drawn as it should be, such as letters that no font has.

    Raises:
        OutputError: The file cannot be written.
    """
    from matplotlib import font_manager, rc_context
    from matplotlib.figure import Figure

    known = set(font_manager.get_font_names())
    fonts = ["DejaVu Sans", *(font for font in _CHINESE_FONTS if font in known)]
    with rc_context({"pdf.fonttype": 42, "svg.fonttype": "none", "font.family": fonts, "font.size": 8}):
        figure = Figure()
        _lay_out(figure, title, rows, side)
        with warnings.catch_warnings(record=True) as complaints, replacing(path) as file:
            warnings.simplefilter("always")
            figure.savefig(file, format=path.suffix.removeprefix("."), dpi=DOTS_PER_INCH)
    if any("missing from font" in str(one.message) for one in complaints):
        return (f"No font here has all letters of {path.name}: the others show as boxes.",)
    return ()


def _lay_out(figure: "Figure", title: str, rows: Sequence[Sequence[Panel]], side: float) -> None:
    """Place everything by hand in inches: matplotlib's own layout takes seconds for many panels."""
    extents = [[_inches(panel.size, side) for panel in row] for row in rows]
    heights = [max(height for _, height in row) + _CAPTION for row in extents]
    bars = any(panel.values is not None for row in rows for panel in row)
    column = max(width for row in extents for width, _ in row) + _GAP + bars * (_BAR + _BAR_LABELS)
    width = max(len(row) for row in rows) * column + 2 * _MARGIN
    height = sum(heights) + (len(rows) - 1) * _GAP + _HEADING + 2 * _MARGIN
    figure.set_size_inches(width, height)
    figure.text(_MARGIN / width, 1 - _MARGIN / height, title, va="top", fontsize=12)  # no font for Chinese is bold
    bottom = height - _MARGIN - _HEADING
    for row, sizes, tall in zip(rows, extents, heights, strict=True):
        top = bottom - _CAPTION
        bottom -= tall
        for place, (panel, (wide, high)) in enumerate(zip(row, sizes, strict=True)):
            left = _MARGIN + place * column
            picture = (left / width, (top - high) / height, wide / width, high / height)
            bar = ((left + wide + _GAP / 2) / width, (top - high) / height, _BAR / width, high / height)
            _draw(figure, panel, picture, bar)
        bottom -= _GAP


def _inches(size: Size, side: float) -> tuple[float, float]:
    """(width, height) of a picture whose longer side is `side`; a thread of a picture is drawn as a strip."""
    longer = max(size)
    return max(0.3, side * size.width / longer), max(0.3, side * size.height / longer)


_Place = tuple[float, float, float, float]


def _draw(figure: "Figure", panel: Panel, picture: _Place, bar: _Place) -> None:
    axes = figure.add_axes(picture)
    axes.set_axis_off()
    axes.set_title(panel.caption, loc="left", fontsize=8, pad=3)
    height, width = panel.size
    whole = (0, width, height, 0)
    if panel.pixels is not None:
        axes.imshow(panel.pixels, extent=whole, aspect="auto", interpolation="antialiased")
    if panel.values is not None:
        box = panel.box
        image = axes.imshow(
            _drawable(panel.values, panel.limits),
            cmap=_colour_map(panel.colours),
            vmin=panel.limits.low,
            vmax=panel.limits.high,
            extent=whole if box is None else (box.left, box.right, box.bottom, box.top),
            aspect="auto",
            interpolation="bilinear" if panel.smooth else "none",
            alpha=panel.opacity if panel.pixels is not None else None,
        )
        axes.set_xlim(0, width)
        axes.set_ylim(height, 0)
        scale = figure.colorbar(image, cax=figure.add_axes(bar))
        if scale.solids is not None:
            scale.solids.set_alpha(1)
        scale.outline.set_visible(False)
        scale.ax.tick_params(labelsize=6.5, length=2, width=0.5)
        scale.set_label(panel.scale, fontsize=6.5)


def _colour_map(name: str) -> "Colormap":
    """The program's own colour map of that name, so that sheets and window agree."""
    from matplotlib.colors import ListedColormap

    return ListedColormap(colour_table(name)[1:] / 255).with_extremes(under=_GREY, bad=_BLANK)


def _drawable(values: FloatArray, limits: Limits) -> FloatArray:
    """Values clipped to the limits, and below them, where the grey is, those that are not finite."""
    low, high = limits
    clipped: FloatArray = np.where(np.isfinite(values), np.clip(values, low, high), low - max(high - low, 1))
    return np.ma.array(clipped, mask=np.ma.getmask(values))
