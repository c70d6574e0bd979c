"""Makes ordinary modules and functions of what torch.export has made graphs of, so that methods know them again.

An exported layer is a graph of one operation, called by its number in PyTorch's dispatcher: neither its type nor the
operation can be seen from outside. Where the graph is just what an ordinary layer does, it becomes that layer, with the
same tensors; elsewhere it keeps the type's name, and its operations are called by their public names.
"""

from collections.abc import Callable
from types import BuiltinFunctionType

import torch
from torch import Tensor, fx, nn
from torch.export import UnflattenedModule
from torch.export.unflatten import InterpreterModule

_OPERATIONS = (
    "conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d linear batch_norm layer_norm group_norm "
    "instance_norm rms_norm relu relu_ relu6 leaky_relu elu silu silu_ gelu hardswish hardswish_ hardsigmoid hardtanh "
    "hardtanh_ sigmoid tanh softmax log_softmax add add_ sub sub_ rsub mul mul_ div div_ pow sqrt rsqrt exp matmul bmm "
    "addmm baddbmm scaled_dot_product_attention mean sum amax cat stack flatten reshape permute transpose squeeze "
    "unsqueeze chunk max_pool2d avg_pool2d adaptive_avg_pool2d adaptive_max_pool2d dropout feature_dropout"
)
_PUBLIC_NAMES = frozenset(_OPERATIONS.split())
"""Operations whose public functions take the same arguments in the same order."""


def restore_modules(network: UnflattenedModule) -> None:
    """Put ordinary layers and public functions into an unflattened program, in place; it computes the same."""
    replaced: dict[nn.Module, nn.Module] = {}
    for part in list(network.modules()):
        if isinstance(part, InterpreterModule):
            layer = _ordinary(part)
            if layer is not None:
                replaced[part] = layer.train(part.training)
            _name_by_type(layer or part, part)
    for part in list(network.modules()):
        for name, child in part.named_children():
            if child in replaced:
                part.add_module(name, replaced[child])
    for part in network.modules():
        if isinstance(part, InterpreterModule | UnflattenedModule):
            _call_by_public_names(part)
            # As a function, not operation by operation, which is slow and leaves a thread of a progress bar behind.
            part._run_with_interpreter = False  # noqa: SLF001 - PyTorch offers it under this name alone


def _name_by_type(layer: nn.Module, part: InterpreterModule) -> None:
    """Call a layer by the type that the part had before it was exported."""
    name = _type_name(part)
    if name and name != type(layer).__name__:
        layer.__class__ = type(name, (type(layer),), {})


def _type_name(part: InterpreterModule) -> str:
    return (part.type_name() or "").rpartition(".")[2]


def _call_by_public_names(part: InterpreterModule | UnflattenedModule) -> None:
    """Let functions be called where they can be seen, and forget what each tensor looked like in the export."""
    for node in part.graph.nodes:
        node.meta.clear()
        public = _public(node.target) if node.op == "call_function" else None
        if public is not None:
            node.target = public
    part.finalize()  # type: ignore[no-untyped-call]  # torch gives it no types


def _public(target: object) -> Callable[..., object] | None:
    name = _operation(target)
    if name not in _PUBLIC_NAMES:
        return None
    places = (torch, torch._C._nn, Tensor)  # noqa: SLF001 - torch.nn.functional takes linear and others from there
    found = next((getattr(place, name) for place in places if hasattr(place, name)), None)
    known = isinstance(found, BuiltinFunctionType | type(Tensor.add))
    return found if callable(found) and known else None


def _operation(target: object) -> str:
    """An operation's name without namespace and overload; empty for what is no operation of ATen."""
    if not isinstance(target, torch._ops.OpOverload):  # noqa: SLF001 - the type of an operation has no public name
        return ""
    space, _, name = target._schema.name.partition("::")  # noqa: SLF001 - nor has its signature
    return str(name) if space == "aten" else ""


def _ordinary(part: InterpreterModule) -> nn.Module | None:
    """The ordinary layer that does what this one does, with its tensors; None where there is none."""
    nodes = list(part.graph.nodes)
    calls = [node for node in nodes if node.op == "call_function"]
    signals = [node for node in nodes if node.op == "placeholder"]
    one_step = len(calls) == len(signals) == 1 and all(node.op != "call_module" for node in nodes)
    if not one_step or nodes[-1].args not in ((calls[0],), ((calls[0],),)) or calls[0].kwargs:
        return None
    make = _LAYERS.get(str(calls[0].target))
    if make is None or not _takes_signal_and_own(calls[0], signals[0]):
        return None
    # Values as they are, tensors as the names they have in the part.
    given = [each.target if isinstance(each, fx.Node) else each for each in calls[0].args[1:]]
    layer = make(part, given)
    if layer is not None and layer.state_dict().keys() <= part.state_dict().keys():
        return layer
    return None


