"""How much like another image a network finds an image: the cosine of the angle between its two answers."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from cnnviz_desktop.core.errors import ImageError, TargetError
from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.requests import LayerRef, SimilarityTarget, Target
from cnnviz_desktop.core.resources import image_name
from cnnviz_desktop.core.results import Explained, Picture
from cnnviz_desktop.engine.answers import vectors_of
from cnnviz_desktop.engine.objectives import Tensors
from cnnviz_desktop.engine.passes import ForwardPass
from cnnviz_desktop.engine.workbench import Workbench

_SAME = 1e-6

References = Mapping[str, Tensor]
"""(D,) tensor, detached: the network's answer to each image that others are compared with, by its reference."""


@dataclass(frozen=True, slots=True, eq=False)
class SimilarityObjective:
    """cos(v, r) of the vector v of each row and the vector r of the other image.

    Attributes:
        target: As the request has it.
        reference: (D,) tensor: r.
        of_classes: Whether the vectors are class scores.
    """

    target: SimilarityTarget
    reference: Tensor
    of_classes: bool

    @property
    def layers(self) -> frozenset[LayerRef]:
        """None: the score is read from the output."""
        return frozenset()

    def scores(self, output: object, tensors: Tensors, size: Size) -> Tensor:
        """(N,) tensor, −1 to 1 each."""
        del tensors, size
        vectors = vectors_of(output)
        return _cosines(vectors, self.reference)

    def explained(self, seen: ForwardPass, row: int) -> Explained:
        """The other image's name, and the similarity."""
        score = float(self.scores(seen.output, {}, Size(*seen.input.shape[-2:]))[row].detach())
        return Explained(title=f"similarity to {image_name(self.target.image)}", score=score, target=self.target)

    def notes(self, seen: ForwardPass, row: int, explained: Explained) -> tuple[str, ...]:
        """What is compared, and whether there is anything to explain of it."""
        del seen, row
        compared = ("Class scores are compared, since this network gives no other vector.",) if self.of_classes else ()
        if explained.score < 1 - _SAME:
            return compared
        return (*compared, "The two vectors point the same way, so hardly anything makes them more alike.")

    def only(self, row: int) -> "SimilarityObjective":
        """The same image to compare with, for every row of a batch."""
        del row
        return self


def similarities(vectors: Tensor, references: References) -> Iterator[tuple[str, Tensor]]:
    """Each image to compare with, and the similarity (N,) of each of some vectors (N, D) to it."""
    for image, reference in references.items():
        yield image, _cosines(vectors, reference)


def _cosines(vectors: Tensor, reference: Tensor) -> Tensor:
    return F.cosine_similarity(vectors, reference[None].to(vectors), dim=1)


def references_for(
    targets: tuple[Target, ...], bench: Workbench, read: Callable[[str], Picture], seed: int
) -> References:
    """What the network makes of every image that some of the targets compare with.

    Raises:
        TargetError: Such an image cannot be read.
        NetworkError: The network gives no vectors.
    """
    images = dict.fromkeys(target.image for target in targets if isinstance(target, SimilarityTarget))
    return {image: _vector(image, bench, read, seed) for image in images}


def _vector(image: str, bench: Workbench, read: Callable[[str], Picture], seed: int) -> Tensor:
    try:
        picture = read(image)
    except ImageError as error:
        raise TargetError(f"The image to compare with cannot be had. {error}") from error
    return vectors_of(bench.forward(picture, seed=seed).output)[0].detach()
