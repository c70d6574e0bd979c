"""torchvision's classification, segmentation and detection models. torchvision is imported when one is built."""

from collections.abc import Generator, Mapping
from typing import Any, get_args, get_type_hints

from torch import nn

from cnnviz_desktop.core.description import NetworkDescription, Preprocessing
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.near_names import nearest
from cnnviz_desktop.core.network_catalogue import Task
from cnnviz_desktop.core.references import DEFAULT
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.engine.networks.official.pretrained import TrainedWeights
from cnnviz_desktop.engine.networks.official.torchvision_weights import (
    DETECTION_RECIPE,
    WeightsEntry,
    arguments_with,
    class_names_of,
    entry_of,
    official,
    recipe_of,
    recommended_entry,
)
from cnnviz_desktop.engine.networks.programs.surroundings import seeded
from cnnviz_desktop.engine.networks.resized_recipe import resized
from cnnviz_desktop.engine.networks.source import Consent, Source

KINDS: tuple[Task, ...] = get_args(Task)

_DOWNLOADING_ARGUMENTS = ("weights", "weights_backbone", "pretrained", "pretrained_backbone", "progress")

_SLOW_TO_INITIALISE = ("googlenet", "inception_v3")
"""These warn unless told how to initialise; their own way takes long and, untrained, ends in scores of 1e11."""

_FROZEN_NORMS = ("FasterRCNN", "MaskRCNN", "KeypointRCNN", "RetinaNet", "FCOS")
"""Detection networks whose first versions were trained with the backbone's batch statistics held."""

_WITHOUT_EPSILON = (
    "fasterrcnn_resnet50_fpn",
    "keypointrcnn_resnet50_fpn",
    "maskrcnn_resnet50_fpn",
    "retinanet_resnet50_fpn",
)
"""Their COCO_V1 weights were trained before that normalisation knew an ε."""

_EPSILON = 1e-5

_NOT_OFFERED = {
    "quantization": "is quantized: its whole numbers give neither gradients nor maps worth comparing. Open {plain}.",
    "video": "takes videos, and this program shows pictures.",
    "optical_flow": "takes two pictures and tells how one moves into the other; this program shows one picture.",
}


def build_source(description: NetworkDescription, consent: Consent) -> Generator[Progress, None, Source]:
    """The model that a description names, as its official weights want it where it names some, with random weights.

    Raises:
        NetworkError: No such model or weights, or arguments it does not take.
    """
    del consent  # nothing of the user's runs
    architecture = description.architecture
    name, arguments = architecture.given, architecture.arguments
    check_name(name)
    entry = None if description.pretrained is None else entry_of(name, description.pretrained)
    yield Progress(done=0, total=1, text=f"building {name}")
    with seeded():
        module = build_torchvision(name, arguments, entry).eval()
    return Source(module=module, preprocessing=recipe_of(entry) if entry else recipe_of_random(name, module, arguments))


def trained_weights(description: NetworkDescription) -> TrainedWeights:
    """The official weights that a description names.

    Raises:
        NetworkError: No such model, or no such weights of it.
    """
    name = description.architecture.given
    check_name(name)
    entry = entry_of(name, description.pretrained or DEFAULT)
    return TrainedWeights(
        official=official(name, entry), preprocessing=recipe_of(entry), class_names=class_names_of(entry)
    )


def torchvision_names(kind: Task = "classification") -> tuple[str, ...]:
    """Names of torchvision's models of a kind, in alphabetical order."""
    from torchvision import models

    place = {"classification": models, "segmentation": models.segmentation, "detection": models.detection}[kind]
    return tuple(models.list_models(module=place))


def family_of(name: str) -> type[nn.Module]:
    """Class of the networks that a model of torchvision is one of: ``ResNet`` for ``resnet50``."""
    from torchvision import models

    hinted: type[nn.Module] = get_type_hints(models.get_model_builder(name))["return"]
    return hinted


def check_name(name: str) -> None:
    """Make sure that torchvision has a model that is offered.

    Raises:
        NetworkError: It has none; the sentence says which there is, or why it is not offered.
    """
    names = [each for kind in KINDS for each in torchvision_names(kind)]
    if name not in names:
        raise NetworkError(_not_offered(name, names))


def recipe_of_random(name: str, module: nn.Module, arguments: Mapping[str, object]) -> Preprocessing:
    """How pictures are prepared for a model without official weights: as for its recommended ones, at its own size.

    Args:
        name: One of `torchvision_names`.
        module: The model.
        arguments: What it was built with.
    """
    entry = recommended_entry(name)
    recipe = Preprocessing(resize="short_side_crop", short_side=256) if entry is None else recipe_of(entry)
    size: Any = getattr(module, "image_size", None) or arguments.get("input_size")
    if recipe == DETECTION_RECIPE or size is None:
        return recipe
    return resized(recipe, (size, size) if isinstance(size, int) else tuple(size))


def build_torchvision(name: str, arguments: Mapping[str, Any], entry: WeightsEntry | None = None) -> nn.Module:
    """A new model with random weights drawn from the global random state.

    Args:
        name: One of `torchvision_names`.
        arguments: Keyword arguments of torchvision's builder, such as ``num_classes``.
        entry: Official weights that it is to take; it is then built as torchvision builds it for them.

    Raises:
        NetworkError: No such model, or arguments it does not take.
    """
    from torchvision import models

    check_name(name)
    for key in _DOWNLOADING_ARGUMENTS:
        if key in arguments:
            raise NetworkError(
                f"torchvision's {name} cannot be given “{key}” here: nothing is downloaded unasked. Name a weights "
                "file under “weights” of the network description instead, or official weights under “pretrained”."
            )
    try:
        builder = models.get_model_builder(name)
        defaults: dict[str, Any] = {"init_weights": False} if name in _SLOW_TO_INITIALISE else {}
        if name not in torchvision_names("classification"):
            defaults["weights_backbone"] = None
        wanted = dict(arguments)
        if entry is not None:
            wanted = arguments_with(entry, name, family_of(name), wanted)
        module: nn.Module = builder(weights=None, **(defaults | wanted))
    except (TypeError, ValueError, AttributeError, RuntimeError, AssertionError, NotImplementedError) as error:
        given = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
        raise NetworkError(f"torchvision's {name} cannot be built with {given or 'its defaults'}: {error}.") from error
    if entry is not None and family_of(name).__name__ in _FROZEN_NORMS and not name.endswith("_v2"):
        _hold_statistics(module, eps=0.0 if name in _WITHOUT_EPSILON and entry.name == "COCO_V1" else _EPSILON)
    return module


def _hold_statistics(module: nn.Module, eps: float) -> None:
    """Put frozen batch normalisation in the backbone, as torchvision does for trained weights of these networks."""
    from torchvision.ops import FrozenBatchNorm2d

    for part in list(module.modules()):
        for name, child in part.named_children():
            if isinstance(child, nn.BatchNorm2d):
                setattr(part, name, FrozenBatchNorm2d(child.num_features, eps=eps))


def _not_offered(name: str, names: list[str]) -> str:
    from torchvision import models

    if name in models.list_models():
        family = models.get_model_builder(name).__module__.split(".")[2]
        return f"torchvision's {name} {_NOT_OFFERED[family].format(plain=name.removeprefix('quantized_'))}"
    meant = nearest(name, names)
    hint = f"Did you mean {meant}?" if meant else "“cnnviz list networks” shows those it has."
    return f"torchvision has no model “{name}”. {hint}"
