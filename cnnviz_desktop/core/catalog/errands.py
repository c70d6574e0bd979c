"""Errands: requests that open no network. The window makes them; their `network` says what they are about."""

from cnnviz_desktop.core.catalog.method import Method

_FAMILY = "Before a network is open"

ERRANDS: tuple[Method, ...] = (
    Method(
        id="networks",
        title="Networks to open",
        family=_FAMILY,
        summary="The networks that the installed libraries can build, with their official weights.",
        needs_image=False,
    ),
    Method(
        id="download",
        title="Download weights",
        family=_FAMILY,
        summary="Fetches the official weights that the network names.",
        needs_image=False,
    ),
    Method(
        id="checkpoint",
        title="Look into a weights file",
        family=_FAMILY,
        summary="What the weights file at the network's place holds, and which networks it may belong to.",
        needs_image=False,
    ),
)
