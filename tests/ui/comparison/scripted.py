"""A session that answers every method that explains a target, without torch: quick, and refusing what it is told to."""

import threading
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from cnnviz_desktop.core import catalog
from cnnviz_desktop.core.errors import CnnvizError, ImageError, LayerError
from cnnviz_desktop.core.geometry import InputTransform, MapGeometry, Size
from cnnviz_desktop.core.references import written
from cnnviz_desktop.core.requests import ClassTarget, Request, Target, UnitTarget
from cnnviz_desktop.core.results import (
    Attribution,
    Explained,
    FloatArray,
    GradientPicture,
    HeatMap,
    Picture,
    Progress,
    Result,
)
from tests.ui.toy import CLASSES, INPUT, ToySession, pixels_of

LIKELIEST = 2
TOP = ClassTarget()


@dataclass
class ComparingSession(ToySession):
    """The toy, which also explains.

    Methods in `refused` and layers in `pathless` raise the sentence that stands there, methods in `faulty` a fault of
    the program; methods in `held` wait until `released`; those in `preliminary` come twice, those
    in `held_halfway` too, the second time not before `released`; those in `silent` give nothing.
    `contents` are the hashes of images' files; a network's values are multiplied by what it has in `strengths`.
    """

    refused: dict[str, str] = field(default_factory=dict)
    pathless: dict[str, str] = field(default_factory=dict)
    faulty: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)
    preliminary: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    held_halfway: set[str] = field(default_factory=set)
    contents: dict[str, str] = field(default_factory=dict)
    strengths: dict[str, float] = field(default_factory=dict)
    waits: threading.Event = field(default_factory=threading.Event)

    def run(self, request: Request) -> Generator[Result, None, None]:
        if request.method == "picture":
            self.ran.append(request)
            for image in request.images:
                if "broken" in image:
                    raise ImageError(f"{image} is no image.")
                yield Picture(image=image, pixels=pixels_of(image), sha256=self.contents.get(image, "cd" * 32))
        elif catalog.method(request.method).gives:
            self.ran.append(request)
            yield from self._explained(request)
        else:
            yield from super().run(request)

    @property
    def explaining(self) -> list[Request]:
        """The requests that explain something."""
        return [request for request in self.ran if catalog.method(request.method).gives]

    def _explained(self, request: Request) -> Iterator[Result]:
        self._open(request)
        for method in request.methods:  # all are planned before the first is computed
            if method in self.refused:
                raise CnnvizError(self.refused[method])
            if method in self.faulty:
                raise ZeroDivisionError("a fault of the program")
        for layer in request.layers:
            if layer in self.pathless:
                raise LayerError(self.pathless[layer])
        for image in request.images:
            for target in request.targets:
                for method in request.methods:
                    while method in self.held and not self.released.is_set():
                        self.waits.set()
                        yield Progress(done=1, total=2, text="and on")
                    yield from self._of_method(request, method, target, image)

    def _of_method(self, request: Request, method: str, target: Target, image: str) -> Iterator[Result]:
        known, network = catalog.method(method), written(request.network)
        layers = request.layers if known.needs_layer else ("",)
        for layer in layers if method not in self.silent else ():
            shares = (0.5, 1.0) if method in self.preliminary | self.held_halfway else (1.0,)
            for done in shares:
                while done == 1 and method in self.held_halfway and not self.released.is_set():
                    yield Progress(done=1, total=2, text="and on")
                made, strength = attribution(method, layer, target, image, done), self.strengths.get(network, 1.0)
                yield replace(made, raw=np.asarray(made.raw * strength, dtype=np.float32))


def attribution(
    method: str, layer: str = "stage", target: Target = TOP, image: str = "a", done: float = 1.0
) -> Attribution:
    """What the session answers: values that differ in every respect."""
    explained = explained_as(target)
    raw = values_of(method, layer, explained.title, image, done)
    transform = InputTransform.of("stretch", INPUT, INPUT)
    if catalog.method(method).gives == "picture":
        return GradientPicture(
            image=image, method=method, layer=layer, explained=explained, raw=raw, transform=transform, done=done
        )
    return HeatMap(
        image=image,
        method=method,
        layer=layer,
        explained=explained,
        raw=raw,
        geometry=MapGeometry(transform, Size(*raw.shape)),
        done=done,
    )


def explained_as(target: Target) -> Explained:
    """What the session says it explains, as the engine does."""
    if isinstance(target, UnitTarget):
        return Explained(title=f"{target.layer}, channel {target.channel}", score=1.5, target=target)
    if not isinstance(target, ClassTarget):
        return Explained(title=str(target), score=0.5, target=target)
    index = target.label if isinstance(target.label, int) else LIKELIEST
    title = CLASSES[index] if not isinstance(target.minus, int) else f"{CLASSES[index]} − {CLASSES[target.minus]}"
    asked = ClassTarget(index, target.minus, target.score)
    name = CLASSES[index]
    return Explained(title=title, class_index=index, class_name=name, score=2.0, probability=0.5, target=asked)


def values_of(method: str, layer: str, title: str, image: str, done: float) -> FloatArray:
    """(4, 4) of a map, (3, 16, 16) of a picture: signed noise of its own."""
    seed = sum(f"{method}|{layer}|{title}|{image}|{done}".encode())
    shape = (3, *INPUT) if catalog.method(method).gives == "picture" else (4, 4)
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)
