"""What there is to tell about a network's input, in words."""

from PySide6.QtCore import QCoreApplication

from cnnviz_desktop.core.network_input import NetworkInput

SLIVER = 0.5
"""Pixels of the picture that may lie beyond the input without being missed."""


def _translated(text: str) -> str:
    return QCoreApplication.translate("Preprocessing", text)


def facts(given: NetworkInput) -> str:
    """Size, smallest and largest number of each channel, and what of the picture is not seen."""
    channels, height, width = given.raw.shape
    lines = [_translated("{0} × {1} pixels, {2} channels").format(width, height, channels)]
    names = channel_words()
    for name, (low, high) in zip(given.channel_names, given.ranges, strict=True):
        lines.append(f"{names[name]}: {number(low)} … {number(high)}")
    lines.append(_translated("Drawn with mean and deviation undone."))
    if share := hidden_share(given):
        lines.append(_translated("{0} % of the picture lies outside the input.").format(f"{100 * share:.0f}"))
    return "\n".join(lines)


def value_words(given: NetworkInput, row: int, column: int) -> str:
    """The numbers at a pixel of the input."""
    names = channel_words()
    values = ", ".join(
        f"{names[name]} {number(float(value))}"
        for name, value in zip(given.channel_names, given.raw[:, row, column], strict=True)
    )
    return _translated("Input x {0}, y {1}: {2}").format(column, row, values)


def hidden_share(given: NetworkInput) -> float:
    """Share of the picture, 0–1, that the network does not see."""
    seen, whole = given.transform.seen, given.transform.original
    hidden = (seen.left, seen.top, whole.width - seen.right, whole.height - seen.bottom)
    if max(hidden) <= SLIVER:
        return 0.0
    return 1 - (seen.right - seen.left) * (seen.bottom - seen.top) / (whole.width * whole.height)


def channel_words() -> dict[str, str]:
    """The channels' names for people."""
    return {
        "red": _translated("red"),
        "green": _translated("green"),
        "blue": _translated("blue"),
        "grey": _translated("grey"),
    }


def number(value: float) -> str:
    """A number with four digits and a minus sign."""
    return f"{value:.4g}".replace("-", "−")
