"""timm's models, where timm is installed; it is imported when one is built. Building one reaches no network."""

import warnings
from collections.abc import Generator, Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from torch import nn

from cnnviz_desktop.core.description import NetworkDescription, Preprocessing
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.near_names import nearest
from cnnviz_desktop.core.references import DEFAULT, TIMM
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.engine.networks.checkpoints.checkpoint import read_checkpoint
from cnnviz_desktop.engine.networks.official.pretrained import TrainedWeights, pretrained_of
from cnnviz_desktop.engine.networks.official.timm_weights import (
    class_names_of,
    configuration_of,
    default_configuration,
    official,
    recipe_of,
)
from cnnviz_desktop.engine.networks.programs.surroundings import seeded
from cnnviz_desktop.engine.networks.resized_recipe import resized
from cnnviz_desktop.engine.networks.source import Consent, Source

if TYPE_CHECKING:
    from timm.models import PretrainedCfg

HOW_TO_GET = "timm is not installed. Get it with “uv sync --extra timm” or “pip install timm”."

DOWNLOADING_ARGUMENTS = (
    "pretrained",
    "pretrained_cfg",
    "pretrained_cfg_overlay",
    "pretrained_model_args",
    "checkpoint_path",
    "cache_dir",
)
"""Arguments of timm's ``create_model`` that make it fetch or read weights by itself."""


def build_source(description: NetworkDescription, consent: Consent) -> Generator[Progress, None, Source]:
    """The model that a description names, with the official weights it names, or with random ones.

    Official weights go through timm's own loader, which adapts them to ``in_chans``, ``img_size`` and ``num_classes``;
    it is given tensors that were read safely, never a file or an address.

    Raises:
        NetworkError: timm is not installed, has no such model or weights, or cannot build it so.
        WeightsNeeded: The weights are not on this machine.
    """
    del consent  # nothing of the user's runs
    architecture = description.architecture
    name, arguments = architecture.given, architecture.arguments
    yield Progress(done=0, total=1, text=f"building {name}")
    check_name(name)
    if description.pretrained is None:
        with seeded():
            module = build_timm(name, arguments).eval()
        return Source(module=module, preprocessing=_recipe(default_configuration(name), arguments))
    configuration = configuration_of(name, description.pretrained)
    checkpoint = yield from read_checkpoint(pretrained_of(description).file)
    yield Progress(done=0, total=1, text=f"loading {official(name, configuration).file_name}")
    with seeded():
        module = _build(name, arguments, configuration, checkpoint.content).eval()
    return Source(
        module=module,
        preprocessing=_recipe(configuration, arguments),
        weights_sha256=checkpoint.sha256,
        notes=_notes(configuration, arguments),
    )


def trained_weights(description: NetworkDescription) -> TrainedWeights:
    """The official weights that a description names.

    Raises:
        NetworkError: timm is not installed, or has no such model or weights.
    """
    name, arguments = description.architecture.given, description.architecture.arguments
    check_name(name)
    configuration = configuration_of(name, description.pretrained or DEFAULT)
    same_classes = arguments.get("num_classes", configuration.num_classes) == configuration.num_classes
    return TrainedWeights(
        official=official(name, configuration),
        preprocessing=_recipe(configuration, arguments),
        class_names=class_names_of(configuration) if same_classes else (),
    )


def check_name(name: str) -> None:
    """Make sure that timm is here and has a model of that name.

    Raises:
        NetworkError: It is not installed, or has none; the sentence says what to do.
    """
    try:
        import timm
    except ModuleNotFoundError as error:
        raise NetworkError(HOW_TO_GET) from error
    architecture, _, tag = name.partition(".")
    if not tag and timm.is_model(name):
        return
    if tag and timm.is_model(architecture):
        raise NetworkError(f"Write {TIMM}{architecture}@{tag}: what follows the point in {name} names its weights.")
    meant = nearest(name, timm.list_models())
    hint = f"Did you mean {meant}?" if meant else "“cnnviz list networks” shows those it has."
    raise NetworkError(f"timm has no model “{name}”. {hint}")


def build_timm(name: str, arguments: Mapping[str, Any]) -> nn.Module:
    """A new model with random weights drawn from the global random state.

    Args:
        name: One of ``timm.list_models()``.
        arguments: Keyword arguments of timm's ``create_model``, such as ``num_classes``, ``in_chans``, ``img_size``.

    Raises:
        NetworkError: Arguments it does not take.
    """
    return _build(name, arguments, None, None)


def _build(
    name: str, arguments: Mapping[str, Any], configuration: "PretrainedCfg | None", content: object
) -> nn.Module:
    """A new model; with the content of a weights file where there is a configuration of official weights."""
    import timm

    for key in DOWNLOADING_ARGUMENTS:
        if key in arguments:
            raise NetworkError(
                f"timm's {name} cannot be given “{key}” here: nothing is downloaded unasked. Name a weights file under "
                "“weights” of the network description instead, or official weights under “pretrained”."
            )
    trained: dict[str, Any] = {"pretrained": False}
    if configuration is not None:
        fields = {**asdict(configuration), "state_dict": content}
        trained = {"pretrained": True, "pretrained_cfg": fields}
    try:
        with warnings.catch_warnings(action="ignore"):
            module: nn.Module = timm.create_model(name, **arguments, **trained)
    except (TypeError, ValueError, AttributeError, RuntimeError, AssertionError, KeyError) as error:
        given = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
        raise NetworkError(f"timm's {name} cannot be built with {given or 'its defaults'}: {error}.") from error
    if configuration is not None:
        module.pretrained_cfg.pop("state_dict", None)  # type: ignore[operator,union-attr]  # timm puts a dict there, and would hold the tensors twice
    return module


def _recipe(configuration: "PretrainedCfg", arguments: Mapping[str, Any]) -> Preprocessing:
    """The recipe of the weights or the architecture, at the size and channels that the arguments ask for."""
    channels, height, width = configuration.input_size
    wanted = arguments.get("in_chans", channels)
    if wanted not in (1, 3):
        raise NetworkError(
            f"A network with in_chans={wanted} cannot be shown pictures: they have three channels, or one."
        )
    size = arguments.get("img_size") or (height, width)
    grey = replace(configuration, input_size=(wanted, height, width))
    return resized(recipe_of(grey), (size, size) if isinstance(size, int) else (int(size[0]), int(size[1])))


def _notes(configuration: "PretrainedCfg", arguments: Mapping[str, Any]) -> tuple[str, ...]:
    notes = []
    if arguments.get("num_classes", configuration.num_classes) != configuration.num_classes:
        notes.append(
            f"The weights are for {configuration.num_classes} classes: the classifier for "
            f"{arguments['num_classes']} has random values."
        )
    if configuration.crop_mode == "squash" and configuration.crop_pct < 1:
        notes.append(
            "timm stretches pictures to a little more than the input and crops; here all of them is stretched."
        )
    return tuple(notes)
