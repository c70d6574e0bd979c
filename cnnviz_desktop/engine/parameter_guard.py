"""Parameters into which a network's own forward pass writes: found, and given their values again."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Self

from torch import nn
from torch._ops import OpOverload
from torch.utils._python_dispatch import TorchDispatchMode

from cnnviz_desktop.engine.borrowing import write_back
from cnnviz_desktop.engine.capture import place_of
from cnnviz_desktop.engine.receptive_fields import tensors_among

if TYPE_CHECKING:
    from types import TracebackType

    from torch import Tensor


class ParameterGuard(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch's base class has no types
    """While active, keeps a parameter's value just before an operation first writes into it; gives it back at the end.

    Keeping all of them beforehand would cost as much as building a network does. What writes past PyTorch's
    operations, through numpy, is not seen.

    Attributes:
        wrote: Whether anything was written that had to be undone; known at the end.
    """

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """No: guarding `__torch_dispatch__` against torch.compile imports its compiler, longer than torch itself."""
        return False

    def __init__(self, module: nn.Module) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # as above
        self.wrote = False
        parameters = [each for each in module.parameters() if not isinstance(each, nn.UninitializedParameter)]
        # An alias is the parameter's own memory: where the parameter is given other memory, that still is there.
        self._aliases = [(parameter, parameter.detach()) for parameter in parameters]
        self._untouched: dict[int, list[nn.Parameter]] = {}  # by the place of their memory
        for parameter in parameters:
            self._untouched.setdefault(place_of(parameter), []).append(parameter)
        self._values: list[tuple[nn.Parameter, Tensor]] = []

    def __torch_dispatch__(
        self,
        func: OpOverload,
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> object:
        """Keep what the operation may write into, and run it."""
        if func._schema.is_mutable:  # noqa: SLF001 - PyTorch offers it under this name alone
            for tensor in tensors_among((*args, *(kwargs or {}).values())):
                for parameter in self._untouched.pop(place_of(tensor), ()):
                    self._values.append((parameter, parameter.detach().clone()))
        return func(*args, **(kwargs or {}))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: "TracebackType | None"
    ) -> None:
        """Undo what was written."""
        super().__exit__(kind, error, trace)  # type: ignore[no-untyped-call]  # as above
        for parameter, alias in self._aliases:
            if parameter.data_ptr() != alias.data_ptr():
                parameter.data = alias
                self.wrote = True
        for parameter, value in self._values:
            self.wrote |= write_back(parameter, value)

    def __enter__(self) -> Self:
        """Watch from now on."""
        super().__enter__()  # type: ignore[no-untyped-call]  # as above
        return self
