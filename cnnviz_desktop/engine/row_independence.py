"""Whether a network answers each row of a batch as it answers that row alone."""

import torch
from torch import Tensor, nn

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.engine.answers import answer_of
from cnnviz_desktop.engine.capture import capture
from cnnviz_desktop.engine.outlining import dtype_of
from cnnviz_desktop.engine.running import run_network

_TOLERANCE = 1e-2
"""Of a tensor's greatest value: batches are rounded in another way than rows, by a thousandth in TF32."""


def answers_rows_apart(module: nn.Module, outline: Outline) -> bool:
    """Whether the middle one of three rows of noise gets the answer that it gets alone.

    Statistics over the batch, code for one image, and a dropout that is never off all show in it. Random generators
    stay where they are.
    """
    device = torch.device(outline.device)
    generator = torch.Generator().manual_seed(0)
    rows = torch.randn(3, len(outline.preprocessing.mean), *outline.preprocessing.size, generator=generator)
    rows = rows.to(device, dtype_of(module))
    with torch.random.fork_rng([device] if device.type == "cuda" else []), torch.no_grad():
        try:
            together, alone = (_answer(module, outline, part.clone()) for part in (rows, rows[1:2]))
        except NetworkError:
            return False
    if not all(tensor.dim() and len(tensor) == len(rows) for tensor in together):
        return False
    return agree([tensor[1] for tensor in together], [tensor[0] for tensor in alone], _TOLERANCE)


def agree(found: list[Tensor], expected: list[Tensor], tolerance: float) -> bool:
    """Whether tensors are the same but for rounding.

    Args:
        found: One answer.
        expected: Another.
        tolerance: Greatest difference, as a share of the greatest value; more where the type itself rounds more.
    """
    if [tensor.shape for tensor in found] != [tensor.shape for tensor in expected]:
        return False
    for one, other in zip(found, expected, strict=True):
        share = max(tolerance, 16 * torch.finfo(other.dtype).eps) if other.is_floating_point() else 0.0
        size = float(other.double().nan_to_num(0, 0, 0).abs().max()) if other.numel() else 0.0
        if not torch.allclose(one.double(), other.double(), rtol=0, atol=share * size, equal_nan=True):
            return False
    return True


def _answer(module: nn.Module, outline: Outline, batch: Tensor) -> list[Tensor]:
    """The first tensor that the network returns, its class scores, and the maps of the suggested layer."""
    layers = {LayerRef(outline.suggested)} if outline.suggested else set[LayerRef]()
    with capture(module, layers=layers, copied=layers) as recording:
        output = run_network(outline.name, module, batch)
    return [*answer_of(output), *recording.tensors.values()]
