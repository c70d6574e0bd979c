"""Tensors under names that an earlier version of their network gave them."""

import re
from collections import OrderedDict
from collections.abc import Mapping

from torch import Tensor, nn

_DENSE_LAYER = re.compile(r"(.*denselayer\d+\.(?:norm|relu|conv))\.([12]\..+)")
"""``denselayer1.norm.1.weight`` of torchvision's DenseNets: a module may no longer have a dot in its name."""

_TRAINING_HEADS = {"GoogLeNet": ("aux1.", "aux2."), "Inception3": ("AuxLogits.",)}
"""What the files of torchvision hold of heads that only training uses."""


def with_present_names(module: nn.Module, content: object) -> tuple[object, tuple[str, ...]]:
    """A state dict with the names that the network has now, and sentences about what was done.

    torchvision's building blocks know older names of their own parameters and rename them while they are loaded; that
    is done here beforehand, so that keys can be compared.

    Args:
        module: The network.
        content: What a weights file holds; all but plain state dicts stay as they are.
    """
    if not isinstance(content, Mapping) or not all(isinstance(key, str) for key in content):
        return content, ()
    found: dict[str, object] = dict(content)
    if type(module).__name__ == "DenseNet":
        found = {_DENSE_LAYER.sub(r"\1\2", key): value for key, value in found.items()}
    versions = getattr(content, "_metadata", {})
    for name, part in module.named_modules():
        if _renames_alone(part):
            prefix = f"{name}." if name else ""
            part._load_from_state_dict(found, prefix, versions.get(name, {}), False, [], [], [])  # noqa: SLF001 - no public name
    renamed = len(content.keys() - found.keys())
    notes = [f"{renamed} keys of the weights have names of an earlier torchvision and were renamed."] if renamed else []
    unused = [key for key in found if key.startswith(_unused_heads(module))]
    if unused:
        notes.append("The weights also hold auxiliary heads, which only training uses; they were left out.")
    return {key: value for key, value in found.items() if key not in unused}, tuple(notes)


def _renames_alone(part: nn.Module) -> bool:
    """Whether loading into it renames keys and does no more: it holds nothing itself that would be loaded."""
    own = [*part.parameters(recurse=False), *part.buffers(recurse=False)]
    knows_names = type(part)._load_from_state_dict is not nn.Module._load_from_state_dict  # noqa: SLF001 - as above
    return knows_names and not own and type(part).__module__.startswith("torchvision.") and not _is_mnasnet(part)


def _is_mnasnet(part: nn.Module) -> bool:
    return type(part).__name__ == "MNASNet"  # it renames nothing, and raises without a version


def _unused_heads(module: nn.Module) -> tuple[str, ...]:
    heads = _TRAINING_HEADS.get(type(module).__name__, ())
    return tuple(head for head in heads if not isinstance(getattr(module, head.rstrip("."), None), nn.Module))


def with_versions(module: nn.Module, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors as ``load_state_dict`` of that network takes them: with the versions of its own modules.

    Some modules, as torchvision's MNASNet, refuse tensors that come without.
    """
    versioned = OrderedDict(tensors)
    versioned._metadata = getattr(module.state_dict(), "_metadata", {})  # type: ignore[attr-defined]  # noqa: SLF001 - as torch itself keeps it
    return versioned
