"""A toy network told without torch: its outline, and a session that answers every method about it."""

import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field

import numpy as np

from cnnviz_desktop.core.catalog import Method, method
from cnnviz_desktop.core.description import Architecture, NetworkDescription, NetworkRef, Preprocessing
from cnnviz_desktop.core.errors import ConsentNeeded, ImageError, NetworkError, OutOfMemory, WeightsMismatch
from cnnviz_desktop.core.geometry import InputTransform, MapGeometry, Size
from cnnviz_desktop.core.outline import LayerNode, Outline
from cnnviz_desktop.core.references import written
from cnnviz_desktop.core.requests import ClassTarget, LayerRef, Request, Target, UnitTarget
from cnnviz_desktop.core.results import (
    Attribution,
    ByteArray,
    ChannelStatistics,
    ChannelSummary,
    Explained,
    FeatureMaps,
    FloatArray,
    GradientPicture,
    HeatMap,
    Kernels,
    Picture,
    Predictions,
    Progress,
    Result,
)
from tests.ui.toy_errands import ERRANDS

CLASSES = ("umbrella", "tree", "ball")
MISMATCH = (("fc.weight", "shape", "10×4", "3×4"), ("old.bias", "unexpected", "4", ""))
INPUT = Size(16, 16)
LAYERS = (
    LayerNode(name="stem", type="Conv2d", parameters=112, inputs=((3, 16, 16),), outputs=((4, 8, 8),)),
    LayerNode(name="stage", type="Sequential", parameters=296, inputs=((4, 8, 8),), outputs=((8, 4, 4),)),
    LayerNode(
        name="stage.conv",
        type="Conv2d",
        parameters=296,
        inputs=((4, 8, 8),),
        outputs=((8, 4, 4),),
        kernel_shape=(8, 4, 3, 3),
    ),
    LayerNode(name="fc", type="Linear", parameters=27, inputs=((8,),), outputs=((3,),), kernel_shape=(3, 8)),
    LayerNode(name="unused", type="Dropout", parameters=0),
)


PAIR = LayerNode(name="pair", type="Pair", parameters=0, inputs=((8, 4, 4),), outputs=((3,), (2, 4, 4), (6, 2, 2)))
"""A layer of several tensors, at the end of a network named ``parts``."""


def description_of(network: NetworkRef) -> NetworkDescription:
    """What a toy's reference stands for."""
    if isinstance(network, NetworkDescription):
        return network
    architecture = Architecture(torchvision="toy" if network == "sample" else network)
    return NetworkDescription(format=1, name="Toy", architecture=architecture)


def outline_of(request: Request) -> Outline:
    """The toy under whatever reference it was asked for."""
    return Outline(
        network=request.network,
        description=description_of(request.network),
        name=f"Toy {request.network}",
        layers=(*LAYERS, PAIR) if "parts" in written(request.network) else LAYERS,
        suggested="stage",
        preprocessing=Preprocessing(size=INPUT),
        class_names=CLASSES,
        classes=0 if "plain" in written(request.network) else len(CLASSES),
        parameters=435,
        weights_sha256="ab" * 32,
        device="cuda:0" if request.device == "cuda" else "cpu",
        device_reason="It was asked for." if request.device != "auto" else "There is no graphics card.",
    )


def shape_of(layer: str) -> tuple[int, ...]:
    """Shape of a layer's maps, (C, h, w)."""
    reference = LayerRef.parse(layer)
    node = next(node for node in (*LAYERS, PAIR) if node.name == reference.name)
    return (node.inputs if reference.side == "input" else node.outputs)[reference.part]


def pixels_of(image: str) -> ByteArray:
    """(16, 16, 3): grey that differs from image to image."""
    return np.full((*INPUT, 3), sum(image.encode()) % 256, dtype=np.uint8)


def geometry_of(shape: tuple[int, ...]) -> MapGeometry:
    """Where maps of that shape lie."""
    return MapGeometry(InputTransform.of("stretch", INPUT, INPUT), Size(*shape[1:]))


