"""What a request has been answered so far, so that asking it again, in parts, gives nothing twice."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator
from itertools import product

from msgspec.structs import replace

from cnnviz_desktop.commands.guided import essential_methods
from cnnviz_desktop.core.answers import Detections, Embedding, Segmentation
from cnnviz_desktop.core.network_input import NetworkInput
from cnnviz_desktop.core.request_parts import maps_each_layer, of_methods
from cnnviz_desktop.core.requests import LayerRef, Request, Target
from cnnviz_desktop.core.results import (
    Attribution,
    ChannelSummary,
    FeatureMaps,
    GradientPicture,
    HeatMap,
    Kernels,
    Picture,
    Predictions,
    Result,
)


class Answered:
    """The results that one request has had, over all attempts.

    Attributes:
        any_essential: Whether a method that has files of its own has given anything.

    Args:
        request: The whole of it.
    """

    def __init__(self, request: Request) -> None:
        self.any_essential = False
        self._request = request
        self._given: set[Hashable] = set()
        self._layers: defaultdict[tuple[str, str, Target], set[str]] = defaultdict(set)  # by image, method, target

    def fresh(self, asked: Request, results: Iterator[Result]) -> Iterator[Result]:
        """The results of one attempt without those that an earlier attempt gave.

        Args:
            asked: What the attempt asks.
            results: All that it gives.
        """
        before = frozenset(self._given)
        # A name or “the likeliest” is an index in the result: what it answers is told by its place among those alike.
        places: Counter[tuple[str, str, str]] = Counter()
        for result in results:
            identity = _identity(result)
            if identity is None:
                yield result
                continue
            if isinstance(result, HeatMap | GradientPicture):
                alike = result.image, result.method, result.layer
                self._keep(result, asked.targets[places[alike] // max(1, _layers(asked).count(result.layer))])
                places[alike] += 1
            else:
                self._tell_essential(self._request.method)
            if identity not in before:
                self._given.add(identity)
                yield result

    def rest_of(self, part: Request) -> Request | None:
        """A part without the methods and the targets that have all their answers; None where nothing is left."""
        if not part.images:
            return part
        questions = product(part.methods, part.targets)
        left = [(method, target) for method, target in questions if self._lacks(part, method, target)]
        if not left:
            return None
        methods, targets = dict.fromkeys(method for method, _ in left), {target for _, target in left}
        kept = tuple(target for target in part.targets if target in targets)
        return replace(of_methods(part, tuple(methods)), targets=kept)

    def _keep(self, result: Attribution, target: Target) -> None:
        self._layers[result.image, result.method, target].add(result.layer)
        self._tell_essential(result.method)

    def _tell_essential(self, method: str) -> None:
        self.any_essential |= method in essential_methods(self._request)

    def _lacks(self, part: Request, method: str, target: Target) -> bool:
        """Whether a method's answer about a target is missing for any image of a part, at any layer."""
        found = [self._layers.get((image, method, target), set()) for image in part.images]
        if not all(found):
            return True
        layers = _layers(part) if maps_each_layer(part, method) else []
        return not all(each.issuperset(layers) for each in found)


def _layers(request: Request) -> list[str]:
    """The layers of a request that was answered, as results name them."""
    return [str(LayerRef.parse(layer)) for layer in request.layers]


def _identity(result: Result) -> Hashable | None:
    """What tells a result from all others of its request; None where it comes again, sharper, or is mere news."""
    match result:
        case HeatMap() | GradientPicture() if result.done >= 1:
            explained = result.explained
            return result.image, result.method, result.layer, explained.title, explained.target
        case FeatureMaps():
            return FeatureMaps, result.image, result.layer, result.first
        case Kernels():
            return Kernels, result.layer, result.first
        case ChannelSummary():
            return ChannelSummary, result.image, result.layer
        case Predictions() | Segmentation() | Detections() | Embedding() | Picture() | NetworkInput():
            return type(result), result.image
    return None
