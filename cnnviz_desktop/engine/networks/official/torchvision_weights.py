"""torchvision's official weights: their names, recipes and class names, and what they want of the architecture."""

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import urlsplit

from cnnviz_desktop.core.description import Preprocessing
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.near_names import did_you_mean
from cnnviz_desktop.core.official_weights import OfficialWeights, digits_in_name
from cnnviz_desktop.core.references import DEFAULT, TORCHVISION

if TYPE_CHECKING:
    from cnnviz_desktop.core.description import Interpolation

DETECTION_RECIPE = Preprocessing(resize="none", size=(480, 640), mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))
"""Detection networks resize and normalise by themselves."""

_MEBIBYTE = 1 << 20
_FIXED_SIZES = {"VisionTransformer": "image_size", "MaxVit": "input_size"}
_USUAL: dict[str, dict[str, object]] = {
    "GoogLeNet": {"transform_input": True, "aux_logits": False},
    "Inception3": {"transform_input": True},
}
"""What torchvision takes with weights where nothing else is said; GoogLeNet's auxiliary heads were never trained."""

_LARGEST_FIRST = ("acc@1", "miou", "box_map", "mask_map", "kp_map", "pixel_acc")


class WeightsEntry(Protocol):
    """A member of one of torchvision's enumerations of weights."""

    @property
    def name(self) -> str:
        """As in ``IMAGENET1K_V1``."""

    @property
    def url(self) -> str:
        """Where it is offered."""

    @property
    def meta(self) -> Mapping[str, Any]:
        """What torchvision tells of it: class names, accuracy, parameters, operations, size."""

    @property
    def transforms(self) -> Callable[[], object]:
        """Makes what prepares its pictures."""


def entries_of(name: str) -> tuple[WeightsEntry, ...]:
    """Every official weights of a model of torchvision."""
    from torchvision import models

    return tuple(models.get_model_weights(name))


def recommended_entry(name: str) -> WeightsEntry | None:
    """The weights that torchvision calls its default; None where it has none."""
    from torchvision import models

    return cast("WeightsEntry | None", getattr(models.get_model_weights(name), DEFAULT, None))


def entry_of(name: str, wanted: str) -> WeightsEntry:
    """The official weights of that name, in any case; also ``DEFAULT`` and full names as ``ResNet50_Weights.DEFAULT``.

    Raises:
        NetworkError: The model has none of that name.
    """
    short = wanted.rpartition(".")[2].casefold()
    if short == DEFAULT.casefold() and (recommended := recommended_entry(name)) is not None:
        return recommended
    offered = {entry.name.casefold(): entry for entry in entries_of(name)}
    if short not in offered:
        names = [entry.name for entry in offered.values()]
        raise NetworkError(
            f"torchvision has no weights “{wanted}” of {name}.{did_you_mean(short, names)} "
            f"It offers {', '.join(names) or 'none'}."
        )
    return offered[short]


def recipe_of(entry: WeightsEntry) -> Preprocessing:
    """How pictures were prepared when the weights were trained, as their own ``transforms()`` does."""
    transforms: Any = entry.transforms()
    if type(transforms).__name__ == "ObjectDetection":
        return DETECTION_RECIPE
    short_side = int(transforms.resize_size[0])
    crop = getattr(transforms, "crop_size", None)
    side = short_side if crop is None else int(crop[0])
    return Preprocessing(
        resize="short_side" if crop is None else "short_side_crop",
        size=(side, side),
        mean=tuple(transforms.mean),
        std=tuple(transforms.std),
        short_side=short_side,
        interpolation=cast("Interpolation", transforms.interpolation.value),
    )


def class_names_of(entry: WeightsEntry) -> tuple[str, ...]:
    """One name a class, in the order of the outputs; empty for weights without a classifier."""
    return tuple(entry.meta["categories"] or ())


def arguments_with(entry: WeightsEntry, builder: str, family: type, given: Mapping[str, object]) -> dict[str, object]:
    """Arguments that build the architecture the weights were trained in.

    Args:
        entry: The weights.
        builder: Name of the model.
        family: Class of the network that the model's builder makes.
        given: Arguments of the user's own.

    Raises:
        NetworkError: An argument of the user's own cannot go with the weights.
    """
    meta = entry.meta
    fixed: dict[str, object] = {"num_classes": len(meta["categories"])} if meta["categories"] else {}
    if "keypoint_names" in meta:
        fixed["num_keypoints"] = len(meta["keypoint_names"])
    if family.__name__ in ("DeepLabV3", "FCN"):
        fixed["aux_loss"] = True
    if family.__name__ in _FIXED_SIZES:
        size = tuple(meta["min_size"])
        fixed[_FIXED_SIZES[family.__name__]] = size[0] if family.__name__ == "VisionTransformer" else size
    for key, value in fixed.items():
        said = given.get(key, value)
        if (tuple(said) if isinstance(said, list) else said) != value:
            raise NetworkError(
                f"The weights {entry.name} of {builder} go with {key}={value!r} alone, and {key}={said!r} was given. "
                "Leave it out, or take random weights or a weights file of your own."
            )
    return {**_USUAL.get(family.__name__, {}), **given, **fixed}


def official(name: str, entry: WeightsEntry) -> OfficialWeights:
    """The weights as a file that can be downloaded."""
    file_name = PurePosixPath(urlsplit(entry.url).path).name
    size = entry.meta.get("_file_size")
    return OfficialWeights(
        network=f"{TORCHVISION}{name}@{entry.name}",
        name=entry.name,
        url=entry.url,
        file_name=file_name,
        digits=digits_in_name(file_name),
        bytes=None if size is None else round(float(size) * _MEBIBYTE),
        recipe=_words(entry),
    )


def _words(entry: WeightsEntry) -> str:
    """What is to be known of the weights, in a few words."""
    licence = entry.meta.get("license")
    return ", ".join(filter(None, (accuracy_words(entry), f"license {licence}" if licence else "")))


def accuracy_words(entry: WeightsEntry) -> str:
    """What the weights reach, in a few words: ``80.9 % acc@1 on ImageNet-1K``; empty where torchvision does not say."""
    metrics: Mapping[str, Mapping[str, float]] = entry.meta.get("_metrics", {})
    for data, reached in metrics.items():
        for metric in _LARGEST_FIRST:
            if metric in reached:
                return f"{reached[metric]:.1f} % {metric} on {data}"
    return ""
