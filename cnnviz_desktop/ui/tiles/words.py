"""What a grid of tiles says about its scale and its tiles."""

from PySide6.QtCore import QCoreApplication

from cnnviz_desktop.core.rendering import Limits
from cnnviz_desktop.ui.colours.colour_bar import number_text
from cnnviz_desktop.ui.colours.colour_controls import ColourChoice, DrawnLimits
from cnnviz_desktop.ui.tiles.scale import TileScale
from cnnviz_desktop.ui.tiles.stack import TileStack

translate = QCoreApplication.translate


def range_text(limits: Limits) -> str:
    """“−0.31 … 4.2”."""
    return f"{number_text(limits.low)} … {number_text(limits.high)}"


def scale_in_words(stack: TileStack, scale: TileScale, reduce: int = 1) -> str:
    """Whose scale the tiles have, between which values, and what the raw values' range is.

    Args:
        stack: The tiles.
        scale: Their scale.
        reduce: How many cells, squared, a pixel is the mean of.
    """
    raw, choice = stack.overall, scale.choice
    if not stack.known.any():
        return ""
    drawn = scale.shared_drawn(stack) if scale.is_shared else None
    if drawn is not None:
        said = [translate("TileWords", "One scale for all maps: {0}.").format(range_text(drawn.single))]
    else:
        said = [translate("TileWords", "Each map has a scale of its own: colours do not compare between maps.")]
    said += limits_in_words(choice, drawn, centred=scale.centres(stack), sampled=scale.is_sampled(stack))
    said.append(translate("TileWords", "Raw range {0}.").format(range_text(raw)))
    if reduce > 1:
        said.append(translate("TileWords", "Every pixel is the mean of {0} × {0} cells.").format(reduce))
    return " ".join(said)


def limits_in_words(choice: ColourChoice, drawn: DrawnLimits | None, *, centred: bool, sampled: bool) -> list[str]:
    """How the limits came about, in sentences; none for a full range.

    Args:
        choice: What the user chose.
        drawn: The one scale that came of it; None where every map has its own.
        centred: Whether 0 lies in the middle.
        sampled: Whether percentiles are those of a random sample.
    """
    if choice.limits_mode == "fixed":
        return [translate("TileWords", "Limits fixed by hand.")]
    said = []
    if choice.limits_mode == "percentiles":
        if drawn is None:
            text = translate(
                "TileWords", "Limits at {0:g} % and {1:g} % of the map’s values; where those coincide, all."
            )
        elif drawn.coincide:
            text = translate(
                "TileWords", "{0:g} % and {1:g} % of the values are the same value, so the limits are the full range."
            )
        else:
            text = translate("TileWords", "Limits at {0:g} % and {1:g} % of the values.")
        said.append(text.format(*choice.percentiles))
        if sampled:
            said.append(translate("TileWords", "The percentiles are those of a random sample."))
    if centred:
        said.append(translate("TileWords", "Centred at 0: the farther limit holds on both sides."))
    return said


def statistics_line(stack: TileStack, tile: int, name: str) -> str:
    """A tile's statistics in a line; why there are none where there are none."""
    numbers = stack.statistics
    if not stack.known[tile]:
        arrived = bool(stack.arrived[tile])
        return name + (translate("TileWords", ": every value is NaN or infinite") if arrived else " …")
    words = translate("TileWords", "{name}: mean {mean}, {low} … {high}, RMS {energy}, {zeros} % zeros").format(
        name=name,
        mean=number_text(float(numbers.mean[tile])),
        low=number_text(float(numbers.minimum[tile])),
        high=number_text(float(numbers.maximum[tile])),
        energy=number_text(float(numbers.energy[tile])),
        zeros=f"{100 * numbers.zeros[tile]:.1f}",
    )
    if stack.constant[tile]:
        words += translate("TileWords", ", constant")
    if numbers.finite[tile] < 1:
        words += translate("TileWords", ", {0} % NaN or infinite").format(f"{100 * (1 - numbers.finite[tile]):.1f}")
    return words
