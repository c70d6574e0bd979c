"""What a Python file could build a network by, read from its text: nothing of it runs."""

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

_NETWORK_BASES = frozenset(
    {"Module", "Sequential", "ModuleList", "LightningModule", "PreTrainedModel", "ScriptModule", "BaseModule"}
)
_OTHER_BASES = frozenset(
    {"object", "Dataset", "IterableDataset", "Sampler", "Function", "Enum", "IntEnum", "StrEnum", "NamedTuple",
     "TypedDict", "Protocol", "Generic", "ABC", "Exception", "ValueError", "RuntimeError", "dict", "list", "tuple",
     "str", "int", "Optimizer", "Callback", "LightningDataModule", "TestCase"}
)  # fmt: skip

_BUILDS, _WHOLE, _PART, _UNKNOWN = range(4)
"""How likely something is meant: what gives a network, a network that is no part of others, a part, anything else."""


class NotPython(Exception):
    """The text is no Python program; the error's own text says why, and where."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a factory, by name.

    Attributes:
        name: Its name.
        default: Its default as the program writes it; None where it has none and must be given.
    """

    name: str
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Factory:
    """Something in a program that gives a network, or is one.

    Attributes:
        name: How it is called, dotted where it lies in a class.
        parameters: What it takes by name.
        is_class: Whether it is a class.
        summary: The first line of its docstring.
    """

    name: str
    parameters: tuple[Parameter, ...] = ()
    is_class: bool = False
    summary: str = ""


def factories_in(source: bytes | str) -> tuple[Factory, ...]:
    """Functions, classes of networks and networks that are ready at the top of a program, the likeliest first.

    Likeliest is what gives a network, then networks that are no part of another one, then parts, then what might be
    anything: other functions, and what the program imports from beside it. What begins with an underscore and what is
    surely no network is left out.

    Raises:
        NotPython: The text is no Python program.
    """
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise NotPython(str(error) or type(error).__name__) from error
    found = _Reader(tree).read()
    return tuple(factory for _, factory in sorted(found, key=_likelihood))


def _likelihood(found: tuple[int, Factory]) -> int:
    return found[0]


