"""From a target as people name it to a class index."""

from difflib import get_close_matches

from torch import Tensor

from cnnviz_desktop.core.errors import TargetError
from cnnviz_desktop.core.outline import Outline


def class_index(label: int | str | None, outline: Outline, logits: Tensor) -> int:
    """Index of the class meant.

    Args:
        label: Its index, its name (case does not matter), or None for the likeliest.
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
    try:
        index = int(label)
    except ValueError:
        return _by_part_of_name(str(label), outline)
    if not 0 <= index < logits.shape[0]:
        raise TargetError(f"Class {index} is out of range: {outline.name} has the classes 0 to {logits.shape[0] - 1}.")
    return index


def _by_part_of_name(label: str, outline: Outline) -> int:
    if not outline.class_names:
        raise TargetError(f"{outline.name} has no class names, so “{label}” cannot be looked up: give a number.")
    found = [index for index, name in enumerate(outline.class_names) if label.casefold() in name.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(f"{outline.class_names[index]} ({index})" for index in found[:8])
        raise TargetError(f"“{label}” names several classes: {listed}. Give one of the numbers.")
    names = {name.casefold(): name for name in outline.class_names}
    near = [names[name] for name in get_close_matches(label.casefold(), names, n=3)]
    hint = f" Did you mean {', '.join(near)}?" if near else " “cnnviz list classes” shows what it has."
    raise TargetError(f"{outline.name} has no class “{label}”.{hint}")
