"""What stands in for harmless values that checkpoints hold besides tensors, so that none of their own code runs.

PyTorch's safe reader knows tensors and plain values. Training scripts also save their command line, a best accuracy of
numpy, a folder. Naming the real classes to the reader would let a file call them with whatever it likes, and numpy's
dtype and scalar can be made to read foreign memory that way. So each of those names leads to something here, which
takes in plain values and does nothing.
"""

import struct
from collections.abc import Callable

StandIn = Callable[..., object] | tuple[Callable[..., object], str]

_NUMBERS = {
    "b1": "?", "i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I", "i8": "q", "u8": "Q",
    "f2": "e", "f4": "f", "f8": "d",
}  # fmt: skip
"""Format of `struct` by numpy's code of a type."""


class Record:
    """An object as the values of its attributes, such as an ``argparse.Namespace``."""

    def __init__(self, *values: object) -> None:
        del values
        self.values: dict[str, object] = {}

    def __setstate__(self, state: object) -> None:
        """Take the attributes' values over."""
        given = state if isinstance(state, dict) else {}
        self.values = {key: value for key, value in given.items() if isinstance(key, str)}


class PlainDict:
    """A dictionary of some library's own class becomes a plain one."""

    def __new__(cls, *values: object) -> dict[object, object]:  # type: ignore[misc]  # the reader fills dicts alone
        """An empty dictionary."""
        del values
        return {}


class Text:
    """A string of some library's own class becomes a plain one."""

    def __new__(cls, value: object = "", *more: object) -> str:  # type: ignore[misc]  # as above
        """The string."""
        del more
        return value if isinstance(value, str) else ""


class NumberKind:
    """A numpy dtype: its code and byte order."""

    def __init__(self, code: object = "", *flags: object) -> None:
        del flags
        self.code = code if isinstance(code, str) else ""
        self.order = "<"

    def __setstate__(self, state: object) -> None:
        """Take the byte order over."""
        if isinstance(state, tuple) and len(state) > 1 and state[1] in ("<", ">"):
            self.order = state[1]


class Array:
    """A numpy array, of which nothing is kept."""

    def __init__(self, *values: object) -> None:
        del values

    def __setstate__(self, state: object) -> None:
        """Keep nothing."""


def number(kind: object, raw: object = b"") -> object:
    """A numpy scalar as a Python number; None for one that is no number."""
    if not isinstance(kind, NumberKind) or not isinstance(raw, bytes):
        return None
    form = _NUMBERS.get(kind.code)
    try:
        return None if form is None else struct.unpack(kind.order + form, raw)[0]
    except struct.error:
        return None


def array(*values: object) -> Array:
    """An array before its state has come."""
    return Array(*values)


def path(*parts: object) -> str:
    """A pathlib path as text."""
    return "/".join(map(str, parts)).replace("//", "/", 1)


def empty(*values: object) -> None:
    """What a defaultdict would make for a key that is not there: never called for."""
    del values


def stand_ins() -> list[StandIn]:
    """What PyTorch's reader is to take for which names, as ``torch.serialization.safe_globals`` wants it."""
    return [(stands_in, name) for stands_in, names in _NAMES.items() for name in names]


_NAMES: dict[Callable[..., object], tuple[str, ...]] = {
    Record: ("argparse.Namespace", "types.SimpleNamespace"),
    PlainDict: (
        "collections.defaultdict",
        "pytorch_lightning.utilities.parsing.AttributeDict",
        "lightning.pytorch.utilities.parsing.AttributeDict",
        "lightning_fabric.utilities.data.AttributeDict",
        "lightning.fabric.utilities.data.AttributeDict",
    ),
    empty: ("builtins.list", "builtins.dict", "builtins.int", "builtins.float", "builtins.str"),
    NumberKind: ("numpy.dtype",),
    number: ("numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar"),
    array: ("numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct"),
    Array: ("numpy.ndarray",),
    path: tuple(
        f"{module}.{name}"
        for module in ("pathlib", "pathlib._local")
        for name in ("Path", "PosixPath", "WindowsPath", "PurePath", "PurePosixPath", "PureWindowsPath")
    ),
    Text: ("torch.torch_version.TorchVersion", "numpy.str_"),
}
