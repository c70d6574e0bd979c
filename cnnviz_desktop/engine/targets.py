"""From a target as people name it to a class index."""

from difflib import get_close_matches

from torch import Tensor

from cnnviz_desktop.core.errors import TargetError
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import ClassTarget


def class_index(target: ClassTarget, outline: Outline, logits: Tensor) -> int:
    """Index of the class meant.

    Args:
        target: By index, by name (case does not matter), or top-1.
        outline: The network's, for its class names.
        logits: (K,) tensor of the image.

    Raises:
        TargetError: No such class.
    """
    if target.label is None:
        return int(logits.nan_to_num(nan=-float("inf")).argmax())
    if isinstance(target.label, str) and not target.label.lstrip("-").isdigit():
        return _by_name(target.label, outline)
    index, classes = int(target.label), logits.shape[0]
    if not 0 <= index < classes:
        raise TargetError(f"Class {index} is out of range: {outline.name} has the classes 0 to {classes - 1}.")
    return index


def _by_name(label: str, outline: Outline) -> int:
    names = [name.casefold() for name in outline.class_names]
    wanted = label.casefold()
    if not names:
        raise TargetError(f"{outline.name} has no class names, so “{label}” cannot be looked up: give a number.")
    exact = [index for index, name in enumerate(names) if name == wanted]
    found = exact or [index for index, name in enumerate(names) if wanted in name]
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(f"{outline.class_names[index]} ({index})" for index in found[:8])
        raise TargetError(f"“{label}” names several classes: {listed}. Give one of the numbers.")
    near = get_close_matches(wanted, names, n=3)
    hint = f" Did you mean {', '.join(near)}?" if near else ""
    raise TargetError(f"{outline.name} has no class “{label}”.{hint}")
