"""A network reference in words: what people call it, and where it comes from."""

from pathlib import Path

from PySide6.QtCore import QCoreApplication

from cnnviz_desktop.core.description import Architecture, NetworkDescription, NetworkRef
from cnnviz_desktop.core.references import SAMPLE, TIMM, TORCHVISION, network_title

translate = QCoreApplication.translate
_CONTEXT = "ReferenceWords"


def title(reference: NetworkRef) -> str:
    """What people call it, in a few words."""
    return network_title(reference)


def origin(reference: NetworkRef) -> str:
    """Where it comes from, and which weights it has, in a line."""
    if isinstance(reference, NetworkDescription):
        return of_description(reference)
    if reference == SAMPLE:
        return translate(_CONTEXT, "ships with the program")
    if reference.startswith((TORCHVISION, TIMM)):
        library, _, rest = reference.partition(":")
        name, _, weights = rest.partition("@")
        return _with_weights(translate(_CONTEXT, "{0} of {1}").format(name, library), "", weights or "DEFAULT")
    return reference


def of_description(description: NetworkDescription) -> str:
    """Where the network of a description comes from, and which weights it has, in a line."""
    built = of_architecture(description.architecture)
    if description.architecture.kind in ("exported", "torchscript", "huggingface"):
        return built
    return _with_weights(built, description.weights or "", description.pretrained or "random")


def of_architecture(architecture: Architecture) -> str:
    """What builds it, in a few words: ``resnet50 of torchvision (num_classes=2)``."""
    kind, given = architecture.kind, architecture.given
    if kind in ("torchvision", "timm"):
        said = translate(_CONTEXT, "{0} of {1}").format(given, kind)
    elif kind in ("file", "module"):
        named = Path(given).name if kind == "file" else given
        said = translate(_CONTEXT, "{0}() of {1}").format(architecture.factory, named)
    else:
        said = given
    if architecture.arguments:
        said += f" ({', '.join(f'{name}={value!r}' for name, value in architecture.arguments.items())})"
    return said


def _with_weights(built: str, file: str, official: str) -> str:
    if file:
        return translate(_CONTEXT, "{0} with {1}").format(built, Path(file).name)
    if official == "random":
        return translate(_CONTEXT, "{0} with random weights").format(built)
    if official == "DEFAULT":
        return translate(_CONTEXT, "{0} with its recommended weights").format(built)
    return translate(_CONTEXT, "{0} with its weights {1}").format(built, official)
