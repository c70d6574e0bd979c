"""One entry of the catalogue of methods."""

from dataclasses import dataclass
from typing import Literal

from cnnviz_desktop.core.errors import RequestError
from cnnviz_desktop.core.near_names import did_you_mean
from cnnviz_desktop.core.parameters import Parameter
from cnnviz_desktop.core.requests import ParameterValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One method of the catalogue.

    Attributes:
        id: Its name in requests, on the command line and in manifests.
        title: What people call it.
        family: Heading it stands under.
        summary: One sentence: what it shows.
        formula: The equation, in plain text.
        paper: Author, year, title; empty where there is none.
        needs_image: Whether it needs an image.
        needs_layer: Whether it is about layers.
        gives: What it makes to explain a target: a heat ``map``, or a ``picture`` of the input's size in colour; empty
            where it explains none.
        streams: Whether it takes many passes through the network, so that its result arrives bit by bit.
        joins_layers: Whether it always makes one map of several layers.
        ignores_target: Whether its map is the same whatever is explained.
        parameters: What can be set.
    """

    id: str
    title: str
    family: str
    summary: str
    formula: str = ""
    paper: str = ""
    needs_image: bool = True
    needs_layer: bool = False
    gives: Literal["", "map", "picture"] = ""
    streams: bool = False
    joins_layers: bool = False
    ignores_target: bool = False
    parameters: tuple[Parameter, ...] = ()

    @property
    def needs_target(self) -> bool:
        """Whether it explains a class, a channel, a unit or a region."""
        return bool(self.gives)

    def known(self, given: dict[str, ParameterValue]) -> dict[str, ParameterValue]:
        """Those of the values given that are for parameters of this method."""
        keys = {parameter.key for parameter in self.parameters}
        return {key: value for key, value in given.items() if key in keys}

    def values(self, given: dict[str, ParameterValue]) -> dict[str, ParameterValue]:
        """All parameters' values: those given, checked, and the defaults of the others.

        Raises:
            RequestError: A key the method does not have, or a value a parameter cannot take.
        """
        known = {parameter.key: parameter for parameter in self.parameters}
        strange = sorted(set(given) - set(known))
        if strange:
            has = f"it has {', '.join(known) or 'none'}.{did_you_mean(strange[0], known)}"
            raise RequestError(f"{self.title} has no parameter “{strange[0]}”; {has}")
        return {key: parameter.check(given.get(key, parameter.default)) for key, parameter in known.items()}