def maps_of(layer: str, image: str) -> FloatArray:
    """(C, h, w): every channel a ramp that starts at its own number."""
    shape = shape_of(layer)
    ramp = np.linspace(0, 1, shape[1] * shape[2], dtype=np.float32).reshape(shape[1:])
    return ramp + np.arange(shape[0], dtype=np.float32)[:, None, None] + np.float32(len(image))


@dataclass
class ToySession:
    """Answers requests about the toy.

    What is named ``broken`` fails, ``consent`` needs trust, ``keys`` has weights that do not fit, ``cpu-only`` has no
    CUDA, ``huge`` runs out of memory anywhere but on the CPU. The attribution of an ``endless`` image, the picture of a
    ``held`` one and all that a ``held`` network is asked wait until `released` and can be cancelled; a ``plain``
    network gives no class scores.
    """

    ran: list[Request] = field(default_factory=list)
    trusted: list[str] = field(default_factory=list)
    cleaned_up: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)

    def run(self, request: Request) -> Generator[Result, None, None]:
        self.ran.append(request)
        if request.method == "picture":
            while "held" in request.images[0] and not self.released.is_set():
                yield Progress(done=1, total=1, text="reading and reading")
            yield self._picture(request.images[0])
            return
        self._open(request)
        while "held" in written(request.network) and not self.released.is_set():
            yield Progress(done=1, total=1, text="and on")
        yield from ANSWERS.get(request.method, _attribution)(request)
        try:
            while "endless" in "".join(request.images) and method(request.method).gives:
                yield Progress(done=1, total=100, text="on and on")
        finally:
            self.cleaned_up.set()

    def trust(self, sha256: str) -> None:
        self.trusted.append(sha256)

    def distrust(self, sha256: str) -> None:
        self.trusted.remove(sha256)

    def close(self) -> None:
        self.ran.clear()

    def of(self, method_id: str) -> list[Request]:
        return [request for request in self.ran if request.method == method_id]

    def _picture(self, image: str) -> Picture:
        if "broken" in image:
            raise ImageError(f"{image} is no image.")
        return Picture(image=image, pixels=pixels_of(image), sha256="cd" * 32)

    def _open(self, request: Request) -> None:
        network = written(request.network)
        if "broken" in network:
            raise NetworkError(f"{network} cannot be opened.")
        if "cpu-only" in network and request.device == "cuda":
            raise NetworkError("There is no CUDA device.")
        if "crash" in network:
            raise ZeroDivisionError("a fault of the program")
        if "consent" in network and "ef" * 32 not in self.trusted:
            raise ConsentNeeded("/networks/mine.py", "ef" * 32)
        if "keys" in network and {row[0] for row in MISMATCH} - set(request.allowed_keys):
            raise WeightsMismatch("2 keys do not fit.", MISMATCH)
        if "huge" in network and request.device != "cpu" and method(request.method).gives:
            raise OutOfMemory("The memory ran out.")


def _outline(request: Request) -> Iterator[Result]:
    yield Progress(done=0, total=2, text="building")
    yield outline_of(request)


def _predictions(request: Request) -> Iterator[Result]:
    logits = np.array([2.0, 1.0, 0.5], dtype=np.float32)
    if "ball" in request.images[0]:
        logits = logits[::-1].copy()
    probabilities = np.exp(logits) / np.exp(logits).sum()
    yield Predictions(
        image=request.images[0],
        logits=logits,
        probabilities=probabilities,
        activation="softmax",
        class_names=CLASSES,
    )


def explained_of(target: Target, image: str) -> Explained:
    """What the toy says it explains: the likeliest class is 0, of a ball 2."""
    if isinstance(target, UnitTarget):
        return Explained(title=f"{target.layer}, channel {target.channel}", score=1.5)
    if not isinstance(target, ClassTarget):
        return Explained(title=str(target), score=0.5, target=target)
    label = target.label if isinstance(target.label, int) else 2 if "ball" in image else 0
    title = CLASSES[label] if not isinstance(target.minus, int) else f"{CLASSES[label]} − {CLASSES[target.minus]}"
    return Explained(title=title, class_index=label, class_name=CLASSES[label], score=2.0, probability=0.5)


