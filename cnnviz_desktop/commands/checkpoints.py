"""``cnnviz list checkpoint``: what a weights file holds, and which networks it may belong to."""

from pathlib import Path

from cnnviz_desktop.commands.console import Console, table
from cnnviz_desktop.commands.engine import Engine
from cnnviz_desktop.core.checkpoint_report import CheckpointPart, CheckpointReport
from cnnviz_desktop.core.official_weights import in_mebibytes
from cnnviz_desktop.core.requests import Request

_NAMES_SHOWN = 6


def looked_into(path: Path, console: Console) -> CheckpointReport:
    """The report on a weights file.

    Raises:
        NetworkError: It cannot be read, or is no weights file.
    """
    asked = Request(method="checkpoint", network=str(path.absolute()))
    return next(result for result in Engine(console).answers(asked) if isinstance(result, CheckpointReport))


def report_text(report: CheckpointReport) -> str:
    """A report for people, with the command that opens the file at its end."""
    blocks = [f"{report.path}: {in_mebibytes(report.bytes)}, saved {report.saved}"]
    blocks.append(table([("weights at", "keys", "values", "type"), *map(_part_row, report.parts)]))
    if report.facts:
        blocks.append(table([(name, value) for name, value in report.facts]))
    if report.class_names:
        more = len(report.class_names) - _NAMES_SHOWN
        named = ", ".join(report.class_names[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
        blocks.append(f"{len(report.class_names)} class names: {named}")
    if report.guesses:
        blocks.append(table([("may belong to", ""), *((guess.arch, guess.words) for guess in report.guesses)]))
    return "\n\n".join([*blocks, *report.notes, advice(report)])


def advice(report: CheckpointReport) -> str:
    """How to open the file, in one sentence."""
    name = Path(report.path).name
    if report.fitting:
        return f"Open it: cnnviz --arch {report.fitting[0].arch} --ckpt {name}"
    if report.guesses:
        return (
            "No network of the libraries here fits it whole. Name what builds it, as in "
            f"--arch net.py:build --ckpt {name}; --arch {report.guesses[0].arch} shows which keys differ."
        )
    named = f" It calls it “{report.architecture}”." if report.architecture else ""
    return f"It is like no network of the libraries here.{named} Name what builds it: --arch net.py:build --ckpt {name}"


def _part_row(part: CheckpointPart) -> tuple[str, ...]:
    return part.place or "the top level", f"{part.keys:,}", f"{part.parameters:,}", ", ".join(part.dtypes)
