"""Taps on named layers: one forward pass records every tensor asked for, and the hooks always come off."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import torch
from torch import Tensor, nn

from cnnviz_desktop.core.requests import LayerRef


def tensors_of(value: object) -> list[Tensor]:
    """Every tensor in what a module takes or gives: tuples, lists and dicts are walked in order."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, Mapping):
        return [tensor for part in value.values() for tensor in tensors_of(part)]
    if isinstance(value, tuple | list):
        return [tensor for part in value for tensor in tensors_of(part)]
    return []


def version_of(tensor: Tensor) -> int:
    """Counts the in-place operations on a tensor and its views; always 0 for a tensor made in inference mode."""
    return 0 if tensor.is_inference() else tensor._version  # noqa: SLF001 - PyTorch offers it under this name alone


def place_of(tensor: Tensor) -> int:
    """Where its memory begins, as its views' does too; 0 for a sparse tensor, which has none of that kind."""
    return tensor.untyped_storage().data_ptr() if tensor.layout == torch.strided else 0


def with_tensors(value: object, replacement: Mapping[int, Tensor]) -> object:
    """`value` with some of its tensors, by their position in `tensors_of`, replaced, in containers like its own."""
    return _replaced(value, replacement, count())


def _replaced(part: object, replacement: Mapping[int, Tensor], positions: Iterator[int]) -> object:
    if isinstance(part, Tensor):
        return replacement.get(next(positions), part)
    if isinstance(part, Mapping):
        copied = {key: _replaced(inner, replacement, positions) for key, inner in part.items()}
        # A mapping of another kind is taken to be made from a mapping, as OrderedDict and a model's outputs are;
        # Mapping itself promises no constructor, so the types cannot know.
        return copied if type(part) is dict else type(part)(copied)  # type: ignore[call-arg]  # see above
    if isinstance(part, tuple | list):
        walked = [_replaced(inner, replacement, positions) for inner in part]
        if hasattr(part, "_make"):  # a named tuple
            return part._make(walked)
        return walked if isinstance(part, list) else tuple(walked)
    return part


@dataclass(slots=True)
class Recording:
    """What the taps saw, by layer reference.

    Attributes:
        tensors: The recorded tensors. Those asked for with a gradient are nodes of the graph of the output.
        calls: How often each tapped module ran; the last call is the one recorded.
        versions: Version counters of tensors recorded without a copy, to find those overwritten afterwards.
    """

    tensors: dict[LayerRef, Tensor] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    versions: dict[LayerRef, int] = field(default_factory=dict)

    def overwritten(self) -> set[LayerRef]:
        """Layers whose recorded tensor an in-place operation has changed since."""
        return {layer for layer, version in self.versions.items() if version_of(self.tensors[layer]) != version}


@contextmanager
def capture(
    module: nn.Module,
    *,
    layers: Collection[LayerRef],
    copied: Collection[LayerRef] = (),
    gradients: Collection[LayerRef] = (),
) -> Iterator[Recording]:
    """Record what `layers` take in or give out while the network runs inside the block.

    Args:
        module: The network.
        layers: What to record.
        copied: Layers among them whose tensor a later operation overwrites in place; they are recorded as a copy.
        gradients: Layer outputs to record as nodes of the graph: `torch.autograd.grad` of anything computed from them
            works with respect to the recorded tensor. The network goes on with a clone, so that a following in-place
            ReLU changes the clone and neither the recorded activation nor its gradient. What is made in inference
            mode is recorded without a graph.
    """
    recording = Recording()
    wanted: dict[str, list[LayerRef]] = {}
    for layer in {*layers, *gradients}:
        wanted.setdefault(layer.name, []).append(layer)
    parts = dict(module.named_modules())
    handles = []
    try:
        for name, refs in wanted.items():
            tap = _Tap(name, refs, frozenset(copied), frozenset(gradients), recording)
            if any(ref.side == "input" for ref in refs):
                handles.append(parts[name].register_forward_pre_hook(tap.before, with_kwargs=True))
            handles.append(parts[name].register_forward_hook(tap.after))
        yield recording
    finally:
        for handle in handles:
            handle.remove()


@dataclass(frozen=True, slots=True)
class _Tap:
    name: str
    refs: list[LayerRef]
    copied: frozenset[LayerRef]
    gradients: frozenset[LayerRef]
    recording: Recording

    def before(self, _: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Record inputs, as copies: the module itself may work in place."""
        tensors = tensors_of((args, kwargs))
        for ref in self.refs:
            if ref.side == "input" and ref.part < len(tensors):
                self.recording.tensors[ref] = tensors[ref.part].detach().clone()

    def after(self, _: nn.Module, __: tuple[Any, ...], output: object) -> object:
        """Record outputs; where a gradient is wanted, the network goes on with a clone."""
        self.recording.calls[self.name] = self.recording.calls.get(self.name, 0) + 1
        tensors = tensors_of(output)
        passed_on: dict[int, Tensor] = {}
        for ref in self.refs:
            if ref.side == "input" or ref.part >= len(tensors):
                continue
            tensor = tensors[ref.part]
            copied = ref in self.copied or tensor.is_inference()
            if ref in self.gradients and tensor.is_floating_point() and not tensor.is_inference():
                with torch.enable_grad():  # a network may run its body, but not its head, under no_grad
                    node = _graph_node(tensor, copied)
                    passed_on[ref.part] = node.clone()
            else:
                node = tensor.detach().clone() if copied else tensor.detach()
            self.recording.tensors[ref] = node
            if not copied:
                self.recording.versions[ref] = version_of(node)
        return with_tensors(output, passed_on) if passed_on else None


def _graph_node(tensor: Tensor, copied: bool) -> Tensor:
    """The tensor as a node of the graph: its own, or where it has none, the beginning of a new one."""
    node = tensor if tensor.requires_grad else tensor.detach()
    node = node.clone() if copied else node
    return node if node.requires_grad else node.requires_grad_()


def storage_bytes(tensors: Collection[Tensor]) -> int:
    """Bytes held by the tensors; a storage shared by several counts once."""
    storages = {place_of(each): each.untyped_storage().nbytes() for each in tensors if each.layout == torch.strided}
    return sum(storages.values())


def release_cuda_memory() -> None:
    """Give cached blocks back to the driver."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