def gradient_of(image: str) -> FloatArray:
    """(3, 16, 16): a signed ramp, another one in every channel."""
    ramp = np.linspace(-1, 1, INPUT.height * INPUT.width, dtype=np.float32).reshape(INPUT)
    return np.stack([ramp, 0.5 * ramp[::-1], -0.25 * ramp]) + np.float32(len(image) / 100)


def _attribution(request: Request) -> Iterator[Result]:
    """Once for a quick method, ever sharper for one of many passes; of an ``endless`` image the first part alone."""
    wanted, image = method(request.method), request.images[0]
    explained = explained_of(request.targets[0], image)
    shares = (0.375,) if wanted.streams and "endless" in image else (0.25, 0.75, 1.0) if wanted.streams else (1.0,)
    for done in shares:
        yield _part(request, wanted, explained, done)


def _part(request: Request, wanted: Method, explained: Explained, done: float) -> Attribution:
    image, notes = request.images[0], ("2 activations have no rule.",) if request.method == "guided_backprop" else ()
    completeness = 0.0031 if request.method in ("integrated_gradients", "fullgrad") else None
    if wanted.gives == "picture":
        return GradientPicture(
            image=image,
            method=request.method,
            layer="",
            explained=explained,
            raw=gradient_of(image) * np.float32(done),
            transform=InputTransform.of("stretch", INPUT, INPUT),
            done=done,
            completeness=completeness,
            notes=notes,
        )
    layers = request.layers or ("stage",)
    return HeatMap(
        image=image,
        method=request.method,
        layer=" + ".join(layers),
        explained=explained,
        raw=maps_of(layers[0], image)[explained.class_index or 0] * np.float32(done),
        geometry=geometry_of(shape_of(layers[0])),
        done=done,
        completeness=completeness,
    )


def _feature_maps(request: Request) -> Iterator[Result]:
    layer, image = request.layers[0], request.images[0]
    maps = maps_of(layer, image)
    half = len(maps) // 2
    for first in (0, half):
        part = maps[first : first + half].copy()
        yield FeatureMaps(
            image=image,
            layer=layer,
            first=first,
            total=len(maps),
            maps=part,
            statistics=statistics_of(part),
            geometry=geometry_of(maps.shape),
        )
    yield ChannelSummary(
        image=image, layer=layer, total=maps.sum(axis=0), mean=maps.mean(axis=0), geometry=geometry_of(maps.shape)
    )


def statistics_of(maps: FloatArray) -> ChannelStatistics:
    """Of (n, h, w) maps without a value that is not finite."""
    flat = maps.reshape(len(maps), -1)
    return ChannelStatistics(
        mean=flat.mean(axis=1),
        minimum=flat.min(axis=1),
        maximum=flat.max(axis=1),
        energy=np.sqrt((flat**2).mean(axis=1)),
        zeros=(flat == 0).mean(axis=1, dtype=np.float32),
        finite=np.ones(len(maps), dtype=np.float32),
    )


def _kernels(request: Request) -> Iterator[Result]:
    layer = request.layers[0]
    shape = next(node for node in LAYERS if node.name == layer).kernel_shape or ()
    weights = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    weights = weights if weights.ndim == 4 else weights[:, None, None, :]
    norms = np.sqrt((weights.reshape(len(weights), -1) ** 2).sum(axis=1))
    yield Kernels(
        layer=layer, first=0, total=len(weights), weights=weights, norms=norms, bias=None, kind="convolution 3×3"
    )


ANSWERS: dict[str, Callable[[Request], Iterator[Result]]] = {
    **ERRANDS,
    "outline": _outline,
    "predictions": _predictions,
    "feature_maps": _feature_maps,
    "kernels": _kernels,
}
