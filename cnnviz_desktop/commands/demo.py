"""``cnnviz demo``: the main job on the bundled sample, without a screen."""

from collections import defaultdict
from pathlib import Path

import msgspec

from cnnviz_desktop.commands.answering import carry_out
from cnnviz_desktop.commands.console import Console
from cnnviz_desktop.commands.engine import Engine
from cnnviz_desktop.commands.guided import GUIDED
from cnnviz_desktop.commands.options import add_output, command_parser
from cnnviz_desktop.commands.orders import Order
from cnnviz_desktop.core import catalog
from cnnviz_desktop.core.catalog.tutorial import TUTORIAL_METHODS
from cnnviz_desktop.core.errors import RequestError
from cnnviz_desktop.core.requests import ClassTarget, Request
from cnnviz_desktop.core.resources import SAMPLE_PREFIX, resource_path
from cnnviz_desktop.core.results import HeatMap, Picture, Predictions, Result
from cnnviz_desktop.figures.manifest import Manifest, write_manifest
from cnnviz_desktop.figures.result_panels import heat_map_panel, picture_panel, told_target
from cnnviz_desktop.figures.sheets import Panel, write_sheet

SHEET = "heat_maps.png"
METHODS_SHEET = "methods.png"
_SHEET_SCENES = 6
_COLUMNS = 4  # the picture and the seven methods fill two rows

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
    """What the sheets show: pictures, heat maps and predictions by image."""

    def __init__(self) -> None:
        self.pictures: dict[str, Picture] = {}
        self.heats: defaultdict[str, list[HeatMap]] = defaultdict(list)
        self.predictions: dict[str, Predictions] = {}

    def look(self, picture: Picture | None, result: Result) -> None:
        if picture:
            self.pictures[picture.image] = picture
        if isinstance(result, HeatMap) and result.done >= 1:
            self.heats[result.image].append(result)
        elif isinstance(result, Predictions):
            self.predictions[result.image] = result


def run_command(arguments: list[str], console: Console) -> int:
    """Write heat maps, predictions, feature maps and kernels of the sample; the exit code is 2 where one failed."""
    parser = command_parser("demo", "Do the main job on the bundled sample network and its scenes.", _EXAMPLES)
    add_output(parser)
    options = parser.read(arguments)
    scenes = _scenes()
    gathered = _Gathered()
    order = Order(requests=_requests(scenes), output=options.output)
    manifest = carry_out(order, Engine(console), console, gathered.look)
    sheets = {
        SHEET: ("Where the sample network looks: Grad-CAM of each class in the scene", _sheet_rows(scenes, gathered)),
        METHODS_SHEET: ("Seven methods on one scene, each class in its turn", _method_rows(scenes, gathered)),
    }
    manifest = _write_sheets(options.output, sheets, manifest, console)
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
    """Predictions, and Grad-CAM of every class that a scene shows; other methods, feature maps and kernels once."""
    images = tuple(scene.reference for scene in scenes)
    heats = (
        Request(method="gradcam", images=(scene.reference,), targets=tuple(map(ClassTarget, scene.classes)))
        for scene in scenes
    )
    others = Request(
        method=TUTORIAL_METHODS[1],
        also=(GUIDED, *TUTORIAL_METHODS[2:]),
        images=tuple(scene.reference for scene in _of_several(scenes)[:1]),
        targets=tuple(ClassTarget(name) for scene in _of_several(scenes)[:1] for name in scene.classes),
    )
    return (
        Request(method="predictions", images=images),
        *heats,
        *((others,) if others.images else ()),
        Request(method="feature_maps", images=images[:1]),
        Request(method="kernels"),
    )


def _of_several(scenes: tuple[_Scene, ...]) -> list[_Scene]:
    """The scenes that show more than one class."""
    return [scene for scene in scenes if len(scene.classes) > 1]


def _sheet_rows(scenes: tuple[_Scene, ...], gathered: _Gathered) -> list[list[Panel]]:
    """A row a scene of several classes: the picture and its Grad-CAM maps; scenes without any are left out."""
    rows = []
    for scene in [each for each in _of_several(scenes) if each.reference in gathered.heats][:_SHEET_SCENES]:
        picture, caption = gathered.pictures[scene.reference], Path(scene.file).stem
        if predictions := gathered.predictions.get(scene.reference):
            likeliest = (f"{predictions.class_names[i]} {predictions.probabilities[i]:.2f}" for i in predictions.top(2))
            caption += f"\npredicted: {', '.join(likeliest)}"
        heats = [heat for heat in gathered.heats[scene.reference] if heat.method == TUTORIAL_METHODS[0]]
        rows.append([picture_panel(picture, caption), *(heat_map_panel(picture, heat) for heat in heats)])
    return rows


def _method_rows(scenes: tuple[_Scene, ...], gathered: _Gathered) -> list[list[Panel]]:
    """For each class of the first scene that several methods explain: the picture, and what each method says."""
    rows: list[list[Panel]] = []
    for scene in _of_several(scenes):
        heats = gathered.heats[scene.reference]
        if len({heat.method for heat in heats}) < len(TUTORIAL_METHODS):
            continue
        picture, stem = gathered.pictures[scene.reference], Path(scene.file).stem
        for name in scene.classes:
            maps = {heat.method: heat for heat in heats if heat.explained.class_name == name}
            panels = [picture_panel(picture, f"{stem}\n{told_target(maps[TUTORIAL_METHODS[0]].explained)}")]
            panels += [heat_map_panel(picture, maps[each], catalog.method(each).title) for each in TUTORIAL_METHODS]
            rows += [panels[first : first + _COLUMNS] for first in range(0, len(panels), _COLUMNS)]
        break
    return rows


def _write_sheets(
    folder: Path, sheets: dict[str, tuple[str, list[list[Panel]]]], manifest: Manifest, console: Console
) -> Manifest:
    """Draw the sheets, (title, rows) by their file's name, that have anything to show; the manifest with them."""
    drawn = {name: sheet for name, sheet in sheets.items() if sheet[1]}
    for name, (title, rows) in drawn.items():
        console.step(f"{name} …")
        for note in write_sheet(folder / name, title, rows):
            console.say(note)
        console.say(f"All in one view: {folder / name}")
    if drawn:
        manifest = msgspec.structs.replace(manifest, sheets=tuple(drawn))
        write_manifest(folder, manifest, in_place_of_last=True)
    return manifest
