"""What every source of networks gives."""

from dataclasses import dataclass

from torch import nn

from cnnviz_desktop.core.description import NetworkDescription, NetworkRef, Preprocessing
from cnnviz_desktop.engine.networks.unsaid_recipe import unsaid_recipe_note


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LoadedNetwork:
    """A network that has been built and has its weights.

    Attributes:
        reference: The reference it was opened by.
        description: What that stands for.
        module: The network on the CPU, in evaluation mode.
        preprocessing: How a picture becomes its input.
        class_names: One name a class, in order; empty where none are given. Not yet compared with its outputs.
        weights_sha256: Hash of the weights file, or of all tensors where there is no file; 64 hexadecimal digits.
        building_notes: Sentences about what was found when it was built and given its weights.
        weights_parts: Where in the weights file there are weights that fit; the ones taken first.
        recipe: The preprocessing of its weights, or where they have none of its architecture; None where neither says.
        own_class_names: The names that came with its weights or architecture; empty where none did.
        hidden: Why none of its layers can be watched, in sentences; empty where they can.
    """

    reference: NetworkRef
    description: NetworkDescription
    module: nn.Module
    preprocessing: Preprocessing
    class_names: tuple[str, ...]
    weights_sha256: str
    building_notes: tuple[str, ...] = ()
    weights_parts: tuple[str, ...] = ()
    recipe: Preprocessing | None = None
    own_class_names: tuple[str, ...] = ()
    hidden: str = ""

    @property
    def name(self) -> str:
        """What people call it."""
        return self.description.name

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about what was found on opening, and about how it is fed where nothing says that."""
        return (*self.building_notes, *unsaid_recipe_note(self.description, self.preprocessing))
