"""Tensors of layers that give tokens, or maps with their channels last, put as maps over the image."""

from torch import Tensor

from cnnviz_desktop.core.errors import LayerError
from cnnviz_desktop.core.token_grids import TokenGrid


def arranged(tensor: Tensor, grid: TokenGrid | None, layer: str) -> Tensor:
    """(N, C, h, w) view of a layer's tensor.

    Args:
        tensor: (N, …), as the layer gives it, or a gradient with respect to it.
        grid: How it lies over the image; None where its values have no place there.
        layer: The layer, for the sentence of the error.

    Raises:
        LayerError: Its values have no places in the image.
    """
    if grid is None:
        shape = "×".join(map(str, tensor.shape[1:])) or "a single number"
        raise LayerError(f"{layer} gives {shape}: values without a place in the image.")
    if grid.form == "maps":
        return tensor
    if grid.form == "channels_last":
        return tensor.permute(0, 3, 1, 2)
    patches = tensor[:, grid.leading :].transpose(1, 2)  # (N, C, rows · columns)
    return patches.reshape(*patches.shape[:2], grid.rows, grid.columns)
