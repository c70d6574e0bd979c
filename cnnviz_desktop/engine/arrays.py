"""From tensors to the arrays that results carry."""

from torch import Tensor

from cnnviz_desktop.core.results import FloatArray


def frozen_array(tensor: Tensor) -> FloatArray:
    """The tensor as a float32 array that nobody can write into: it may share a remembered activation's memory."""
    array: FloatArray = tensor.detach().float().cpu().numpy()
    array.flags.writeable = False
    return array
