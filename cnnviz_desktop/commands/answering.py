"""Puts requests to the engine, one image at a time, and writes what it answers."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from cnnviz_desktop.commands.console import Console
from cnnviz_desktop.commands.engine import Engine
from cnnviz_desktop.core import catalog
from cnnviz_desktop.core.errors import ImageError, NetworkError, OutOfMemory, RequestError
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import ChannelSummary, FeatureMaps, HeatMap, Kernels, Picture, Predictions, Result
from cnnviz_desktop.figures.folders import output_folder
from cnnviz_desktop.figures.manifest import NAME as MANIFEST_NAME
from cnnviz_desktop.figures.manifest import Manifest, Problem, ResultEntry, manifest_of, write_manifest
from cnnviz_desktop.figures.naming import distinct_stems
from cnnviz_desktop.figures.result_files import ResultFiles

_OF_ONE_IMAGE = (ImageError, NetworkError, OutOfMemory)


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

    def name_of(self, image: str) -> str:
        """An image reference as the user wrote it."""
        return self.given.get(image, image)

    @property
    def single_requests(self) -> tuple[Request, ...]:
        """The requests with one image each, so that one that fails does not lose the others."""
        singles: list[Request] = []
        for request in self.requests:
            if catalog.method(request.method).needs_image and request.images:
                singles += (msgspec.structs.replace(request, images=(image,)) for image in request.images)
            else:
                singles.append(request)
        return tuple(singles)


Onlooker = Callable[[Picture | None, Result], None]


def carry_out(order: Order, engine: Engine, console: Console, onlooker: Onlooker | None = None) -> Manifest:
    """Answer an order's requests, write the results and their manifest, and say so.

    `onlooker` is shown every result, with its picture where it has one.

    An image that fails is reported and the others are answered. What was written when something else goes wrong, or
    the user stops it, is in the manifest too.

    Raises:
        CnnvizError: The output folder, the network or the request itself is at fault.
    """
    folder, singles = output_folder(order.output), order.single_requests
    outline = engine.outline(order.requests[0])
    files = ResultFiles(folder, distinct_stems(_images(singles)), _several(singles), order.read)
    files.path(MANIFEST_NAME)  # refused before anything is computed
    problems = list(order.problems)
    several_seeds = len({request.seed for request in singles}) > 1
    console.say("\n".join((outline.device_reason, *outline.notes)))
    try:
        for number, request in enumerate(singles, start=1):
            image = order.name_of(request.images[0]) if request.images else ""
            label = f"[{number}/{len(singles)}] {image or request.method}"
            console.step(f"{label} …")
            written = len(files.entries)
            files.seed = request.seed if several_seeds else None
            try:
                _write_answer(request, engine, files, onlooker)
            except _OF_ONE_IMAGE as error:
                problems.append(Problem(image, request.method, str(error)))
                console.say(f"{label}: {error}")
            for entry in files.entries[written:]:
                console.say(f"{label} → {_told(entry)}")
    finally:
        entries = tuple(msgspec.structs.replace(entry, image=order.name_of(entry.image)) for entry in files.entries)
        manifest = manifest_of(order.requests, outline, entries, tuple(problems))
        if entries or problems:
            write_manifest(folder, manifest)
    for note in dict.fromkeys(files.notes):
        console.say(note)
    return manifest


def _write_answer(request: Request, engine: Engine, files: ResultFiles, onlooker: Onlooker | None) -> None:
    picture = engine.picture(request.images[0]) if request.images else None
    maps: list[FeatureMaps] = []
    filters: list[Kernels] = []
    for result in engine.answers(request):
        if onlooker:
            onlooker(picture, result)
        match result:
            case HeatMap() if picture:
                files.write_heat_map(picture, result)
            case Predictions() if picture:
                files.write_predictions(picture, result)
            case FeatureMaps():
                maps.append(result)
            case ChannelSummary() if picture:
                files.write_feature_maps(picture, maps, result)
                maps = []
            case Kernels():
                filters.append(result)
                if result.complete:
                    files.write_kernels(filters)
                    filters = []
            case Picture():
                files.write_picture(result)
            case Outline():
                files.write_outline(result)


def _images(requests: tuple[Request, ...]) -> list[str]:
    return list(dict.fromkeys(image for request in requests for image in request.images))


def _several(requests: tuple[Request, ...]) -> frozenset[tuple[str, str]]:
    """(image, method) of which more than one heat map comes."""
    counts: Counter[tuple[str, str]] = Counter()
    for request in requests:
        for image in request.images:
            counts[image, request.method] += max(1, len(request.layers)) * len(request.targets)
    return frozenset(key for key, count in counts.items() if count > 1)


def _told(entry: ResultEntry) -> str:
    """What progress says about a result: its files, the class and what to know about it."""
    told = ", ".join(entry.files.values())
    if entry.class_name is not None and entry.probability is not None:
        told += f": {entry.class_name}, p = {entry.probability:.3f}"
    return "".join([told, *(f"\n    {note}" for note in entry.notes)])
