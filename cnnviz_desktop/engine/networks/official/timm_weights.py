"""timm's official weights: their tags, files, recipes and class names."""

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from cnnviz_desktop.core.description import Preprocessing
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.near_names import did_you_mean
from cnnviz_desktop.core.official_weights import OfficialWeights, digits_in_name
from cnnviz_desktop.core.references import DEFAULT, TIMM

if TYPE_CHECKING:
    from timm.models import PretrainedCfg

    from cnnviz_desktop.core.description import Interpolation

_HUB_FILE = "model.safetensors"
_OWN_REPOSITORIES = "timm/"
_IMAGENET_CLASSES = 1000


def configurations_of(name: str) -> "dict[str, PretrainedCfg]":
    """Every official weights of a model of timm by their tags, the recommended ones first."""
    import timm

    first = _first_tag(name)
    found = {full.partition(".")[2]: each for full, each in timm.models.get_arch_pretrained_cfgs(name).items()}
    return {tag: found[tag] for tag in sorted(found, key=lambda tag: tag != first) if file_of(found[tag])}


def configuration_of(name: str, wanted: str) -> "PretrainedCfg":
    """The official weights of that tag, in any case; ``DEFAULT`` for the ones timm takes by itself.

    Raises:
        NetworkError: The model has none of that tag.
    """
    offered = configurations_of(name)
    tags = {tag.casefold(): tag for tag in offered}
    if wanted.casefold() == DEFAULT.casefold() and offered:
        return next(iter(offered.values()))
    if wanted.casefold() not in tags:
        told = ", ".join(offered) or "none: open it with random weights, or give a weights file"
        raise NetworkError(
            f"timm has no weights “{wanted}” of {name}.{did_you_mean(wanted, offered)} It offers {told}."
        )
    return offered[tags[wanted.casefold()]]


def default_configuration(name: str) -> "PretrainedCfg":
    """What timm knows of an architecture that takes no official weights."""
    from timm.models import PretrainedCfg, get_pretrained_cfg

    return get_pretrained_cfg(name) or PretrainedCfg()


def file_of(configuration: "PretrainedCfg") -> str:
    """Address of the weights; empty where timm does not tell any."""
    if configuration.hf_hub_id:
        file = configuration.hf_hub_filename or _HUB_FILE
        return f"https://huggingface.co/{configuration.hf_hub_id}/resolve/main/{file}"
    url = configuration.url
    return url[0] if isinstance(url, tuple) else url or ""


def official(name: str, configuration: "PretrainedCfg") -> OfficialWeights:
    """The weights as a file that can be downloaded."""
    url, repository = file_of(configuration), configuration.hf_hub_id or ""
    file_name = PurePosixPath(urlsplit(url).path).name
    tag = configuration.tag or DEFAULT
    return OfficialWeights(
        network=f"{TIMM}{name}@{tag}",
        name=tag,
        url=url,
        file_name=f"{repository.replace('/', '--')}{PurePosixPath(file_name).suffix}" if repository else file_name,
        digits="" if repository else digits_in_name(file_name),
        recipe=_words(configuration),
        repository=repository,
        repository_file=file_name if repository else "",
    )


def recipe_of(configuration: "PretrainedCfg") -> Preprocessing:
    """How timm prepares pictures for evaluating the weights."""
    channels, height, width = configuration.input_size
    mean, std = tuple(configuration.mean), tuple(configuration.std)
    if channels == 1 and len(mean) == 3:  # as timm itself makes grey input of a recipe for colour
        mean, std = (sum(mean) / 3,), (sum(std) / 3,)
    interpolation = cast("Interpolation", configuration.interpolation)
    short_side = int(min(height, width) / configuration.crop_pct)
    if configuration.crop_mode == "squash":
        return Preprocessing(
            resize="stretch",
            size=(height, width),
            mean=mean,
            std=std,
            short_side=short_side if short_side > min(height, width) else None,
            interpolation=interpolation,
        )
    if configuration.crop_mode == "border":
        return Preprocessing(resize="letterbox", size=(height, width), mean=mean, std=std, interpolation=interpolation)
    return Preprocessing(
        resize="short_side_crop",
        size=(height, width),
        mean=mean,
        std=std,
        short_side=short_side,
        interpolation=interpolation,
    )


def class_names_of(configuration: "PretrainedCfg") -> tuple[str, ...]:
    """One name a class, in order; empty where timm knows none.

    Those of ImageNet-1k are torchvision's, which are short.
    """
    if configuration.label_names:
        return tuple(configuration.label_names)
    if configuration.num_classes == _IMAGENET_CLASSES:
        from torchvision.models import ResNet18_Weights

        return tuple(ResNet18_Weights.DEFAULT.meta["categories"])
    from timm.data.imagenet_info import ImageNetInfo, infer_imagenet_subset

    subset = infer_imagenet_subset({"num_classes": configuration.num_classes})
    if subset is None:
        return ()
    known = ImageNetInfo(subset)
    return tuple(known.index_to_description(index) for index in range(configuration.num_classes))


def _first_tag(name: str) -> str:
    import timm

    configuration = timm.models.get_pretrained_cfg(name)
    return (configuration.tag if configuration else None) or ""


def _words(configuration: "PretrainedCfg") -> str:
    """What is to be known of the weights, in a few words."""
    told = [f"{configuration.num_classes} classes" if configuration.num_classes else "features, no classes"]
    if configuration.license:
        told.append(f"license {configuration.license}")
    repository = configuration.hf_hub_id
    if repository and not repository.startswith(_OWN_REPOSITORIES) and not configuration.hf_hub_filename:
        told.append(f"timm does not name the file in {repository}: taken to be {_HUB_FILE}")
    return ", ".join(told)
