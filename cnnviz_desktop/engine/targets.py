"""From a target as people name it to a class index."""

from torch import Tensor

from cnnviz_desktop.core.class_search import Closeness, matches
from cnnviz_desktop.core.errors import TargetError
from cnnviz_desktop.core.outline import Outline

_LISTED = 8


def class_index(label: int | str | None, outline: Outline, logits: Tensor) -> int:
    """Index of the class meant.

    Args:
        label: Its index, its name or what is remembered of it (see `class_search.matches`), or None for the likeliest.
        outline: The network's, for its class names.
        logits: (K,) tensor of the image.

    Raises:
        TargetError: No such class.
    """
    if label is None:
        return int(logits.nan_to_num(nan=-float("inf")).argmax())
    if isinstance(label, str):
        exact = [index for index, name in enumerate(outline.class_names) if name.casefold() == label.casefold()]
        if len(exact) == 1:
            return exact[0]
        if not _is_number(label):
            return _by_name(label, outline)
    index = int(label)
    if not 0 <= index < logits.shape[0]:
        raise TargetError(f"Class {index} is out of range: {outline.name} has the classes 0 to {logits.shape[0] - 1}.")
    return index


def _is_number(label: str) -> bool:
    try:
        int(label)
    except ValueError:
        return False
    return True


def _by_name(label: str, outline: Outline) -> int:
    """The one class of that name, else the one that has its words, else the one that is spelt alike."""
    if not outline.class_names:
        raise TargetError(f"{outline.name} has no class names, so “{label}” cannot be looked up: give a number.")
    found = matches(label, outline.class_names)
    exact = [match for match in found if match.closeness is Closeness.EXACT]
    meant = exact or found
    if len(meant) == 1:
        return meant[0].class_index
    listed = ", ".join(f"{outline.class_names[match.class_index]} ({match.class_index})" for match in meant[:_LISTED])
    if not meant:
        raise TargetError(f"{outline.name} has no class “{label}”. “cnnviz list classes” shows what it has.")
    if meant[0].closeness is Closeness.ALIKE:
        raise TargetError(f"{outline.name} has no class “{label}”. Did you mean {listed}? Give one of the numbers.")
    raise TargetError(f"“{label}” names several classes: {listed}. Give one of the numbers.")
