"""The networks that the installed libraries can build, as plain data."""

from dataclasses import dataclass
from typing import Literal

from cnnviz_desktop.core.official_weights import OfficialWeights

Library = Literal["torchvision", "timm"]
Task = Literal["classification", "segmentation", "detection"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryNetwork:
    """One network that a library can build.

    Attributes:
        library: Whose it is.
        name: As the library calls it.
        family: What it is a member of, as the library calls that: ``ResNet``, ``vision_transformer``.
        task: What it is for.
        parameters: How many it has; None where that is not known without building it.
        macs: Multiply–accumulates of one pass at the size of its recommended weights; None where the library does not
            tell them.
        weights: Its official weights, the recommended ones first.
        here: Names of those that are on this machine.
    """

    library: Library
    name: str
    family: str
    task: Task
    parameters: int | None = None
    macs: int | None = None
    weights: tuple[OfficialWeights, ...] = ()
    here: frozenset[str] = frozenset()

    @property
    def reference(self) -> str:
        """What opens it with random weights."""
        return f"{self.library}:{self.name}@random"

    def is_found_by(self, text: str) -> bool:
        """Whether each word of a search occurs in its name, family, library or task, whatever the case."""
        told = f"{self.name} {self.family} {self.library} {self.task}".casefold()
        return all(word in told for word in text.casefold().split())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkCatalogue:
    """Every network that the installed libraries can build.

    Attributes:
        networks: The networks, those of one library and task together.
        missing: What is not among them, in sentences: that timm is not installed, and how to get it.
    """

    networks: tuple[LibraryNetwork, ...]
    missing: tuple[str, ...] = ()
