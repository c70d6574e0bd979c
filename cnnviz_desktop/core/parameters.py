"""A method declares its parameters; forms, command-line checks and help are built from the declarations."""

from dataclasses import dataclass

from cnnviz_desktop.core.errors import RequestError
from cnnviz_desktop.core.requests import ParameterValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A declared parameter: its key in requests, what people see, and what it is when nobody says."""

    key: str
    label: str
    help: str
    default: ParameterValue

    def check(self, value: ParameterValue) -> ParameterValue:
        """The value, converted where that loses nothing.

        Raises:
            RequestError: Not a value this parameter can take.
        """
        if isinstance(value, bool) != isinstance(self.default, bool) or not isinstance(value, type(self.default)):
            if isinstance(self.default, float) and isinstance(value, int) and not isinstance(value, bool):
                return float(value)
            raise RequestError(f"{self.label}: {value!r} is not a {_WORDS[type(self.default)]}.")
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberParameter(Parameter):
    """A number between two bounds, with a unit where it has one."""

    default: int | float
    minimum: float
    maximum: float
    unit: str = ""

    def check(self, value: ParameterValue) -> ParameterValue:
        """As `Parameter.check`, within the bounds."""
        number = Parameter.check(self, value)
        if isinstance(number, str) or not self.minimum <= number <= self.maximum:
            raise RequestError(f"{self.label}: {value} is not between {self.minimum:g} and {self.maximum:g}.")
        return number


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceParameter(Parameter):
    """One of several values, each with what people see."""

    default: str
    choices: tuple[tuple[str, str], ...]

    def check(self, value: ParameterValue) -> ParameterValue:
        """As `Parameter.check`, one of the choices."""
        if value not in dict(self.choices):
            raise RequestError(f"{self.label}: “{value}” is none of {', '.join(dict(self.choices))}.")
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class TextParameter(Parameter):
    """Any text."""

    default: str


_WORDS: dict[type, str] = {bool: "yes or no (true or false)", int: "whole number", float: "number", str: "text"}
