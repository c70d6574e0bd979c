"""What networks that are no classifiers say about an image: labels of pixels, boxes around objects, vectors.

Frozen values like all results: an array inside belongs to the result, and nobody writes into it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cnnviz_desktop.core.geometry import Box, MapGeometry

NO_CLASS = -1
"""In a label map: none of the classes, as beside the object of a network with a single score a pixel."""


_BACKGROUNDS = ("background", "__background__", "void", "unlabeled", "unlabelled")


def is_background(class_name: str) -> bool:
    """Whether a class stands for whatever is none of the others."""
    return class_name.casefold() in _BACKGROUNDS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Segmentation:
    """Which class a network gives each pixel to.

    Attributes:
        image: The image's reference.
        labels: (h, w) int16 at the resolution of what the network returns: index of the class with the highest score;
            `NO_CLASS` for none.
        shares: (K,) float32: each class's share of the picture's area, 0–1, as far as the network sees the picture.
        class_names: K names; the class's number where it has none.
        geometry: Where the cells of `labels` lie on the picture.
        notes: What to know about it, in sentences.
    """

    image: str
    labels: npt.NDArray[np.int16]
    shares: npt.NDArray[np.float32]
    class_names: tuple[str, ...]
    geometry: MapGeometry
    notes: tuple[str, ...] = ()

    def present(self) -> tuple[int, ...]:
        """Indices of the classes that have any pixels, the largest first."""
        order = np.argsort(-self.shares, kind="stable")
        return tuple(int(index) for index in order if self.shares[index] > 0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Detections:
    """The objects that a network finds, in its own order.

    Attributes:
        image: The image's reference.
        boxes: (n, 4) float32: left, top, right and bottom of each in pixels of the picture.
        labels: (n,) int64: index of its class.
        scores: (n,) float32: how sure the network is of it, 0–1.
        class_names: n names: that of each object's class, its number where it has none.
        notes: What to know about it, in sentences.
    """

    image: str
    boxes: npt.NDArray[np.float32]
    labels: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float32]
    class_names: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.scores)

    def box(self, index: int) -> Box:
        """Where an object is, in pixels of the picture."""
        left, top, right, bottom = map(float, self.boxes[index])
        return Box(left, top, right, bottom)

    def surest(self, threshold: float = 0.0) -> tuple[int, ...]:
        """Indices of the objects with at least that score, the surest first."""
        order = np.argsort(-self.scores, kind="stable")
        return tuple(int(index) for index in order if self.scores[index] >= threshold)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Embedding:
    """The vector that a network makes of an image.

    Attributes:
        image: The image's reference.
        vector: (D,) float32.
        norm: Its length.
        compared_with: Reference of the image whose vector it was compared with; empty where there is none.
        similarity: Cosine of the angle between the two, −1 to 1; None where there is none to compare with.
        notes: What to know about it, in sentences.
    """

    image: str
    vector: npt.NDArray[np.float32]
    norm: float
    compared_with: str = ""
    similarity: float | None = None
    notes: tuple[str, ...] = ()
