"""What every channel of a layer gives for an image."""

from collections.abc import Iterator
from dataclasses import replace

from torch import Tensor

from cnnviz_desktop.core.geometry import MapGeometry
from cnnviz_desktop.core.resources import image_name
from cnnviz_desktop.core.results import ChannelStatistics, ChannelSummary, FeatureMaps, Progress
from cnnviz_desktop.engine.arrays import frozen_array
from cnnviz_desktop.engine.passes import Wanted
from cnnviz_desktop.engine.session import Task

_CHUNK_ELEMENTS = 1 << 20  # 4 MiB: shown within a few milliseconds


def feature_maps(task: Task) -> Iterator[FeatureMaps | ChannelSummary | Progress]:
    """A_c of each layer asked for, channels in order, a few at a time; then Σ_c A_c and their mean.

    Raises:
        LayerError: A layer gives no maps.
    """
    layers = task.bench.map_layers(task.request.layers)
    for number, picture in enumerate(task.pictures()):
        yield from task.progress(number, len(task.request.images), image_name(picture.image))
        seen = task.bench.forward(picture, Wanted(frozenset(layers)), task.request.seed)
        for layer in layers:
            activation = seen.maps(layer)
            notes = seen.notes(layer)
            for part in _channels(picture.image, str(layer), activation[0], seen.geometry(layer)):
                yield replace(part, notes=notes) if isinstance(part, FeatureMaps) else part


def _channels(image: str, layer: str, maps: Tensor, geometry: MapGeometry) -> Iterator[FeatureMaps | ChannelSummary]:
    step = max(1, _CHUNK_ELEMENTS // max(1, maps[0].numel()))
    for first in range(0, len(maps), step):
        chunk = maps[first : first + step].float()
        yield FeatureMaps(
            image=image,
            layer=layer,
            first=first,
            total=len(maps),
            maps=frozen_array(chunk),
            statistics=channel_statistics(chunk),
            geometry=geometry,
        )
    total = maps.float().sum(dim=0)
    mean = frozen_array(total / len(maps))
    yield ChannelSummary(image=image, layer=layer, total=frozen_array(total), mean=mean, geometry=geometry)


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
    zeros = (values == 0).sum(dim=1) / divisor
    return ChannelStatistics(
        mean=frozen_array(known.sum(dim=1) / divisor),
        minimum=frozen_array(low),
        maximum=frozen_array(high),
        energy=frozen_array((known.square().sum(dim=1) / divisor).sqrt()),
        zeros=frozen_array(zeros),
        finite=frozen_array(count / values.shape[1]),
    )
