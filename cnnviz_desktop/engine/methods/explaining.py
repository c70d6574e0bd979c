"""What a method that explains a target is: what it needs of a pass, and the maps it makes from it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from cnnviz_desktop.core.catalog import Method
from cnnviz_desktop.core.errors import LayerError
from cnnviz_desktop.core.requests import LayerRef, ParameterValue
from cnnviz_desktop.engine.explanation import Explanation
from cnnviz_desktop.engine.passes import Wanted
from cnnviz_desktop.engine.workbench import Workbench


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A method as it is asked for.

    Attributes:
        method: The catalogue's entry.
        parameters: Every parameter, checked, defaults filled in.
        layers: The layers it is asked for; the suggested one where none was named.
        bench: The network.
        seed: Of its random choices.
    """

    method: Method
    parameters: dict[str, ParameterValue]
    layers: tuple[LayerRef, ...]
    bench: Workbench
    seed: int

    def flag(self, key: str) -> bool:
        """Value of a yes-or-no parameter; False where the method does not have it."""
        return bool(self.parameters.get(key, False))

    def number(self, key: str) -> float:
        """Value of a number parameter."""
        return float(self.parameters[key])

    def choice(self, key: str) -> str:
        """Value of a choice parameter; empty where the method does not have it."""
        return str(self.parameters.get(key, ""))


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a method made for one row, before it becomes a result.

    Attributes:
        row: The row of the explanation.
        layer: The layer it belongs to; None where that is the network's input.
        raw: (h, w) tensor of a map, or (C, H, W) of a picture; signed.
        done: Share of the work that is in it, 0–1.
        completeness: |Σ of all terms − S| / |S|, where the terms should add up.
        notes: What to know before believing it, in sentences.
        sums: What there is to say of what its terms add up to, in sentences.
        name: The layers' names in words, where there are several.
    """

    row: int
    layer: LayerRef | None
    raw: Tensor
    done: float = 1.0
    completeness: float | None = None
    notes: tuple[str, ...] = ()
    sums: tuple[str, ...] = ()
    name: str = ""


class Explainer(Protocol):
    """A method that explains a target."""

    def needs(self, asked: Asked) -> Wanted:
        """What the pass must record for it.

        Raises:
            CnnvizError: The method does not apply; the sentence says why.
        """

    def explain(self, asked: Asked, explanation: Explanation) -> Iterator[Found]:
        """The maps or pictures of every row. One that takes many passes yields a row's again and again, ever sharper.

        Raises:
            CnnvizError: The method does not apply; the sentence says why.
        """


def outputs_only(asked: Asked) -> frozenset[LayerRef]:
    """The layers asked for, all of them outputs.

    Raises:
        LayerError: One is what a layer takes in.
    """
    for layer in asked.layers:
        if layer.side == "input":
            title = asked.method.title
            raise LayerError(f"{title} needs what a layer gives out: ask for {layer.name} instead of {layer}.")
    return frozenset(asked.layers)


class OfActivations:
    """A method that makes its maps of what layers take in or give out."""

    __slots__ = ()

    def needs(self, asked: Asked) -> Wanted:
        """The layers alone."""
        return Wanted(frozenset(asked.layers))


class OfGradients:
    """A method that makes its maps of what layers give out and of the gradients there."""

    __slots__ = ()

    def needs(self, asked: Asked) -> Wanted:
        """The layers and their gradients.

        Raises:
            LayerError: A layer is asked for by what it takes in.
        """
        layers = outputs_only(asked)
        return Wanted(layers, layers)


@dataclass(frozen=True, slots=True)
class OfEachRow:
    """A method that runs the network itself, once or many times, for each row, and needs nothing recorded before.

    Attributes:
        found: What it makes of an explanation of one row, given the row's number for its results.
    """

    found: Callable[[Asked, Explanation, int], Iterator[Found]]

    def needs(self, asked: Asked) -> Wanted:
        """Nothing but the input and the scores."""
        del asked
        return Wanted()

    def explain(self, asked: Asked, explanation: Explanation) -> Iterator[Found]:
        """The maps or pictures of every row, one after the other."""
        for row in range(explanation.rows):
            yield from self.found(asked, explanation.only(row), row)
