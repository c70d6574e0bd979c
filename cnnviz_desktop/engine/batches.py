"""Pictures through a network: several at a time where that is quicker and its rows are independent."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.results import Picture
from cnnviz_desktop.engine.augmentation import COPIES, ORIGINAL
from cnnviz_desktop.engine.chunks import rows_at_once
from cnnviz_desktop.engine.folding import Twin, quicker_twin
from cnnviz_desktop.engine.passes import ForwardPass, Wanted
from cnnviz_desktop.engine.workbench import Workbench

_WORTH_A_TWIN = 32
"""Pictures from which on making a quicker twin of the network is repaid."""

_IN_COMPANY = 1e-3
"""Of a tensor's greatest value: a row that differs by more from what it is alone depends on the others."""

_BY_TWIN = 1e-4
"""Of the same: a twin whose answer differs by more computes something else."""


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
        """The pictures in groups, in order, each with its pass.

        Args:
            pictures: Read as they are needed.
            expected: How many there will be.

        Raises:
            NetworkError: The network fails on a picture, or takes one row at a time and is to see several copies.
        """
        twin_due = expected >= _WORTH_A_TWIN
        for group in self._groups(pictures):
            if twin_due and len(group) > 1:
                twin_due = False
                self._twin = quicker_twin(self.bench, self.bench.input_of(group[0]), self.wanted.recorded)
            seen = self._together(group) if len(group) > 1 or self.smoothed else None
            if seen is not None:
                yield group, seen
            elif self.smoothed:
                raise NetworkError(
                    f"{self.bench.outline.name} takes one image at a time, and smoothing over copies shows it several "
                    "at once. Leave “aug_smooth” out."
                )
            else:
                for picture in group:
                    yield [picture], self._alone(picture)

    def _groups(self, pictures: Iterable[Picture]) -> Iterator[list[Picture]]:
        """Pictures that can go through the network at once: of one size, within the memory budget."""
        group: list[Picture] = []
        for picture in pictures:
            size = self.bench.input_size(picture)
            if group and (size != self.bench.input_size(group[0]) or len(group) >= self._at_once(size)):
                yield group
                group = []
            group.append(picture)
        if group:
            yield group

    def _at_once(self, size: Size) -> int:
        if self._one_by_one:
            return 1
        rows = rows_at_once(self.bench, 0, size, keeping=self.wanted)
        return max(1, rows // len(COPIES)) if self.smoothed else rows

    def _alone(self, picture: Picture) -> ForwardPass:
        return self.bench.forward(picture, self.wanted, self.seed)

    def _together(self, group: list[Picture]) -> ForwardPass | None:
        """One pass over several rows; None where that does not give what each row alone gives."""
        if not self.bench.rows_are_apart or self._one_by_one:
            return None
        try:
            seen = self._seen(group)
        except NetworkError:
            self._alone(group[0])  # where it fails alone too, that error tells more
            self.bench.rows_are_apart = False
            return None
        self.bench.rows_are_apart = seen.answers_each_row and self._as_alone(seen, group[0])
        self._one_by_one = not seen.records_each_row  # something that this request alone asks for
        return seen if self.bench.rows_are_apart and not self._one_by_one else None

    def _seen(self, group: list[Picture]) -> ForwardPass:
        if self._twin is not None:
            seen = self._twin.bench.forward_together(group, self.wanted, smoothed=self.smoothed)
            if self._twin.trusted or _agree(seen.row(self._original), self._twin.expected, _BY_TWIN):
                self._twin.trusted = True
                return seen
            self._twin = None
        return self.bench.forward_together(group, self.wanted, smoothed=self.smoothed)

    def _as_alone(self, seen: ForwardPass, first: Picture) -> bool:
        """Whether the first picture is to the network what it is without the others: asked once for each network."""
        if self.bench.rows_were_compared or not seen.records_each_row:
            return True
        self.bench.rows_were_compared = True
        layers = self.wanted.recorded
        return _agree(seen.row(self._original, layers), self._alone(first).row(0, layers), _IN_COMPANY)

    @property
    def _original(self) -> int:
        """The row of the first picture itself."""
        return ORIGINAL if self.smoothed else 0


def _agree(found: Sequence[Tensor], expected: Sequence[Tensor], tolerance: float) -> bool:
    """Whether tensors are the same but for rounding, in float16 too."""
    for one, other in zip(found, expected, strict=True):
        if one.shape != other.shape:
            return False
        one, other = one.double(), other.double()
        most = tolerance * float(other.nan_to_num(0, 0, 0).abs().max()) if other.numel() else 0.0
        if not torch.allclose(one, other, rtol=0, atol=most, equal_nan=True):
            return False
    return True
