"""What a Python file could build a network by, read from its text: nothing of it runs."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.ui.opening.picker.arguments_model import Argument


@dataclass(frozen=True, slots=True)
class Factory:
    """A function or class of a program.

    Attributes:
        name: Its name.
        arguments: What it takes.
        told: What it says of itself, in a line.
    """

    name: str
    arguments: tuple[Argument, ...] = ()
    told: str = ""


def factories_in(path: Path) -> tuple[Factory, ...]:
    """Every function and class at the top of a file, those that look like networks first.

    Raises:
        NetworkError: The file cannot be read, or is no Python program.
    """
    try:
        tree = ast.parse(path.read_bytes(), filename=str(path))
    except OSError as error:
        raise NetworkError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (SyntaxError, ValueError) as error:
        raise NetworkError(f"{path} is not a Python program: {error}.") from error
    return tuple(_factories(tree))


def _factories(tree: ast.Module) -> Iterator[Factory]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield Factory(node.name, tuple(_arguments(node.args, 0)), _first_line(node))
        elif isinstance(node, ast.ClassDef):
            made = next(
                (each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"), None
            )
            yield Factory(node.name, tuple(_arguments(made.args, 1)) if made else (), _first_line(node))


def _arguments(taken: ast.arguments, skipped: int) -> Iterator[Argument]:
    named = [*taken.posonlyargs, *taken.args]
    defaults: list[ast.expr | None] = [*[None] * (len(named) - len(taken.defaults)), *taken.defaults]
    for each, default in [
        *list(zip(named, defaults, strict=True))[skipped:],
        *zip(taken.kwonlyargs, taken.kw_defaults, strict=True),
    ]:
        yield Argument(
            each.arg,
            default="" if default is None else ast.unparse(default),
            is_needed=default is None,
            is_offered=True,
        )


def _first_line(node: ast.FunctionDef | ast.ClassDef) -> str:
    return (ast.get_docstring(node) or "").partition("\n")[0]
