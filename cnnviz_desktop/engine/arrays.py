"""How tensors lie in memory: as the arrays that results carry, and as convolutions like them best."""

import torch
from torch import Tensor

from cnnviz_desktop.core.results import FloatArray


def frozen_array(tensor: Tensor) -> FloatArray:
    """The tensor as a float32 array that nobody can write into: it may share a remembered activation's memory."""
    array: FloatArray = tensor.detach().float().cpu().contiguous().numpy()
    array.flags.writeable = False
    return array


def channels_last(batch: Tensor) -> Tensor:
    """The same (N, C, H, W) numbers, stored channels last: what CPU convolutions are quickest with."""
    return batch.contiguous(memory_format=torch.channels_last) if batch.dim() == 4 else batch
