"""An engine whose answers are written down, and what is asked of it."""

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import product

import numpy as np

from cnnviz_desktop.commands.asking import Asker
from cnnviz_desktop.commands.console import Console
from cnnviz_desktop.commands.engine import Engine
from cnnviz_desktop.core.errors import (
    CnnvizError,
)
from cnnviz_desktop.core.geometry import InputTransform, MapGeometry, Size
from cnnviz_desktop.core.requests import ClassTarget, Request, Target, UnitTarget
from cnnviz_desktop.core.results import Explained, HeatMap, Result
from cnnviz_desktop.figures.manifest import Problem

Failing = Callable[[str, str, Target], CnnvizError | None]
NAMED = (ClassTarget("dog"), ClassTarget("cat"))
REGION = UnitTarget("layer3", box=(0, 0, 9, 9))


class Scripted(Engine):
    """Gives a map for each target, image and method, in the engine's order, until one fails."""

    def __init__(self, failing: Failing, failing_layers: Mapping[str, CnnvizError]) -> None:
        super().__init__(Console())
        self.asked: list[Request] = []
        self._failing = failing
        self._failing_layers = failing_layers

    def answers(self, request: Request) -> Iterator[Result]:
        self.asked.append(request)
        geometry = MapGeometry(InputTransform.of("none", Size(2, 2), Size(2, 2)), Size(2, 2))
        for target in request.targets:
            title = str(target.label) if isinstance(target, ClassTarget) else getattr(target, "layer", str(target))
            for method in request.methods:
                for layer, image in product(request.layers or ("layer3",), request.images):
                    if error := self._failing(image, method, target) or self._failing_layers.get(layer):
                        raise error
                    yield HeatMap(
                        image=image,
                        method=method,
                        layer=layer,
                        explained=Explained(title=title, score=1.0, target=target),
                        raw=np.ones((2, 2), dtype=np.float32),
                        geometry=geometry,
                    )


class OneName(Scripted):
    """Whatever is explained is called a crane."""

    def answers(self, request: Request) -> Iterator[Result]:
        for result in super().answers(request):
            assert isinstance(result, HeatMap)
            explained = dataclasses.replace(result.explained, title="crane")
            yield dataclasses.replace(result, explained=explained)


def ask(
    failing: Failing, *requests: Request, lone: bool = True, failing_layers: Mapping[str, CnnvizError] | None = None
) -> tuple[Counter[tuple[str, str, str]], list[Problem], list[Problem], Scripted]:
    """What was answered, the problems kept, the problems told, and the engine."""
    told: list[Problem] = []
    engine = Scripted(failing, failing_layers or {})
    asker = Asker(engine, told.append, lone=lone)
    results = [result for request in requests for result in asker.answers(request)]
    maps = Counter((one.image, one.method, one.explained.title) for one in results if isinstance(one, HeatMap))
    questions = [one.to_json() for one in engine.asked]
    assert len(set(questions)) == len(questions)  # nothing is asked twice in the same words
    return maps, asker.problems, told, engine


def request(*images: str, also: tuple[str, ...] = (), targets: tuple[Target, ...] = NAMED) -> Request:
    return Request(method="gradcam", also=also, images=images, targets=targets)


def every(*results: tuple[str, str, str]) -> Counter[tuple[str, str, str]]:
    return Counter(results)
