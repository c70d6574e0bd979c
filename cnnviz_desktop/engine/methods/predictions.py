"""What the network says about an image."""

from collections.abc import Iterator

from cnnviz_desktop.core.results import Predictions
from cnnviz_desktop.engine.outputs import not_finite
from cnnviz_desktop.engine.session import Task


def predictions(task: Task) -> Iterator[Predictions]:
    """Logits and probabilities of every class, an image at a time.

    Raises:
        NetworkError: The network gives no class scores.
    """
    outline = task.bench.outline
    for picture in task.pictures():
        scores = task.bench.forward(picture).scores
        logits = scores.logits.detach()[0].float().cpu()
        notes = [note for note in (scores.note, not_finite(logits)) if note]
        yield Predictions(
            image=picture.image,
            logits=logits.numpy(),
            probabilities=scores.probabilities[0].cpu().numpy(),
            activation=scores.activation,
            class_names=tuple(outline.class_name(index) for index in range(len(logits))),
            notes=tuple(notes),
        )
