"""What a request has been answered so far, so that asking it again, in parts, gives nothing twice."""

from collections import Counter
from collections.abc import Hashable, Iterator

from cnnviz_desktop.commands.guided import essential_methods
from cnnviz_desktop.core.request_parts import maps_of, of_methods
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import (
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
        self._maps: Counter[tuple[str, str]] = Counter()

    def fresh(self, results: Iterator[Result]) -> Iterator[Result]:
        """The results of one attempt without those that an earlier attempt gave."""
        before = frozenset(self._given)
        for result in results:
            identity = _identity(result)
            if identity is None:
                yield result
            elif identity not in before:
                self._given.add(identity)
                self._count(result)
                yield result

    def rest_of(self, part: Request) -> Request | None:
        """A part without the methods that have given all that the whole asks of them; None where all have."""
        left = [method for method in part.methods if not self._has_all(part, method)]
        return of_methods(part, left) if left else None

    def _count(self, result: Result) -> None:
        method = self._request.method
        if isinstance(result, HeatMap | GradientPicture):
            method = result.method
            self._maps[result.image, method] += 1
        self.any_essential |= method in essential_methods(self._request)

    def _has_all(self, part: Request, method: str) -> bool:
        expected = maps_of(self._request, method) * len(self._request.targets)
        return bool(part.images) and all(self._maps[image, method] >= expected for image in part.images)


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
        case Predictions() | Picture():
            return type(result), result.image
    return None
