"""Answers an order: its requests, one after the other, their results as files of one folder, and the manifest."""

from collections.abc import Collection
from itertools import takewhile
from pathlib import Path

from msgspec.structs import replace

from cnnviz_desktop.commands.asking import Asker
from cnnviz_desktop.commands.console import Console
from cnnviz_desktop.commands.engine import Engine
from cnnviz_desktop.commands.orders import Order
from cnnviz_desktop.commands.writing import Onlooker, Writer
from cnnviz_desktop.core import catalog
from cnnviz_desktop.core.errors import ImageError
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import GradientPicture, HeatMap, Result
from cnnviz_desktop.engine.session import checked_parameters
from cnnviz_desktop.figures.folders import output_folder
from cnnviz_desktop.figures.manifest import NAME as MANIFEST_NAME
from cnnviz_desktop.figures.manifest import Manifest, Problem, ResultEntry, manifest_of, write_manifest
from cnnviz_desktop.figures.naming import distinct_stems
from cnnviz_desktop.figures.result_folder import ResultFolder


def carry_out(order: Order, engine: Engine, console: Console, onlooker: Onlooker | None = None) -> Manifest:
    """Answer an order's requests, write the results and their manifest, and say so.

    `onlooker` is shown every result, with its picture where it has one.

    An image or a method that fails is reported and the others are answered. What was written when something else goes
    wrong, or the user stops it, is in the manifest too. Where nothing was written, there is none.

    Raises:
        CnnvizError: The output folder, the network or the one request there is is at fault.
    """
    for request in order.requests:
        checked_parameters(request)
    missing = order.missing()
    parts = tuple(order.parts(missing))
    if not parts:
        raise ImageError("\n".join(problem.message for problem in missing.values()))
    for problem in missing.values():
        console.say(problem.message)
    with output_folder(order.output) as place:
        folder = ResultFolder(place, distinct_stems(order.images), order.several(), order.read)
        folder.path(MANIFEST_NAME)  # refused before anything is computed
        outline = engine.outline(order.requests[0])
        folder.run = manifest_of(order.requests, outline, ())
        console.say("\n".join((outline.device_reason, *outline.notes)))
        total = sum(max(1, len(part.images)) for part in parts)
        answering = _Answering(order, engine, console, folder, total, outline.notes)
        try:
            for part in parts:
                answering.answer(part, onlooker)
        finally:
            problems = order.in_order((*order.problems, *missing.values(), *answering.asker.problems))
            entries = tuple(replace(entry, image=order.name_of(entry.image)) for entry in folder.entries)
            manifest = manifest_of(order.requests, outline, entries, problems)
            if entries:
                write_manifest(place, manifest)
    for note in dict.fromkeys(folder.notes):
        console.say(note)
    console.say(_summary(manifest, order.output))
    return manifest


class _Answering:
    """What becomes of the parts of an order, and what is said of it."""

    def __init__(
        self,
        order: Order,
        engine: Engine,
        console: Console,
        folder: ResultFolder,
        total: int,
        network_notes: Collection[str],
    ) -> None:
        self.asker = Asker(engine, self._tell_problem, lone=len(order.requests) == 1)
        self._order = order
        self._engine = engine
        self._console = console
        self._folder = folder
        self._several_seeds = len({request.seed for request in order.requests}) > 1
        self._total = total
        self._network_notes = network_notes
        self._labels: dict[str, str] = {}
        self._number = 0
        self._told = 0

    def answer(self, part: Request, onlooker: Onlooker | None) -> None:
        self._label(part)
        self._folder.seed = part.seed if self._several_seeds else None
        self._folder.parameters = checked_parameters(part)
        writer = Writer(part, self._folder, self._engine, onlooker)
        for result in self.asker.answers(part):
            self._show(result)
            writer.take(result)
            self._tell_written()
        writer.finish()
        self._tell_written()

    def _label(self, part: Request) -> None:
        """Number the part's images, or the part where it has none, and show the first."""
        names = {image: self._order.name_of(image) for image in part.images} or {"": part.method}
        first = self._number + 1
        self._labels = {
            image: f"[{number}/{self._total}] {name}" for number, (image, name) in enumerate(names.items(), start=first)
        }
        self._number += len(names)
        self._console.step(f"{next(iter(self._labels.values()))} …")

    def _show(self, result: Result) -> None:
        """Show how far a map or picture is that is still being computed."""
        if isinstance(result, HeatMap | GradientPicture) and result.done < 1:
            title = catalog.method(result.method).title
            self._console.step(f"{self._labels[result.image]}: {title} {result.done:.0%} …")

    def _tell_written(self) -> None:
        for entry in self._folder.entries[self._told :]:
            self._console.say(f"{self._labels[entry.image]} → {_told(entry, self._network_notes)}")
        self._told = len(self._folder.entries)

    def _tell_problem(self, problem: Problem) -> None:
        label, message, image = self._labels[problem.image], problem.message, problem.image
        names_it = bool(image) and message.startswith(f"{image} ")
        self._console.say(f"{label}{message.removeprefix(image)}" if names_it else f"{label}: {message}")


def _told(entry: ResultEntry, known: Collection[str]) -> str:
    """What progress says about a result: its files, what it explains, and what to know about it but what is known."""
    first, *others = entry.files.values()
    shared = sum(1 for _ in takewhile(lambda letters: len(set(letters)) == 1, zip(first, *others, strict=False)))
    told = ", ".join([first, *(f"…{name[shared:]}" for name in others)])
    if entry.target is not None and entry.target != entry.class_name:
        told += f": {entry.target}, score = {entry.score:.4g}"
    elif entry.class_name is not None and entry.probability is not None:
        told += f": {entry.class_name}, p = {entry.probability:.3f}"
    if entry.completeness is not None:
        told += f", completeness error {entry.completeness:.2%}"
    return "".join([told, *(f"\n    {note}" for note in entry.notes if note not in known)])


def _summary(manifest: Manifest, folder: Path) -> str:
    problems = _counted(len(manifest.problems), "problem")
    if not manifest.results:
        return f"Nothing was written: {problems}, told above."
    told = f"{_counted(len(manifest.results), 'result')} in {folder}"
    return f"{told}; {problems}, told above and in {MANIFEST_NAME}." if manifest.problems else f"{told}."


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
