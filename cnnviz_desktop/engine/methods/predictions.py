"""What the network says about an image, each kind of network in its own way."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from cnnviz_desktop.core.answers import Detections, Embedding, Segmentation
from cnnviz_desktop.core.geometry import InputTransform, MapGeometry, Size
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import SimilarityTarget
from cnnviz_desktop.core.resources import image_name
from cnnviz_desktop.core.results import Answer, Picture, Predictions, Progress
from cnnviz_desktop.engine.answers import objects_of, pixel_scores_of, vectors_of
from cnnviz_desktop.engine.arrays import frozen_array
from cnnviz_desktop.engine.outputs import not_finite
from cnnviz_desktop.engine.passes import ForwardPass
from cnnviz_desktop.engine.session import Task
from cnnviz_desktop.engine.similarity import References, references_for, similarities

_NOTHING_FOUND = (
    "The network finds no object that it is sure enough of. Networks have a threshold for that, such as "
    "box_score_thresh or score_thresh among the arguments of their architecture."
)


def predictions(task: Task) -> Iterator[Answer | Progress]:
    """What is said of each image: scores of classes, the class of every pixel, the objects found, or the vector.

    Where the request has a `SimilarityTarget`, the vector is compared with that of its image.

    Raises:
        NetworkError: The network gives none of these.
        TargetError: The image to compare with cannot be read.
    """
    outline, request = task.bench.outline, task.request
    references = references_for(request.targets, task.bench, task.read, request.seed)
    for number, picture in enumerate(task.pictures()):
        yield from task.progress(number, len(request.images), image_name(picture.image))
        seen = task.bench.forward(picture, seed=request.seed)
        match outline.task:
            case "segmentation":
                yield _segmentation(seen, picture, outline)
            case "detection":
                yield _detections(seen, picture, outline)
            case "embedding":
                yield _embedding(seen, picture, references)
            case _:
                yield _predictions(seen, picture, outline)
                if any(isinstance(target, SimilarityTarget) for target in request.targets):
                    yield _embedding(seen, picture, references)


def _predictions(seen: ForwardPass, picture: Picture, outline: Outline) -> Predictions:
    scores = seen.scores
    logits = scores.logits.detach()[0]
    return Predictions(
        image=picture.image,
        logits=frozen_array(logits),
        probabilities=frozen_array(scores.probabilities[0]),
        activation=scores.activation,
        class_names=tuple(outline.class_name(index) for index in range(len(logits))),
        notes=scores.notes(0),
    )


def _segmentation(seen: ForwardPass, picture: Picture, outline: Outline) -> Segmentation:
    scores = pixel_scores_of(seen.output)
    classes, (labels,) = scores.logits.shape[1], scores.labels
    cells, transform = Size(*labels.shape), seen.transforms[0]
    inside = labels[_of_picture(transform, cells).to(labels.device)]
    counts = torch.bincount(inside[inside >= 0], minlength=classes)
    kept = labels.to(torch.int16).cpu().numpy()
    kept.flags.writeable = False
    return Segmentation(
        image=picture.image,
        labels=kept,
        shares=frozen_array(counts / max(1, inside.numel())),
        class_names=tuple(outline.class_name(index) for index in range(classes)),
        geometry=MapGeometry(transform, cells),
        notes=tuple(note for note in (scores.note, not_finite(scores.logits[0].detach())) if note),
    )


def _of_picture(transform: InputTransform, cells: Size) -> Tensor:
    """(h, w) bool tensor: which cells of an output lie on the picture, and not on what it was padded with."""
    y = (torch.arange(cells.height) + 0.5) * transform.input.height / cells.height
    x = (torch.arange(cells.width) + 0.5) * transform.input.width / cells.width
    down = (y - transform.offset_y) / transform.scale_y
    across = (x - transform.offset_x) / transform.scale_x
    inside_y = (down >= 0) & (down < transform.original.height)
    return inside_y[:, None] & ((across >= 0) & (across < transform.original.width))


def _detections(seen: ForwardPass, picture: Picture, outline: Outline) -> Detections:
    (found,) = objects_of(seen.output)
    transform = seen.transforms[0]
    scale = (transform.scale_x, transform.scale_y) * 2
    offset = (transform.offset_x, transform.offset_y) * 2
    boxes = found.boxes.detach().double().cpu().numpy()
    labels = found.labels.cpu().numpy().astype(np.int64)
    in_picture = ((boxes - offset) / scale).astype(np.float32).reshape(-1, 4)
    for array in (in_picture, labels):
        array.flags.writeable = False
    return Detections(
        image=picture.image,
        boxes=in_picture,
        labels=labels,
        scores=frozen_array(found.scores.detach()),
        class_names=tuple(outline.class_name(int(label)) for label in labels),
        notes=tuple(note for note in ("" if len(labels) else _NOTHING_FOUND, found.note) if note),
    )


def _embedding(seen: ForwardPass, picture: Picture, references: References) -> Embedding:
    vector = vectors_of(seen.output).detach()[0]
    compared, similarity = next(iter(similarities(vector[None], references)), ("", None))
    return Embedding(
        image=picture.image,
        vector=frozen_array(vector),
        norm=float(vector.double().norm()),
        compared_with=compared,
        similarity=None if similarity is None else float(similarity[0]),
        notes=(not_finite(vector),) if not_finite(vector) else (),
    )