def _takes_signal_and_own(call: fx.Node, signal: fx.Node) -> bool:
    """Whether an operation works on the module's input and otherwise on its own tensors, under their usual names."""
    first, *others = call.args
    own = [each for each in others if isinstance(each, fx.Node)]
    return first is signal and all(each.op == "get_attr" and "." not in str(each.target) for each in own)


def _tensor(part: nn.Module, name: object) -> Tensor | None:
    found = getattr(part, name, None) if isinstance(name, str) else None
    return found if isinstance(found, Tensor) else None


def _adopt(layer: nn.Module, part: nn.Module, *names: str) -> nn.Module:
    """Give a layer the tensors of a part."""
    for name in names:
        found = _tensor(part, name)
        delattr(layer, name)
        if isinstance(found, nn.Parameter):
            layer.register_parameter(name, found)
        else:
            layer.register_buffer(name, found)
    return layer


def _pair(given: list[object], place: int, default: int) -> tuple[int, int]:
    value = given[place] if len(given) > place else [default]
    sides = [each for each in value if isinstance(each, int)] if isinstance(value, list | tuple) else [default]
    return (sides[0], sides[-1])


def _convolution(part: InterpreterModule, given: list[object]) -> nn.Module | None:
    weight = _tensor(part, "weight")
    if weight is None or weight.dim() != 4 or given[:1] != ["weight"]:
        return None
    groups = given[5] if len(given) > 5 and isinstance(given[5], int) else 1
    with torch.device("meta"):
        layer = nn.Conv2d(
            weight.shape[1] * groups,
            weight.shape[0],
            (weight.shape[2], weight.shape[3]),
            stride=_pair(given, 2, 1),
            padding=_pair(given, 3, 0),
            dilation=_pair(given, 4, 1),
            groups=groups,
            bias=given[1:2] == ["bias"],
        )
    return _adopt(layer, part, "weight", "bias")


def _transposed(part: InterpreterModule, given: list[object]) -> nn.Module | None:
    weight = _tensor(part, "weight")
    if weight is None or weight.dim() != 4 or given[:1] != ["weight"]:
        return None
    groups = given[5] if len(given) > 5 and isinstance(given[5], int) else 1
    with torch.device("meta"):
        layer = nn.ConvTranspose2d(
            weight.shape[0],
            weight.shape[1] * groups,
            (weight.shape[2], weight.shape[3]),
            stride=_pair(given, 2, 1),
            padding=_pair(given, 3, 0),
            output_padding=_pair(given, 4, 0),
            groups=groups,
            dilation=_pair(given, 6, 1),
            bias=given[1:2] == ["bias"],
        )
    return _adopt(layer, part, "weight", "bias")


def _linear(part: InterpreterModule, given: list[object]) -> nn.Module | None:
    weight = _tensor(part, "weight")
    if weight is None or weight.dim() != 2 or given[:1] != ["weight"]:
        return None
    with torch.device("meta"):
        layer = nn.Linear(weight.shape[1], weight.shape[0], bias=given[1:2] == ["bias"])
    return _adopt(layer, part, "weight", "bias")


def _batch_norm(part: InterpreterModule, given: list[object]) -> nn.Module | None:
    names = ("weight", "bias", "running_mean", "running_var")
    mean = _tensor(part, "running_mean")
    if (
        mean is None
        or _type_name(part) != "BatchNorm2d"
        or len(given) < 7
        or not isinstance(given[6], float)
        or tuple(given[:4]) != names
    ):
        return None
    with torch.device("meta"):
        layer = nn.BatchNorm2d(len(mean), eps=given[6])
    return _adopt(layer, part, *names, "num_batches_tracked")


def _relu(_: InterpreterModule, __: list[object]) -> nn.Module:
    return nn.ReLU()


def _relu_in_place(_: InterpreterModule, __: list[object]) -> nn.Module:
    return nn.ReLU(inplace=True)


_LAYERS: dict[str, Callable[[InterpreterModule, list[object]], nn.Module | None]] = {
    "aten.conv2d.default": _convolution,
    "aten.conv_transpose2d.input": _transposed,
    "aten.linear.default": _linear,
    "aten.batch_norm.default": _batch_norm,
    "aten.relu.default": _relu,
    "aten.relu_.default": _relu_in_place,
}
