"""An order: the requests of one call, the files they are about, and the parts they are answered in."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from cnnviz_desktop.commands.guided import essential_methods
from cnnviz_desktop.core import catalog
from cnnviz_desktop.core.errors import ImageError, RequestError
from cnnviz_desktop.core.request_parts import maps_of
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.engine.images import check_file
from cnnviz_desktop.figures.manifest import Problem

_TOGETHER = 8
"""Images that share a pass where every method needs few passes; more hold much memory and save little time."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """Requests to answer in one folder.

    Attributes:
        requests: At least one; all on one network.
        output: The folder.
        given: Each image reference as the user wrote it, where that differs.
        problems: Images that were found to be unusable before.
        read: Files that the requests were read from; no result takes their place.
    """

    requests: tuple[Request, ...]
    output: Path
    given: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    read: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        if len({(request.network, request.device, request.allowed_keys) for request in self.requests}) != 1:
            raise RequestError("The requests are not all on one network and device. Run each of them on its own.")

    @property
    def images(self) -> tuple[str, ...]:
        """Every image that is asked about, once."""
        return tuple(dict.fromkeys(image for request in self.requests for image in _images(request)))

    def name_of(self, image: str) -> str:
        """An image reference as the user wrote it."""
        return self.given.get(image, image)

    def missing(self) -> dict[str, Problem]:
        """The images behind which there is no file: known before the network is opened."""
        methods = {image: request.method for request in self.requests for image in _images(request)}
        missing: dict[str, Problem] = {}
        for image in self.images:
            try:
                check_file(image)
            except ImageError as error:
                missing[image] = Problem(image, methods[image], str(error))
        return missing

    def parts(self, missing: Collection[str] = ()) -> Iterator[Request]:
        """The requests without the images that are missing, of few images each: one that fails costs the others little.

        A request that is left without any image is left out.
        """
        for request in self.requests:
            methods = [catalog.method(method) for method in request.methods]
            if not methods[0].needs_image:
                yield replace(request, images=())
                continue
            images = [image for image in _images(request) if image not in missing]
            shared = all(method.needs_target and not method.streams for method in methods)
            step = _TOGETHER if shared else 1
            for first in range(0, len(images), step):
                yield replace(request, images=tuple(images[first : first + step]))

    def several(self) -> frozenset[tuple[str, str]]:
        """(image, method) of which more than one map or picture comes."""
        counts: Counter[tuple[str, str]] = Counter()
        for request in self.requests:
            for method in essential_methods(request):
                count = maps_of(request, method) * len(request.targets)
                counts.update({(image, method): count for image in _images(request)})
        return frozenset(key for key, count in counts.items() if count > 1)

    def in_order(self, problems: Iterable[Problem]) -> tuple[Problem, ...]:
        """Problems in the order of the images, each image named as the user wrote it."""
        places = {image: place for place, image in enumerate(self.images)}
        placed = sorted(problems, key=lambda problem: places.get(problem.image, -1))
        return tuple(replace(problem, image=self.name_of(problem.image)) for problem in placed)


def _images(request: Request) -> tuple[str, ...]:
    """The images that a request is about, each once."""
    return tuple(dict.fromkeys(request.images)) if catalog.method(request.method).needs_image else ()
