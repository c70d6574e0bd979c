"""torchvision's classification models, with random weights. torchvision is imported when one is built."""

import difflib
from collections.abc import Generator
from typing import Any

from torch import nn

from cnnviz_desktop.core.description import NetworkDescription, Preprocessing
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.engine.networks.source import Consent, Source
from cnnviz_desktop.engine.networks.surroundings import seeded

_DOWNLOADING_ARGUMENTS = ("weights", "weights_backbone", "progress")

_SLOW_TO_INITIALISE = ("googlenet", "inception_v3")
"""These warn unless told how to initialise; their own way takes long and, untrained, ends in scores of 1e11."""

_IMAGENET = Preprocessing(resize="short_side_crop", size=(224, 224), short_side=256)
_INCEPTION = Preprocessing(resize="short_side_crop", size=(299, 299), short_side=342)


def build_source(description: NetworkDescription, consent: Consent) -> Generator[Progress, None, Source]:
    """The model that a description names, with random weights.

    Raises:
        NetworkError: No such model, or arguments it does not take.
    """
    del consent  # nothing of the user's runs
    name = description.architecture.given
    yield Progress(done=0, total=1, text=f"building {name}")
    with seeded():
        module = build_torchvision(name, description.architecture.arguments).eval()
    return Source(module=module, preprocessing=imagenet_preprocessing(name))


def torchvision_names() -> tuple[str, ...]:
    """Names of torchvision's classification models, in alphabetical order."""
    from torchvision import models

    return tuple(models.list_models(module=models))


def imagenet_preprocessing(name: str) -> Preprocessing:
    """How a model's pictures were prepared when it was trained on ImageNet: short side, centre crop, mean and std."""
    return _INCEPTION if name == "inception_v3" else _IMAGENET


def build_torchvision(name: str, arguments: dict[str, Any]) -> nn.Module:
    """A new model with random weights drawn from the global random state.

    Args:
        name: One of `torchvision_names`.
        arguments: Keyword arguments of torchvision's builder, such as ``num_classes``.

    Raises:
        NetworkError: No such model, or arguments it does not take.
    """
    from torchvision import models

    if name not in torchvision_names():
        raise NetworkError(_unknown(name))
    for key in _DOWNLOADING_ARGUMENTS:
        if key in arguments:
            raise NetworkError(
                f"torchvision's {name} cannot be given “{key}” here: nothing is downloaded. "
                "Name a weights file under “weights” of the network description instead."
            )
    defaults = {"init_weights": False} if name in _SLOW_TO_INITIALISE else {}
    try:
        module: nn.Module = models.get_model(name, weights=None, **(defaults | arguments))
    except (TypeError, ValueError, AttributeError, RuntimeError, AssertionError) as error:
        given = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
        raise NetworkError(f"torchvision's {name} cannot be built with {given or 'its defaults'}: {error}.") from error
    return module


def _unknown(name: str) -> str:
    names = torchvision_names()
    close = difflib.get_close_matches(name.lower(), names, n=4)
    hint = f"Did you mean {' or '.join(close)}?" if close else "“cnnviz list networks” shows those it has."
    return f"torchvision has no classification model “{name}”. {hint}"
