"""Official weights: which file they are, and the recipe and class names that come with them."""

from dataclasses import dataclass
from pathlib import Path

from cnnviz_desktop.core.description import NetworkDescription, Preprocessing
from cnnviz_desktop.core.errors import NetworkError


@dataclass(frozen=True, slots=True, kw_only=True)
class Pretrained:
    """Official weights that are on this machine.

    Attributes:
        file: The weights file.
        preprocessing: How pictures were prepared when they were trained.
        class_names: One name a class, in order.
    """

    file: Path
    preprocessing: Preprocessing
    class_names: tuple[str, ...]


def pretrained_of(description: NetworkDescription) -> Pretrained:
    """The official weights that a description names.

    Raises:
        NetworkError: There are none of that name, or they are not on this machine.
    """
    name = description.architecture.given
    raise NetworkError(f"The weights “{description.pretrained}” of {name} are not on this machine.")
