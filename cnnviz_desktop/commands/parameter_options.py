"""Options that set the methods' parameters: the usual ones by name, every declared one by its key."""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from cnnviz_desktop.core import catalog
from cnnviz_desktop.core.catalog.parameter_sets import AUG_SMOOTH, CHUNK, EIGEN_SMOOTH, FUSE, PRECISION
from cnnviz_desktop.core.errors import RequestError
from cnnviz_desktop.core.parameters import ChoiceParameter, NumberParameter, Parameter
from cnnviz_desktop.core.requests import ParameterValue

_YES, _NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


def add_parameters(parser: argparse.ArgumentParser) -> None:
    """``--aug-smooth``, ``--eigen-smooth``, ``--fuse``, ``--chunk``, ``--precision`` and ``--set``."""
    group = parser.add_argument_group("how to compute", "Each goes to all methods that have it.")
    for flag in (AUG_SMOOTH, EIGEN_SMOOTH):
        group.add_argument(_option(flag), action="store_true", default=None, help=flag.help)
    for choice in (FUSE, PRECISION):
        group.add_argument(_option(choice), choices=tuple(dict(choice.choices)), help=choice.help)
    group.add_argument(_option(CHUNK), type=int, metavar="N", help=CHUNK.help)
    group.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE",
        help="any parameter of the methods; cnnviz list methods METHOD shows them",
    )  # fmt: skip


def parameters_of(options: argparse.Namespace, methods: Sequence[str]) -> dict[str, ParameterValue]:
    """The values that `add_parameters`'s options give to the parameters of these methods.

    Raises:
        RequestError: A parameter that no method has, or a value that it cannot take; told by the name that was written.
    """
    asked = [catalog.method(method) for method in methods]
    given: dict[str, ParameterValue] = {}
    for each in (AUG_SMOOTH, EIGEN_SMOOTH, FUSE, PRECISION, CHUNK):
        value = getattr(options, each.key)
        if value is not None:
            given[each.key] = replace(each, label=_option(each)).check(value)
    for key, text in _pairs(options.set):
        given[key] = _read(key, text, [each for method in asked for each in method.parameters])
    catalog.parameter_values(asked, given)
    return given


def _option(parameter: Parameter) -> str:
    return f"--{parameter.key.replace('_', '-')}"


def _pairs(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    for text in texts:
        key, separator, value = text.partition("=")
        if not separator or not key:
            raise RequestError(f"“{text}” sets nothing: write KEY=VALUE, as in --set samples=25.")
        yield key.strip(), value.strip()


def _read(key: str, text: str, declared: Iterable[Parameter]) -> ParameterValue:
    """A value as the parameter of that key declares it; the text itself where none has the key."""
    for parameter in declared:
        if parameter.key == key:
            return value_of(replace(parameter, label=key), text)  # what is wrong is told of what was written
    return text


def value_of(parameter: Parameter, text: str) -> ParameterValue:
    """The value that a text means for a parameter.

    Raises:
        RequestError: It means none.
    """
    if isinstance(parameter, ChoiceParameter):
        return parameter.check(text)
    if isinstance(parameter, NumberParameter):
        try:
            return parameter.check(int(text) if isinstance(parameter.default, int) else float(text))
        except ValueError:
            return parameter.check(text)  # says what it has to be
    if text.casefold() in (*_YES, *_NO):
        return parameter.check(text.casefold() in _YES)
    return parameter.check(text)
