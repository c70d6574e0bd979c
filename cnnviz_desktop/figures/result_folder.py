"""The folder that results are written to: names of files, arrays, and the entries of the manifest."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec.structs import replace

from cnnviz_desktop.core.atomic_files import replacing
from cnnviz_desktop.core.errors import OutputError
from cnnviz_desktop.core.resources import image_path
from cnnviz_desktop.figures.earlier_results import EarlierResults
from cnnviz_desktop.figures.manifest import ResultEntry
from cnnviz_desktop.figures.naming import Names

if TYPE_CHECKING:
    from cnnviz_desktop.core.requests import ParameterValue
    from cnnviz_desktop.figures.manifest import Manifest


class ResultFolder:
    """Gives files their names and keeps the manifest's entries. What a result's files are, its own function says.

    Attributes:
        entries: One for each result written, in order.
        notes: What could not be drawn as it should be.
        seed: What the entries made from now on say of it.
        parameters: Every parameter of each method by the method's id, for the entries made from now on.
        run: What the manifest will say of all results; by it the same results are known again in the folder.

    Args:
        folder: An existing folder.
        stems: Stem of the file names of each image reference.
        several: (image, method) of which more than one result comes: their file names carry layer and target.
        inputs: Files that are read for these results, beside the images: no result takes their place either.
    """

    def __init__(
        self,
        folder: Path,
        stems: Mapping[str, str],
        several: Collection[tuple[str, str]] = (),
        inputs: Collection[Path] = (),
    ) -> None:
        self.entries: list[ResultEntry] = []
        self.notes: list[str] = []
        self.seed: int | None = None
        self.parameters: Mapping[str, Mapping[str, ParameterValue]] = {}
        self.run: Manifest | None = None
        self._folder = folder
        self._stems = stems
        self._several = several
        self._names = Names()
        self._earlier = EarlierResults(folder)
        self._inputs = frozenset(filter(None, map(_identity, (*map(image_path, stems), *inputs))))

    def path(self, name: str) -> Path:
        """Path of a file of that name in the folder.

        Raises:
            OutputError: It is one of the files that the results are made from.
        """
        path = self._folder / name
        if _identity(path) in self._inputs:
            raise OutputError(
                f"{path} is one of the files to read and would be overwritten. Name another folder for the results."
            )
        return path

    def stem_of(self, image: str) -> str:
        """Stem of the names of all files of an image."""
        return self._stems[image]

    def makes_several(self, image: str, method: str) -> bool:
        """Whether more than one result of that method comes for the image."""
        return (image, method) in self._several

    def named(self, entry: ResultEntry, stem: str, endings: Mapping[str, str], *others: str) -> ResultEntry:
        """An entry with the seed and the parameters it is made with, and the names that its files are to have.

        Their stem is the one wanted, or it with a number after it: no file is another result's, of this run or of an
        earlier one. A result that an earlier manifest says the same of takes the same names again.

        Args:
            entry: What the manifest is to say of the result, but for its files.
            stem: The stem wanted.
            endings: What the names of the result's files end with after the stem, by what the files hold.
            others: What the names of its files might have ended with as well.
        """
        parameters = dict(self.parameters.get(entry.method, {}))
        whole = replace(entry, seed=self.seed, parameters=parameters, files=dict(endings))

        def is_of_earlier(names: Collection[str]) -> bool:
            taken = self._earlier.forbid(names, self.run, whole)
            if taken:
                self.notes.append(
                    f"{self._folder} holds other results of an earlier run under the same names: they stay as they "
                    "are, and the new ones have a number in theirs."
                )
            return taken

        given = self._names.take(stem, (*endings.values(), *others), is_of_earlier)
        return replace(whole, files={kind: f"{given}{ending}" for kind, ending in endings.items()})

    def enter(self, entry: ResultEntry) -> ResultEntry:
        """Keep the entry of a result whose files are written."""
        self.entries.append(entry)
        return entry

    def write_arrays(self, name: str, **arrays: Any) -> None:  # noqa: ANN401 - np.savez hands on nothing narrower by **
        """Write an ``.npz`` archive.

        Raises:
            OutputError: It cannot be written, or is one of the files to read.
        """
        with replacing(self.path(name)) as file:
            np.savez(file, **arrays)


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells a file from every other, however it is spelt or linked to; None where there is none."""
    try:
        status = path.stat()
    except (OSError, ValueError):  # ValueError: a NUL character in the path
        return None
    return status.st_dev, status.st_ino
