"""Official weights: which file they are, and the recipe and class names that come with them."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from cnnviz_desktop.core.description import NetworkDescription, Preprocessing
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.official_weights import OfficialWeights
from cnnviz_desktop.engine.networks.official.weights_store import weights_here

_PUBLISHERS = {"torchvision": "torchvision_models", "timm": "timm_models"}
"""Module under `engine.networks` whose `trained_weights` tells of official weights, by what an architecture names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainedWeights:
    """Official weights as their publisher describes them.

    Attributes:
        official: The file.
        preprocessing: How pictures were prepared when they were trained.
        class_names: One name a class, in order; empty where the publisher tells none.
    """

    official: OfficialWeights
    preprocessing: Preprocessing
    class_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pretrained:
    """Official weights that are on this machine.

    Attributes:
        file: The weights file.
        trained: What its publisher tells of it.
    """

    file: Path
    trained: TrainedWeights

    @property
    def preprocessing(self) -> Preprocessing:
        """How pictures were prepared when they were trained."""
        return self.trained.preprocessing

    @property
    def class_names(self) -> tuple[str, ...]:
        """One name a class, in order."""
        return self.trained.class_names


def trained_weights(description: NetworkDescription) -> TrainedWeights:
    """The official weights that a description names.

    Raises:
        NetworkError: It names none, or there are none of that name.
    """
    publisher = _PUBLISHERS.get(description.architecture.kind)
    if publisher is None or description.pretrained is None:
        raise NetworkError(
            f"{description.name} names no official weights. Write torchvision:NAME@WEIGHTS or timm:NAME@TAG; "
            "“cnnviz list networks” shows what there is."
        )
    found: TrainedWeights = import_module(f"cnnviz_desktop.engine.networks.{publisher}").trained_weights(description)
    return found


def official_weights(description: NetworkDescription) -> OfficialWeights:
    """The file of the official weights that a description names.

    Raises:
        NetworkError: It names none, or there are none of that name.
    """
    return trained_weights(description).official


def pretrained_of(description: NetworkDescription) -> Pretrained:
    """The official weights that a description names, on this machine.

    Raises:
        NetworkError: There are none of that name.
        WeightsNeeded: They are not on this machine.
    """
    trained = trained_weights(description)
    return Pretrained(file=weights_here(trained.official), trained=trained)
