"""Writes what answers a request, each result as soon as all of it is there."""

from collections import defaultdict
from collections.abc import Callable

from cnnviz_desktop.commands.engine import Engine
from cnnviz_desktop.commands.guided import GUIDED, is_companion
from cnnviz_desktop.commands.pictures import Pictures
from cnnviz_desktop.core.answers import Detections, Embedding, Segmentation
from cnnviz_desktop.core.network_input import NetworkInput
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import Request, Target
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
from cnnviz_desktop.figures.answer_files import write_detections, write_embedding, write_segmentation
from cnnviz_desktop.figures.attribution_files import write_gradient_picture, write_heat_map
from cnnviz_desktop.figures.result_files import (
    write_feature_maps,
    write_kernels,
    write_network_input,
    write_outline,
    write_picture,
    write_predictions,
)
from cnnviz_desktop.figures.result_folder import ResultFolder

Onlooker = Callable[[Picture | None, Result], None]
_Explained = tuple[str, str, Target | None]


class Writer:
    """Writes the results of one request. Heat maps wait for the guided backpropagation that goes with them.

    Args:
        request: What was asked.
        folder: Where the files go.
        engine: Reads the pictures that maps are drawn over.
        onlooker: Is shown every result, with its picture where it has one.
    """

    def __init__(
        self, request: Request, folder: ResultFolder, engine: Engine, onlooker: Onlooker | None = None
    ) -> None:
        self._folder = folder
        self._pictures = Pictures(engine)
        self._onlooker = onlooker
        self._paired = is_companion(request)
        self._guided: dict[_Explained, GradientPicture] = {}
        self._waiting: defaultdict[_Explained, list[HeatMap]] = defaultdict(list)
        # By image and layer: of one that fails half-way, what has come must not go with the next.
        self._maps: defaultdict[tuple[str, str], list[FeatureMaps]] = defaultdict(list)
        self._filters: defaultdict[str, list[Kernels]] = defaultdict(list)

    def take(self, result: Result) -> None:
        """Write a result, or keep it until the rest of it is there. One that is still being computed is not written.

        Raises:
            CnnvizError: A file cannot be written, or the picture is gone.
        """
        if self._onlooker is not None:
            self._onlooker(self._picture_of(result), result)
        match result:
            case HeatMap() if result.done >= 1:
                self._take_heat_map(result)
            case GradientPicture() if result.done >= 1:
                self._take_gradient_picture(result)
            case Predictions():
                write_predictions(self._folder, self._pictures.of(result.image), result)
            case Segmentation():
                write_segmentation(self._folder, self._pictures.of(result.image), result)
            case Detections():
                write_detections(self._folder, self._pictures.of(result.image), result)
            case Embedding():
                write_embedding(self._folder, self._pictures.of(result.image), result)
            case FeatureMaps():
                self._maps[result.image, result.layer].append(result)
            case ChannelSummary():
                maps = self._maps.pop((result.image, result.layer))
                write_feature_maps(self._folder, self._pictures.of(result.image), maps, result)
            case Kernels():
                self._filters[result.layer].append(result)
                if result.complete:
                    write_kernels(self._folder, self._filters.pop(result.layer))
            case NetworkInput():
                write_network_input(self._folder, self._pictures.of(result.image), result)
            case Picture():
                write_picture(self._folder, result)
            case Outline():
                write_outline(self._folder, result)

    def finish(self) -> None:
        """Write the maps whose guided backpropagation did not come."""
        for heats in self._waiting.values():
            for heat in heats:
                write_heat_map(self._folder, self._pictures.of(heat.image), heat)
        self._waiting.clear()

    def _picture_of(self, result: Result) -> Picture | None:
        """The picture that a result is about; None where it is about none."""
        image = getattr(result, "image", "")
        return result if isinstance(result, Picture) else self._pictures.of(image) if image else None

    def _take_heat_map(self, heat: HeatMap) -> None:
        explained = _explained(heat)
        if self._paired and explained not in self._guided:
            self._waiting[explained].append(heat)
        else:
            write_heat_map(self._folder, self._pictures.of(heat.image), heat, self._guided.get(explained))

    def _take_gradient_picture(self, gradient: GradientPicture) -> None:
        if not self._paired or gradient.method != GUIDED:
            write_gradient_picture(self._folder, self._pictures.of(gradient.image), gradient)
            return
        explained = _explained(gradient)
        self._guided[explained] = gradient
        for heat in self._waiting.pop(explained, ()):
            write_heat_map(self._folder, self._pictures.of(heat.image), heat, gradient)


def _explained(result: Attribution) -> _Explained:
    """What a result is about, whatever its method; names alone do not tell: classes may share one."""
    return result.image, result.explained.title, result.explained.target
