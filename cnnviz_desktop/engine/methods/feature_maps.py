"""What every channel of a layer gives for an image."""

from collections.abc import Iterator

from torch import Tensor

from cnnviz_desktop.core.geometry import MapGeometry
from cnnviz_desktop.core.results import ChannelStatistics, ChannelSummary, FeatureMaps
from cnnviz_desktop.engine.session import Task

_CHUNK_ELEMENTS = 1 << 20  # 4 MiB: shown within a few milliseconds


def feature_maps(task: Task) -> Iterator[FeatureMaps | ChannelSummary]:
    """A_c of each layer asked for, channels in order, a few at a time; then Σ_c A_c and their mean.

    Raises:
        LayerError: A layer gives no maps.
    """
    layers = task.bench.map_layers(task.request.layers)
    for picture in task.pictures():
        seen = task.bench.forward(picture, layers)
        for layer in layers:
            activation = seen.activations[layer]
            geometry = seen.geometry(activation, task.bench.node(layer), layer)
            yield from _channels(picture.image, str(layer), activation.detach()[0], geometry)


def _channels(image: str, layer: str, maps: Tensor, geometry: MapGeometry) -> Iterator[FeatureMaps | ChannelSummary]:
    step = max(1, _CHUNK_ELEMENTS // max(1, maps[0].numel()))
    for first in range(0, len(maps), step):
        chunk = maps[first : first + step].float().cpu()
        yield FeatureMaps(
            image=image,
            layer=layer,
            first=first,
            total=len(maps),
            maps=chunk.numpy(),
            statistics=channel_statistics(chunk),
            geometry=geometry,
        )
    total = maps.float().sum(dim=0).cpu()
    yield ChannelSummary(
        image=image, layer=layer, total=total.numpy(), mean=(total / len(maps)).numpy(), geometry=geometry
    )


def channel_statistics(maps: Tensor) -> ChannelStatistics:
    """Statistics of every channel of (C, h, w) maps; values that are not finite are left out and counted."""
    values = maps.flatten(1)
    finite = values.isfinite()
    count = finite.sum(dim=1)
    if bool(finite.all()):
        low, high, known = values.amin(dim=1), values.amax(dim=1), values
    else:
        low = values.masked_fill(~finite, float("inf")).amin(dim=1).nan_to_num(posinf=0.0)
        high = values.masked_fill(~finite, -float("inf")).amax(dim=1).nan_to_num(neginf=0.0)
        known = values.masked_fill(~finite, 0.0)
    divisor = count.clamp(min=1)
    zeros = ((values == 0).sum(dim=1) / divisor).float()
    return ChannelStatistics(
        mean=(known.sum(dim=1) / divisor).numpy(),
        minimum=low.numpy(),
        maximum=high.numpy(),
        energy=(known.square().sum(dim=1) / divisor).sqrt().numpy(),
        zeros=zeros.numpy(),
        finite=(count / values.shape[1]).float().numpy(),
    )
