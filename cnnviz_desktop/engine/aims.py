"""From a target to the objective that it means for the rows of a pass."""

from collections.abc import Mapping

from torch import Tensor

from cnnviz_desktop.core.errors import LayerError, TargetError
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import ClassTarget, DetectionTarget, LayerRef, SimilarityTarget, Target, UnitTarget
from cnnviz_desktop.engine.augmentation import ORIGINAL
from cnnviz_desktop.engine.object_objectives import object_objective
from cnnviz_desktop.engine.objectives import ClassObjective, Objective, UnitObjective
from cnnviz_desktop.engine.passes import ForwardPass
from cnnviz_desktop.engine.pixel_objectives import pixel_objective
from cnnviz_desktop.engine.similarity import References, SimilarityObjective
from cnnviz_desktop.engine.targets import class_index

_NO_REFERENCES: Mapping[str, Tensor] = {}


def layers_of(target: Target) -> frozenset[LayerRef]:
    """Layers that must be recorded for a target.

    Raises:
        TargetError: The target is incomplete.
    """
    if not isinstance(target, UnitTarget):
        return frozenset()
    if target.cell is not None and target.channel is None:
        raise TargetError(f"A unit of {target.layer} needs its channel too.")
    if target.channel is None and target.box is None:
        raise TargetError(f"What of {target.layer} is to be explained? Name a channel, or draw a region.")
    layer = LayerRef.parse(target.layer)
    if layer.side == "input":
        raise LayerError(f"A target is what a layer gives out: name {layer.name} instead of {layer}.")
    return frozenset({layer})


def objective_of(
    target: Target, outline: Outline, seen: ForwardPass, references: References = _NO_REFERENCES
) -> Objective:
    """The score that a target means for the rows of a pass.

    Args:
        target: What to explain.
        outline: The network's.
        seen: The pass.
        references: What `similarity.references_for` gives for the target.

    Raises:
        TargetError: No such class, unit or object, a unit that no image has one of, or the network is not for that.
        NetworkError: A class is asked for, and the network gives no class scores.
    """
    match target:
        case UnitTarget():
            return _of_unit(target, outline, seen)
        case SimilarityTarget():
            return SimilarityObjective(target, references[target.image], outline.task == "classification")
        case DetectionTarget():
            return _of_object(target, outline, seen)
        case ClassTarget():
            return _of_class(target, outline, seen)


def _of_unit(target: UnitTarget, outline: Outline, seen: ForwardPass) -> UnitObjective:
    (layer,) = layers_of(target)
    tensor, grid, rows = seen.activations[layer], seen.grids.get(layer), len(seen.transforms)
    if grid is None and tensor.dim() == 2 and len(tensor) != rows:
        per_image = "an image" if rows == 1 else f"{rows} images"
        raise TargetError(
            f"{layer} of {outline.name} gives {len(tensor)} rows of values for {per_image}, such as one for each box "
            "that it looks into, so a channel of it is not one number of the image. Explain an object, or a layer that "
            "sees the whole image."
        )
    return UnitObjective(layer, target, seen.under_layers, grid)


def _of_object(target: DetectionTarget, outline: Outline, seen: ForwardPass) -> Objective:
    if outline.task != "detection":
        raise TargetError(f"{outline.name} finds no objects, so there is no box of one to explain.")
    return object_objective(target, outline, seen)


def _of_class(target: ClassTarget, outline: Outline, seen: ForwardPass) -> Objective:
    if outline.task == "segmentation":
        return pixel_objective(target, outline, seen)
    if outline.task == "detection":
        return object_objective(target, outline, seen)
    if outline.task == "embedding":
        raise TargetError(
            f"{outline.name} gives vectors and no class scores. Explain how like another image it finds this one, or a "
            "channel of its last layer."
        )
    if target.box is not None:
        raise TargetError(
            f"{outline.name} gives the whole image one score a class, so it has none of a region. Leave the region "
            "out, or explain one in the maps of a layer."
        )
    return _class_objective(target, outline, seen)


def _class_objective(target: ClassTarget, outline: Outline, seen: ForwardPass) -> ClassObjective:
    scores = seen.scores
    logits = scores.logits.detach()
    originals = logits[ORIGINAL % seen.copies :: seen.copies]  # every copy of an image explains the image's own class
    indices = tuple(index for row in originals for index in [class_index(target.label, outline, row)] * seen.copies)
    minus = None if target.minus is None else class_index(target.minus, outline, logits[0])
    if minus is not None and minus in indices:
        name = outline.class_name(minus)
        likeliest = target.label is None  # of another image, that is another class
        raise TargetError(f"{name} less {name} is nothing to explain: choose two classes.", of_image=likeliest)
    return ClassObjective(indices, minus, scores.activation if target.score == "probability" else None, outline)
