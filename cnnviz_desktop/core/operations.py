"""Operations that a network's own code calls between its modules, such as an addition or a flattening."""

from dataclasses import dataclass

from cnnviz_desktop.core.token_grids import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One call of a function, or an operator, by a module's own code in its last run.

    Attributes:
        name: Of the function, as in ``relu``, ``cat`` or ``add``.
        owner: Name of the module whose code called it; empty for the network itself.
        after: Name of the module, directly below the owner, that had returned last; empty where none had.
        outputs: Shape without the batch of every tensor it gave.
        same_as: Tensor of a module that holds the same values, as `LayerRef` writes it: the input of the module that
            takes them, or the output of the one that gives them; empty where there is none.
    """

    name: str
    owner: str
    after: str
    outputs: tuple[Shape, ...]
    same_as: str = ""
