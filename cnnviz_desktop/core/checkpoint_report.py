"""What a weights file holds, and which networks it may belong to, as plain data."""

from dataclasses import dataclass
from pathlib import Path

from cnnviz_desktop.core.description import Architecture, NetworkDescription


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointPart:
    """One dictionary of tensors in a weights file.

    Attributes:
        place: Where it is in the file, as ``weights_part`` of a description names it; empty for the top level.
        keys: Number of tensors.
        parameters: Number of values in them.
        dtypes: Their types: ``float32``.
    """

    place: str
    keys: int
    parameters: int
    dtypes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchitectureGuess:
    """A network that a weights file may belong to.

    Attributes:
        architecture: What builds it; the number of classes is left to be read from the file when it is opened.
        classes: Number of classes that the file's last layer has, where that is another one than the network's own.
        head: In words, a head that was replaced by hand; empty where it is the network's own.
        keys: Number of keys of the network.
        missing: How many of them the file lacks.
        unexpected: How many keys of the file the network does not know.
        misshaped: How many keys have another shape in the file.
    """

    architecture: Architecture
    classes: int | None = None
    head: str = ""
    keys: int = 0
    missing: int = 0
    unexpected: int = 0
    misshaped: int = 0

    @property
    def misfits(self) -> int:
        """Number of keys that do not fit."""
        return self.missing + self.unexpected + self.misshaped

    @property
    def fits(self) -> bool:
        """Whether the file opens with it as it is."""
        return self.misfits == 0

    @property
    def arch(self) -> str:
        """As ``--arch`` takes it: ``resnet50``, ``timm:resnet50``."""
        library = "timm:" if self.architecture.timm is not None else ""
        return f"{library}{self.architecture.given}"

    @property
    def words(self) -> str:
        """How it fits, in a few words."""
        if self.fits:
            own = "fits" if self.classes is None else f"fits with {self.classes} classes"
            return f"{own}. {self.head}" if self.head else own
        counts = {"missing": self.missing, "unexpected": self.unexpected, "of another shape": self.misshaped}
        return ", ".join(f"{count} {words}" for words, count in counts.items() if count) + f" of {self.keys} keys"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointReport:
    """What a weights file holds.

    Attributes:
        path: The file.
        bytes: Its size.
        sha256: Its hash, 64 hexadecimal digits.
        saved: When it was last written, as ``2026-01-31 14:05``.
        parts: Dictionaries of tensors in it, the likeliest weights first.
        facts: What it tells of its training, for people: (``epoch``, ``90``), (``best_acc1``, ``76.13``).
        architecture: Name of its network as the training script knew it; empty where it does not tell.
        classes: Number of classes as the script knew it; None where it does not tell.
        class_names: One name a class, in order; empty where it holds none.
        guesses: Networks that it may belong to, the best first.
        notes: What to know about it, in sentences.
    """

    path: str
    bytes: int
    sha256: str
    saved: str
    parts: tuple[CheckpointPart, ...]
    facts: tuple[tuple[str, str], ...] = ()
    architecture: str = ""
    classes: int | None = None
    class_names: tuple[str, ...] = ()
    guesses: tuple[ArchitectureGuess, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def fitting(self) -> tuple[ArchitectureGuess, ...]:
        """The networks that it opens with."""
        return tuple(guess for guess in self.guesses if guess.fits)

    def description(self, guess: ArchitectureGuess) -> NetworkDescription:
        """The network of a guess with this file's weights."""
        return NetworkDescription(
            format=1,
            name=f"{guess.architecture.given} · {Path(self.path).name}",
            architecture=guess.architecture,
            weights=self.path,
        )
