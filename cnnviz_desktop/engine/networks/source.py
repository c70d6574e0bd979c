"""What every source of networks gives: a network that is built, and what is known of it there."""

from collections.abc import Generator, Set
from dataclasses import dataclass

from torch import nn

from cnnviz_desktop.core.description import Preprocessing
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.engine.networks.programs.prober import Prober
from cnnviz_desktop.engine.networks.programs.program import Program
from cnnviz_desktop.engine.networks.programs.saved_program import SavedProgram


@dataclass(frozen=True, slots=True)
class Consent:
    """What may run, and what tries it first.

    Attributes:
        trusted: SHA-256 of the Python programs that may run.
        prober: Tries them in a process of their own.
    """

    trusted: Set[str]
    prober: Prober

    def admit(self, program: Program | SavedProgram) -> Generator[Progress, None, None]:
        """Let a program pass that may run and has come through its trial: the one gate that all of them go through.

        Raises:
            ConsentNeeded: Nobody has agreed to it yet; nothing of it has run.
            NetworkError: It has not come through its trial.
        """
        if program.sha256 not in self.trusted:
            raise program.needs_consent()
        yield from self.prober.probe(program)
        yield Progress(done=0, total=1, text=f"running {program.name}")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Source:
    """A network as its source builds it.

    Attributes:
        module: The network on the CPU, in evaluation mode.
        notes: Sentences about its making.
        preprocessing: The recipe of its architecture or weights; None where the source knows none.
        class_names: One name a class, in order; empty where the source knows none.
        weights_sha256: Hash of the file that brought its weights; empty where it has only those it was built with.
        weights_parts: Where in that file there are weights that fit; the ones taken first.
        hidden: Why none of its layers can be watched, in sentences; empty where they can.
    """

    module: nn.Module
    notes: tuple[str, ...] = ()
    preprocessing: Preprocessing | None = None
    class_names: tuple[str, ...] = ()
    weights_sha256: str = ""
    weights_parts: tuple[str, ...] = ()
    hidden: str = ""
