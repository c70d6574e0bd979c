"""Errands: requests that open no network. The window makes them; their `network` says what they are about."""

from cnnviz_desktop.core.catalog.method import Method
from cnnviz_desktop.core.parameters import TextParameter

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
        parameters=(
            TextParameter(
                key="mirrors",
                label="Mirrors",
                help="addresses that stand in for the publisher's, separated by spaces; tried in order before it",
                default="",
            ),
        ),
    ),
    Method(
        id="import_weights",
        title="Import weights",
        family=_FAMILY,
        summary="Copies the official weights that the network names from a file to where they belong.",
        needs_image=False,
        parameters=(
            TextParameter(key="file", label="File", help="path of the weights as they were brought here", default=""),
        ),
    ),
    Method(
        id="checkpoint",
        title="Look into a weights file",
        family=_FAMILY,
        summary="What the weights file at the network's place holds, and which networks it may belong to.",
        needs_image=False,
    ),
)
