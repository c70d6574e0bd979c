"""Pictures through a network: several at a time where that is quicker and its rows are independent."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from cnnviz_desktop.core.errors import ImageError, LayerError, NetworkError
from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.results import Picture
from cnnviz_desktop.engine.augmentation import COPIES
from cnnviz_desktop.engine.chunks import rows_at_once
from cnnviz_desktop.engine.folding import Twin, quicker_twin
from cnnviz_desktop.engine.passes import ForwardPass, Wanted
from cnnviz_desktop.engine.workbench import Workbench

_WORTH_A_TWIN = 32
"""Pictures from which on making a quicker twin of the network is repaid."""


@dataclass(slots=True)
class Batches:
    """The passes of a request over its pictures.

    Attributes:
        bench: The network.
        wanted: What every pass records.
        seed: Where the random generators stand, for networks that draw from them.
        smoothed: Whether each picture is seen in all the copies of `augmentation`, in successive rows.
    """

    bench: Workbench
    wanted: Wanted
    seed: int
    smoothed: bool
    _twin: Twin | None = field(default=None, init=False)
    _one_by_one: bool = field(default=False, init=False)

    def over(self, pictures: Iterable[Picture], expected: int) -> Iterator[tuple[list[Picture], ForwardPass]]:
        """The pictures in groups, in order, each with its pass, which nothing here holds on to.

        Args:
            pictures: Read as they are needed.
            expected: How many there will be.

        Raises:
            ImageError: A picture cannot be read. Those before it have had their passes.
            NetworkError: The network fails on a picture, or takes one row at a time and is to see several copies.
        """
        twin_due = expected >= _WORTH_A_TWIN and not self.smoothed
        self._one_by_one = expected == 1 and not self.smoothed
        for group in self._groups(pictures):
            if twin_due and len(group) > 1:
                twin_due = False
                self._twin = quicker_twin(self.bench, self.bench.input_of(group[-1]), self.wanted.recorded)
            seen = self._together(group) if len(group) > 1 or self.smoothed else None
            if seen is not None and self.smoothed and seen.within is not None:
                raise NetworkError(
                    f"{self.bench.outline.name} resizes and pads its input itself, which mirrored copies do not go "
                    "with. Leave “aug_smooth” out."
                )
            if seen is not None:
                yield group, seen
                del seen
            elif self.smoothed:
                raise NetworkError(self._why_not_smoothed())
            else:
                for picture in group:
                    yield [picture], self.bench.forward(picture, self.wanted, self.seed)

    def _groups(self, pictures: Iterable[Picture]) -> Iterator[list[Picture]]:
        """Pictures that can go through at once, of one size and within the budget, as soon as they are read."""
        group: list[Picture] = []
        unreadable: ImageError | None = None
        try:
            for picture in pictures:
                size = self.bench.input_size(picture)
                if group and size != self.bench.input_size(group[0]):
                    yield group
                    group = []
                group.append(picture)
                if len(group) >= self._at_once(size):
                    yield group
                    group = []
        except ImageError as error:
            unreadable = error
        if group:
            yield group
        if unreadable is not None:
            raise unreadable

    def _at_once(self, size: Size) -> int:
        if self._one_by_one:
            return 1
        rows = rows_at_once(self.bench, 0, size, keeping=self.wanted)
        return max(1, rows // len(COPIES)) if self.smoothed else rows

    def _together(self, group: list[Picture]) -> ForwardPass | None:
        """One pass over several rows; None where that does not give what each row alone gives."""
        if self._one_by_one or not self.bench.rows_are_apart:
            return None
        seen = self._seen_by_twin(group)
        if seen is None:
            with suppress(NetworkError):  # where it fails on a picture alone too, that error tells more
                seen = self.bench.forward_together(group, self.wanted, smoothed=self.smoothed)
        if seen is not None and seen.has_each_row:
            return seen
        self._one_by_one = True
        return None

    def _seen_by_twin(self, group: list[Picture]) -> ForwardPass | None:
        """A pass of the twin; None where there is none that gives what the network gives."""
        if self._twin is not None:
            with suppress(NetworkError, LayerError):
                seen = self._twin.bench.forward_together(group, self.wanted)
                if seen.has_each_row and self._twin.gives(seen.row(-1, self.wanted.recorded)):
                    return seen
            self._twin = self.bench.twin = None
        return None

    def _why_not_smoothed(self) -> str:
        name = self.bench.outline.name
        if not self.bench.rows_are_apart:
            why = f"{name} takes one image at a time"
        else:
            asked = ", ".join(sorted(map(str, self.wanted.recorded)))
            why = f"{name} does not give one answer for each of several images here ({asked or 'its output'})"
        return f"{why}, and smoothing over copies shows it several at once. Leave “aug_smooth” out."
