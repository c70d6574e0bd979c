"""What the network says about an image."""

from collections.abc import Iterator

from cnnviz_desktop.core.resources import image_name
from cnnviz_desktop.core.results import Predictions, Progress
from cnnviz_desktop.engine.arrays import frozen_array
from cnnviz_desktop.engine.session import Task


def predictions(task: Task) -> Iterator[Predictions | Progress]:
    """Logits and probabilities of every class, an image at a time.

    Raises:
        NetworkError: The network gives no class scores.
    """
    outline = task.bench.outline
    for number, picture in enumerate(task.pictures()):
        yield from task.progress(number, len(task.request.images), image_name(picture.image))
        scores = task.bench.forward(picture, seed=task.request.seed).scores
        logits = scores.logits.detach()[0]
        yield Predictions(
            image=picture.image,
            logits=frozen_array(logits),
            probabilities=frozen_array(scores.probabilities[0]),
            activation=scores.activation,
            class_names=tuple(outline.class_name(index) for index in range(len(logits))),
            notes=scores.notes(0),
        )
