"""A parser that tells of a mistake in one sentence, as every other failure is told."""

import argparse
import re
from collections.abc import Iterable
from typing import NoReturn

from cnnviz_desktop.core.errors import RequestError
from cnnviz_desktop.core.near_names import did_you_mean

_MISSING = "the following arguments are required: "
_UNKNOWN = "unrecognized arguments: "
_NO_CHOICE = re.compile(r"argument (?P<name>[^:]+): invalid choice: '(?P<given>.*)' \(choose from (?P<choices>.*)\)")
_NEGATIVE = re.compile(r"-\.?\d")
_NO_NUMBER = re.compile(r"invalid int value: '(?P<given>.*)'")


class CommandParser(argparse.ArgumentParser):
    """Raises `RequestError` where `argparse` would print how the command is used, and exit."""

    def __init__(self, *, prog: str, description: str, epilog: str, usage: str | None = None) -> None:
        super().__init__(
            prog=prog,
            usage=usage,
            description=description,
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )

    def read(self, arguments: Iterable[str]) -> argparse.Namespace:
        """What the arguments say, in whatever order options and the others stand.

        An option that there is not is told before anything that it may have been meant to give.

        Raises:
            RequestError: The arguments cannot be read.
        """
        words = list(arguments)
        for word in words[: words.index("--") if "--" in words else None]:
            option = word.partition("=")[0]
            if option.startswith("--") and option not in self._option_string_actions:
                self.error(f"{_UNKNOWN}{option}")
        return self.parse_intermixed_args(self._with_negative_numbers(words))

    def _with_negative_numbers(self, words: list[str]) -> list[str]:
        """The words, ``--box -1,2,3,4`` written ``--box=-1,2,3,4``: `argparse` takes such a value for an option."""
        joined: list[str] = []
        for word in words:
            action = self._option_string_actions.get(joined[-1]) if joined and _NEGATIVE.match(word) else None
            if action is not None and action.nargs is None and joined[-1].startswith("--"):
                joined[-1] += f"={word}"
            else:
                joined.append(word)
        return joined

    def error(self, message: str) -> NoReturn:
        """Say what is wrong.

        Raises:
            RequestError: Always.
        """
        raise RequestError(f"{self._sentence(message)} “{self.prog} --help” tells more.")

    def _sentence(self, message: str) -> str:
        if message.startswith(_MISSING):
            return " ".join(map(self._missing, message.removeprefix(_MISSING).split(", ")))
        if message.startswith(_UNKNOWN):
            words = message.removeprefix(_UNKNOWN)
            if words.startswith("-"):
                return f"There is no option {words}.{did_you_mean(words, self._option_string_actions)}"
            return f"“{words}” is more than can be given."
        if match := _NO_CHOICE.fullmatch(message):
            choices = re.findall(r"[^', ]+", match["choices"])
            option = f"{match['name']}: " if match["name"].startswith("-") else ""
            return f"{option}“{match['given']}” is none of {', '.join(choices)}.{did_you_mean(match['given'], choices)}"
        words = _NO_NUMBER.sub(r"“\g<given>” is not a whole number", message)
        return f"{words.removeprefix('argument ').rstrip('.')}."

    def _missing(self, name: str) -> str:
        """What is missing, and what it is for."""
        for action in self._actions:
            options = action.option_strings
            if name in ("/".join(options), action.metavar, action.dest):
                shown = f"{options[0]} {action.metavar}" if options else name
                return f"{shown} is missing{f': {action.help}' if action.help else ''}."
        return f"{name} is missing."
