"""What commands say: progress and messages to stderr, answers to stdout."""

import sys
from collections.abc import Sequence


class Console:
    """The process's own stderr and stdout. A step in progress is shown on a terminal alone, in one line."""

    def __init__(self) -> None:
        self._step = False

    def say(self, text: str) -> None:
        """Write a line to stderr."""
        self._clear_step()
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()

    def step(self, text: str) -> None:
        """Show what is being done until something else is said."""
        if sys.stderr.isatty():
            self._clear_step()
            sys.stderr.write(text)
            sys.stderr.flush()
            self._step = True

    def answer(self, text: str) -> None:
        """Write a line to stdout."""
        self._clear_step()
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    def _clear_step(self) -> None:
        if self._step:
            sys.stderr.write("\r\033[K")
            self._step = False


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows as lines whose columns line up; the last column is not padded."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "\n".join(lines)
