"""A toy whose networks see pixels, find objects, or give vectors, by the word in their name."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace

import numpy as np

from cnnviz_desktop.core.answers import Detections, Embedding, Segmentation
from cnnviz_desktop.core.description import Task
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.references import written
from cnnviz_desktop.core.requests import Request, SimilarityTarget
from cnnviz_desktop.core.results import Result
from tests.ui.toy import ToySession, geometry_of

CLASSES = ("background", "umbrella", "tree")
BOXES = ((1.0, 1.0, 7.0, 7.0), (8.0, 8.0, 15.0, 15.0), (2.0, 9.0, 6.0, 14.0))
TASKS: dict[str, Task] = {"pixels": "segmentation", "finder": "detection", "vectors": "embedding"}


@dataclass
class OtherTasks(ToySession):
    """Answers as the toy does, but for its outline and what the network says."""

    def run(self, request: Request) -> Generator[Result, None, None]:
        task = TASKS.get(written(request.network))
        if request.method == "predictions" and task is not None:
            self.ran.append(request)
            yield from _answer(task, request)
            return
        for result in super().run(request):
            if isinstance(result, Outline) and task is not None:
                classes = len(CLASSES) if task == "segmentation" else 0
                result = replace(result, task=task, classes=classes, class_names=CLASSES)
            yield result


def labels() -> np.ndarray[tuple[int, int], np.dtype[np.int16]]:
    """The upper half is background, below it lies a tree, and an umbrella in the corner."""
    found = np.zeros((16, 16), dtype=np.int16)
    found[8:] = 2
    found[12:, 12:] = 1
    return found


def _answer(task: Task, request: Request) -> Iterator[Result]:
    image, places = request.images[0], geometry_of((1, 16, 16))
    if task == "segmentation":
        shares = np.array([0.5, 0.0625, 0.4375], dtype=np.float32)
        yield Segmentation(image=image, labels=labels(), shares=shares, class_names=CLASSES, geometry=places)
    elif task == "detection":
        yield Detections(
            image=image,
            boxes=np.array(BOXES, dtype=np.float32),
            labels=np.array([1, 2, 1]),
            scores=np.array([0.6, 0.9, 0.2], dtype=np.float32),
            class_names=("umbrella", "tree", "umbrella"),
        )
    else:
        (target,) = request.targets
        other = target.image if isinstance(target, SimilarityTarget) else ""
        vector = np.arange(4, dtype=np.float32)
        yield Embedding(
            image=image,
            vector=vector,
            norm=float(np.linalg.norm(vector)),
            compared_with=other,
            similarity=0.75 if other else None,
        )
