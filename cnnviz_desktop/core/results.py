"""What the engine answers: frozen values with raw, signed float32 arrays. Pixels are made from them by the views.

An array inside a result belongs to the result: nobody writes into it after it was yielded.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from cnnviz_desktop.core.answers import Detections, Embedding, Segmentation
from cnnviz_desktop.core.checkpoint_report import CheckpointReport
from cnnviz_desktop.core.geometry import InputTransform, MapGeometry
from cnnviz_desktop.core.network_catalogue import NetworkCatalogue
from cnnviz_desktop.core.network_input import NetworkInput
from cnnviz_desktop.core.official_weights import OfficialWeights, StoredWeights
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import Target

FloatArray = npt.NDArray[np.float32]
ByteArray = npt.NDArray[np.uint8]
Activation = Literal["softmax", "sigmoid", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a job has come: `done` of `total` steps, and what it does now in a few words.

    Where `tells_time`, the words say how long it will take still, better than the steps would.
    """

    done: int
    total: int
    text: str = ""
    tells_time: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """An image as the network is shown it, before resizing.

    Attributes:
        image: The image's reference.
        pixels: (H, W, 3) uint8, RGB, upright.
        sha256: Hash of the file's bytes.
        notes: What was done to read it: ``first of 12 frames``, ``CMYK converted to RGB``.
    """

    image: str
    pixels: ByteArray
    sha256: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Predictions:
    """What the network says about one image.

    Attributes:
        image: The image's reference.
        logits: (K,) float32, as the network gives them.
        probabilities: (K,) float32 in 0–1.
        activation: How probabilities come from logits: ``softmax``; ``sigmoid`` for a single-logit head; ``none`` where
            the network itself ends in a softmax.
        class_names: K names; the class's number where it has none.
        notes: What to know about it: which part of a tuple was taken, NaN among the values.
    """

    image: str
    logits: FloatArray
    probabilities: FloatArray
    activation: Activation
    class_names: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def top(self, count: int) -> tuple[int, ...]:
        """Indices of the `count` likeliest classes, likeliest first; a class that is NaN comes last."""
        order = np.argsort(-np.nan_to_num(self.logits, nan=-np.inf), kind="stable")
        return tuple(int(index) for index in order[:count])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChannelStatistics:
    """Per channel, (C,) float32 each: mean, minimum, maximum, root mean square, and share of exact zeros (0–1).

    NaN and infinite values are left out of all but `finite`, the share of finite values (0–1).
    """

    mean: FloatArray
    minimum: FloatArray
    maximum: FloatArray
    energy: FloatArray
    zeros: FloatArray
    finite: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FeatureMaps:
    """Some channels of one layer for one image. A layer arrives in one or more of these, in channel order.

    Attributes:
        image: The image's reference.
        layer: The layer, as `LayerRef` writes it.
        first: Index of the first channel in `maps`.
        total: Number of channels of the layer.
        maps: (n, h, w) float32, raw: channels first … first + n − 1.
        statistics: Of the n channels.
        geometry: Where the cells lie on the image.
        notes: What to know about them, in sentences: that the layer ran several times.
    """

    image: str
    layer: str
    first: int
    total: int
    maps: FloatArray
    statistics: ChannelStatistics
    geometry: MapGeometry
    notes: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether this is the layer's last part."""
        return self.first + len(self.maps) >= self.total


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ChannelSummary:
    """The 1:1 sum and mean over all channels of a layer for one image, (h, w) float32 each."""

    image: str
    layer: str
    total: FloatArray
    mean: FloatArray
    geometry: MapGeometry


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kernels:
    """Some filters of one layer's weight. A layer arrives in one or more of these, in filter order.

    Attributes:
        layer: The layer's name.
        first: Index of the first filter in `weights`.
        total: Number of filters of the layer.
        weights: (n, in/groups, kh, kw) float32; a transposed convolution's are turned to the same order, a linear
            layer's are (n, 1, 1, in).
        norms: (n,) float32, L2 norm of each filter.
        bias: (n,) float32, or None.
        kind: What it is, in words: ``depthwise convolution 3×3, stride 2``.
    """

    layer: str
    first: int
    total: int
    weights: FloatArray
    norms: FloatArray
    bias: FloatArray | None
    kind: str

    @property
    def complete(self) -> bool:
        """Whether this is the layer's last part."""
        return self.first + len(self.weights) >= self.total


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What a map or picture explains: a score S of the network for one image.

    Attributes:
        title: In words: ``dog``, ``dog − cat``, ``layer3, channel 12``.
        score: S: the class's logit, or what the network gives in its place (the notes say so), or what was asked for.
        class_index: The class; None where S belongs to none.
        class_name: Its name; empty where there is none.
        probability: The class's probability, 0–1; None where S belongs to no class.
        target: What was asked for, its classes by their indices; None where nobody asked.
    """

    title: str
    score: float
    class_index: int | None = None
    class_name: str = ""
    probability: float | None = None
    target: Target | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeatMap:
    """Where in the image a score comes from. One that is still being computed arrives several times, ever sharper.

    Attributes:
        image: The image's reference.
        method: Id of the method.
        layer: The layer, as `LayerRef` writes it; several joined by `` + `` where they are fused; empty where the map
            lies on the network's input itself.
        explained: What it explains.
        raw: (h, w) float32, signed, at the layer's resolution, or the input's.
        geometry: Where the cells lie on the image.
        done: Share of the work that is in it, 0–1; 1 is the final map.
        completeness: |Σ of all terms − S| / |S| of a method whose terms should add up to the score, else None.
        notes: What to know before believing it, in sentences: a fallback, a constant map.
    """

    image: str
    method: str
    layer: str
    explained: Explained
    raw: FloatArray
    geometry: MapGeometry
    done: float = 1.0
    completeness: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GradientPicture:
    """How each number of the network's input moves a score. One still being computed arrives several times.

    Attributes:
        image: The image's reference.
        method: Id of the method.
        layer: Layer of the class activation map that is a factor of it; empty where there is none.
        explained: What it explains.
        raw: (C, H, W) float32, signed, at the input's resolution, for the input's channels.
        transform: Where the picture lies in the input.
        done: Share of the work that is in it, 0–1; 1 is the final picture.
        completeness: |Σ of all terms − S| / |S| of a method whose terms should add up to the score, else None.
        notes: What to know before believing it, in sentences: activations that no rule covers.
    """

    image: str
    method: str
    layer: str
    explained: Explained
    raw: FloatArray
    transform: InputTransform
    done: float = 1.0
    completeness: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A job that ended in an error, as text that can cross threads.

    Attributes:
        message: What happened and what to do.
        details: The traceback where it is a bug of the program, else empty.
        kind: Class name of the error.
        consent: (file, sha256, beside) of a `ConsentNeeded` that waits for the user's answer, else None.
        key_table: Rows of `WeightsMismatch.table`.
        weights_parts: `WeightsMismatch.parts`.
        weights: What a `WeightsNeeded` lacks, and the folder it belongs in, else None.
    """

    message: str
    details: str = ""
    kind: str = ""
    consent: tuple[str, str, tuple[str, ...]] | None = None
    key_table: tuple[tuple[str, str, str, str], ...] = field(default=())
    weights_parts: tuple[str, ...] = ()
    weights: tuple[OfficialWeights, str] | None = None

    @property
    def is_bug(self) -> bool:
        """Whether the program itself is at fault."""
        return bool(self.details)


Attribution = HeatMap | GradientPicture
Answer = Predictions | Segmentation | Detections | Embedding
Result = (
    Progress
    | Picture
    | NetworkInput
    | Outline
    | Answer
    | FeatureMaps
    | ChannelSummary
    | Kernels
    | Attribution
    | NetworkCatalogue
    | StoredWeights
    | CheckpointReport
)
