"""The networks that another one can be compared with: those that were open in this session."""

from pathlib import PurePath

from PySide6.QtCore import QCoreApplication

from cnnviz_desktop.core.description import as_built
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.references import written
from cnnviz_desktop.ui.comparison.choice_popup import Offer
from cnnviz_desktop.ui.comparison.comparison import OtherNetwork
from cnnviz_desktop.ui.opening.reference_words import origin

translate = QCoreApplication.translate


class OpenedNetworks:
    """Networks that have opened, so that nothing about them has to be asked any more; the newest first.

    One that is opened again with other preprocessing or other class names is the same network, as it was opened last.
    """

    def __init__(self) -> None:
        self._opened: dict[str, tuple[OtherNetwork, str]] = {}  # each with the path of its weights

    def remember(self, outline: Outline, allowed_keys: tuple[str, ...]) -> None:
        """Keep a network that is open, before those that were opened earlier."""
        key = _key(outline)
        self._opened.pop(key, None)
        opened = OtherNetwork(outline.network, outline.name, allowed_keys), outline.description.weights or ""
        self._opened = {key: opened, **self._opened}

    def other(self, key: str, outline: Outline) -> OtherNetwork | None:
        """The network of an offer, called so that it can be told from the one it is compared with."""
        if key not in self._opened:
            return None
        network, weights = self._opened[key]
        if network.name != outline.name:
            return network
        return network._replace(name=f"{network.name} ({_what_differs(weights, outline.description.weights or '')})")

    def offers(self, outline: Outline) -> tuple[Offer, ...]:
        """All but the one that is looked at."""
        found = []
        for key, (network, weights) in self._opened.items():
            other = self.other(key, outline)
            if other is not None and key != _key(outline):
                tip = "\n".join(filter(None, (origin(network.network), weights)))
                found.append(Offer(key, other.name, translate("Comparison", "Opened before"), tip=tip))
        return tuple(found)


def _key(outline: Outline) -> str:
    return written(as_built(outline.description))


def _what_differs(path: str, other: str) -> str:
    """The innermost part of a path in which it differs from another one; words where it does not."""
    parts, others = PurePath(path).parts[::-1], PurePath(other).parts[::-1]
    differing = (part for part, its in zip(parts, others, strict=False) if part != its)
    return next(differing, translate("Comparison", "opened before"))