@dataclass(slots=True)
class _Reader:
    """Knows the classes of a program by their dotted names, those at the top and those inside them."""

    tree: ast.Module
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    networks: dict[str, bool] = field(default_factory=dict)

    def read(self) -> Iterator[tuple[int, Factory]]:
        """Every factory with its likelihood, in the program's order."""
        self.classes.update(_classes(self.tree.body))
        parts = self._parts()
        for name, made in self.classes.items():
            if not _is_private(name) and (self.is_network(name) or self._may_be(made)):
                rank = _UNKNOWN if not self.is_network(name) else _PART if name in parts else _WHOLE
                yield rank, Factory(name, self._parameters_of_class(name), is_class=True, summary=_summary(made))
        for node in _statements(self.tree.body):
            if isinstance(node, ast.FunctionDef) and not _is_private(node.name):
                rank = _UNKNOWN if not self._gives_network(node) else _PART if node.name in parts else _BUILDS
                yield rank, Factory(node.name, _parameters(node.args, 0), summary=_summary(node))
            elif isinstance(node, ast.Assign) and self._makes_network(node.value):
                names = (target.id for target in node.targets if isinstance(target, ast.Name))
                yield from ((_BUILDS, Factory(name)) for name in names if not _is_private(name))
            elif isinstance(node, ast.ImportFrom) and node.level:
                names = (alias.asname or alias.name for alias in node.names if alias.name != "*")
                yield from ((_UNKNOWN, Factory(name)) for name in names if not _is_private(name))

    def is_network(self, name: str) -> bool:
        """Whether a class of the program is surely a network: by its bases, or because it has a forward pass."""
        if name not in self.networks:
            self.networks[name] = False  # while it is found out: a class that is its own base is none
            made = self.classes[name]
            named = [_last(base) for base in made.bases]
            self.networks[name] = (
                any(base in _NETWORK_BASES for base in named)
                or any(base in self.classes and self.is_network(base) for base in named)
                or (bool(made.bases) and not _OTHER_BASES & set(named) and _method(made, "forward") is not None)
            )
        return self.networks[name]

    def _may_be(self, made: ast.ClassDef) -> bool:
        """Whether a class has a base that is not known."""
        bases = {_last(base) for base in made.bases}
        unknown = bases - _OTHER_BASES - self.classes.keys()
        return bool(unknown) and not any(base.endswith(("Enum", "Error", "Dataset")) for base in unknown)

    def _parts(self) -> set[str]:
        """Names of classes that other classes mention, and of functions that others and classes do."""
        functions = {node.name: node for node in _statements(self.tree.body) if isinstance(node, ast.FunctionDef)}
        of_classes = {
            mentioned for name, made in self.classes.items() for mentioned in _names(made) if mentioned != name
        }
        of_functions = {
            mentioned for name, made in functions.items() for mentioned in _names(made) if mentioned != name
        }
        return (of_classes & self.classes.keys()) | ((of_classes | of_functions) & functions.keys())

    def _gives_network(self, function: ast.FunctionDef) -> bool:
        if function.returns is not None:
            said = _last(function.returns)
            if said in _NETWORK_BASES or (said in self.classes and self.is_network(said)):
                return True
        made = {
            target.id
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and self._makes_network(node.value)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        returned = [node.value for node in ast.walk(function) if isinstance(node, ast.Return) and node.value]
        return any(self._makes_network(value) or (_last(value) in made and made) for value in returned)

    def _makes_network(self, value: ast.expr) -> bool:
        if not isinstance(value, ast.Call):
            return False
        called = _last(value.func)
        return called == "Sequential" or (called in self.classes and self.is_network(called))

    def _parameters_of_class(self, name: str, seen: frozenset[str] = frozenset()) -> tuple[Parameter, ...]:
        """Those of its own ``__init__``, or of that of the first base of the program that has one."""
        made = self.classes[name]
        begun = _method(made, "__init__")
        if begun is not None:
            return _parameters(begun.args, 1)
        for base in map(_last, made.bases):
            if base in self.classes and base not in seen | {name}:
                return self._parameters_of_class(base, seen | {name})
        return ()


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Those at the top, also in branches, but not of what runs as a script only."""
    for node in body:
        if isinstance(node, ast.If):
            if not any(isinstance(each, ast.Name) and each.id == "__name__" for each in ast.walk(node.test)):
                yield from _statements([*node.body, *node.orelse])
        elif isinstance(node, ast.Try):
            yield from _statements([*node.body, *node.orelse, *node.finalbody])
        else:
            yield node


def _classes(body: list[ast.stmt], outer: str = "") -> Iterator[tuple[str, ast.ClassDef]]:
    for node in _statements(body):
        if isinstance(node, ast.ClassDef):
            yield f"{outer}{node.name}", node
            yield from _classes(node.body, f"{outer}{node.name}.")


def _method(made: ast.ClassDef, name: str) -> ast.FunctionDef | None:
    return next((node for node in made.body if isinstance(node, ast.FunctionDef) and node.name == name), None)


def _names(node: ast.AST) -> Iterator[str]:
    return (each.id for each in ast.walk(node) if isinstance(each, ast.Name))


def _last(node: ast.expr) -> str:
    """The last part of a name, as Module of ``torch.nn.Module``, without what stands in brackets; empty for others."""
    if isinstance(node, ast.Subscript):
        return _last(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Constant) and isinstance(node.value, str):  # an annotation in quotes
        return node.value.rpartition(".")[2]
    return node.id if isinstance(node, ast.Name) else ""


def _parameters(taken: ast.arguments, skipped: int) -> tuple[Parameter, ...]:
    """What can be given by name; `skipped` many in front, as self, cannot."""
    positional = [*taken.posonlyargs, *taken.args]
    missing: list[ast.expr | None] = [None] * (len(positional) - len(taken.defaults))
    defaults: list[ast.expr | None] = [*missing, *taken.defaults, *taken.kw_defaults]
    named = list(zip([*positional, *taken.kwonlyargs], defaults, strict=True))
    return tuple(
        Parameter(each.arg, None if default is None else ast.unparse(default))
        for each, default in named[max(skipped, len(taken.posonlyargs)) :]
    )


def _summary(node: ast.FunctionDef | ast.ClassDef) -> str:
    return (ast.get_docstring(node) or "").partition("\n")[0]


def _is_private(name: str) -> bool:
    return any(part.startswith("_") for part in name.split("."))
