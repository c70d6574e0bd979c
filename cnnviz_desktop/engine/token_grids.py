"""Layers that give tokens, or maps with their channels last, put as maps over the image."""

from torch import Tensor

from cnnviz_desktop.core.errors import LayerError
from cnnviz_desktop.core.geometry import Size


def arranged(tensor: Tensor, size: Size, layer: str) -> Tensor:
    """(N, C, h, w) view of a layer's tensor.

    Args:
        tensor: (N, …), as the layer gives it.
        size: Of the network's input.
        layer: The layer, for the sentence of the error.

    Raises:
        LayerError: Its values have no places in the image.
    """
    del size
    if tensor.dim() != 4:
        raise LayerError(f"{layer} gives {'×'.join(map(str, tensor.shape[1:]))}: values without a place in the image.")
    return tensor
