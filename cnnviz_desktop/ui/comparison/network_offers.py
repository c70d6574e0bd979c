"""The networks that another one can be compared with: those that were open in this session."""

from PySide6.QtCore import QCoreApplication

from cnnviz_desktop.core.description import NetworkRef
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.references import written
from cnnviz_desktop.ui.comparison.choice_popup import Offer
from cnnviz_desktop.ui.comparison.comparison import OtherNetwork

translate = QCoreApplication.translate


class OpenedNetworks:
    """Networks that have opened, so that nothing about them has to be asked any more; the newest first."""

    def __init__(self) -> None:
        self._opened: dict[str, OtherNetwork] = {}

    def remember(self, outline: Outline, allowed_keys: tuple[str, ...]) -> None:
        """Keep a network that is open, before those that were opened earlier."""
        key = written(outline.network)
        self._opened.pop(key, None)
        self._opened = {key: OtherNetwork(outline.network, outline.name, allowed_keys), **self._opened}

    def of_key(self, key: str) -> OtherNetwork | None:
        """The network of an offer."""
        return self._opened.get(key)

    def offers(self, network: NetworkRef) -> tuple[Offer, ...]:
        """All but the one that is looked at."""
        return tuple(
            Offer(key, each.name, translate("Comparison", "Opened before"), tip=key)
            for key, each in self._opened.items()
            if each.network != network
        )
