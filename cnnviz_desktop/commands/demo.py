"""``cnnviz demo``: the main job on the bundled sample, without a screen."""

from collections import defaultdict
from pathlib import Path

import msgspec

from cnnviz_desktop.commands.answering import carry_out
from cnnviz_desktop.commands.console import Console
from cnnviz_desktop.commands.engine import Engine
from cnnviz_desktop.commands.options import add_output, command_parser
from cnnviz_desktop.commands.orders import Order
from cnnviz_desktop.core.errors import RequestError
from cnnviz_desktop.core.requests import ClassTarget, Request
from cnnviz_desktop.core.resources import SAMPLE_PREFIX, resource_path
from cnnviz_desktop.core.results import HeatMap, Picture, Predictions, Result
from cnnviz_desktop.figures.manifest import Manifest, write_manifest
from cnnviz_desktop.figures.result_panels import heat_map_panel, picture_panel
from cnnviz_desktop.figures.sheets import Panel, write_sheet

SHEET = "heat_maps.png"
_SHEET_SCENES = 6

_EXAMPLES = """\
  cnnviz demo --output pictures"""


class _Object(msgspec.Struct):
    """A labelled object of a scene."""

    name: str = msgspec.field(name="class")


class _Scene(msgspec.Struct):
    """A scene that ships, as its index tells it."""

    file: str
    objects: tuple[_Object, ...]

    @property
    def reference(self) -> str:
        return SAMPLE_PREFIX + Path(self.file).stem

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each.name for each in self.objects))


class _Gathered:
    """What the sheet shows: pictures, heat maps and predictions by image."""

    def __init__(self) -> None:
        self.pictures: dict[str, Picture] = {}
        self.heats: defaultdict[str, list[HeatMap]] = defaultdict(list)
        self.predictions: dict[str, Predictions] = {}

    def look(self, picture: Picture | None, result: Result) -> None:
        if picture:
            self.pictures[picture.image] = picture
        if isinstance(result, HeatMap):
            self.heats[result.image].append(result)
        elif isinstance(result, Predictions):
            self.predictions[result.image] = result


def run_command(arguments: list[str], console: Console) -> int:
    """Write heat maps, predictions, feature maps and kernels of the sample; the exit code is 2 where one failed."""
    parser = command_parser("demo", "Do the main job on the bundled sample network and its scenes.", _EXAMPLES)
    add_output(parser)
    options = parser.parse_args(arguments)
    scenes = _scenes()
    gathered = _Gathered()
    order = Order(requests=_requests(scenes), output=options.output)
    manifest = carry_out(order, Engine(console), console, gathered.look)
    rows = _sheet_rows(scenes, gathered)
    if rows:
        manifest = _write_sheet(options.output, rows, manifest, console)
    if options.json:
        console.answer(manifest.to_json().decode().rstrip())
    return 2 if manifest.problems else 0


def _scenes() -> tuple[_Scene, ...]:
    index = resource_path("sample", "scenes", "index.json")
    try:
        return msgspec.json.decode(index.read_bytes(), type=tuple[_Scene, ...])
    except (OSError, msgspec.MsgspecError) as error:
        raise RequestError(f"The sample is not whole: {index}: {error}. Install cnnviz again.") from error


def _requests(scenes: tuple[_Scene, ...]) -> tuple[Request, ...]:
    """Predictions and the heat map of every class that a scene shows; feature maps of the first; the first kernels."""
    images = tuple(scene.reference for scene in scenes)
    heats = (
        Request(method="gradcam", images=(scene.reference,), targets=tuple(map(ClassTarget, scene.classes)))
        for scene in scenes
    )
    return (
        Request(method="predictions", images=images),
        *heats,
        Request(method="feature_maps", images=images[:1]),
        Request(method="kernels"),
    )


def _sheet_rows(scenes: tuple[_Scene, ...], gathered: _Gathered) -> list[list[Panel]]:
    """A row a scene of several classes: the picture and its heat maps; scenes without any are left out."""
    several = [scene for scene in scenes if len(scene.classes) > 1 and scene.reference in gathered.heats]
    rows = []
    for scene in several[:_SHEET_SCENES]:
        picture, caption = gathered.pictures[scene.reference], Path(scene.file).stem
        if predictions := gathered.predictions.get(scene.reference):
            likeliest = (f"{predictions.class_names[i]} {predictions.probabilities[i]:.2f}" for i in predictions.top(2))
            caption += f"\npredicted: {', '.join(likeliest)}"
        heats = [heat_map_panel(picture, heat) for heat in gathered.heats[scene.reference]]
        rows.append([picture_panel(picture, caption), *heats])
    return rows


def _write_sheet(folder: Path, rows: list[list[Panel]], manifest: Manifest, console: Console) -> Manifest:
    """Draw the sheet and put it into the manifest."""
    console.step(f"{SHEET} …")
    for note in write_sheet(
        folder / SHEET, "Where the sample network looks: Grad-CAM of each class in the scene", rows
    ):
        console.say(note)
    manifest = msgspec.structs.replace(manifest, sheets=(SHEET,))
    write_manifest(folder, manifest)
    console.say(f"All in one view: {folder / SHEET}")
    return manifest
