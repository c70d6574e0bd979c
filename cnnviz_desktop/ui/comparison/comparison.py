"""What is compared, as plain data: two axes, and the questions behind every cell."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, NamedTuple

from cnnviz_desktop.core.description import NetworkRef
from cnnviz_desktop.core.differences import difference_of
from cnnviz_desktop.core.gradient_rendering import guided_map
from cnnviz_desktop.core.requests import ClassTarget, Device, ParameterValue, Target
from cnnviz_desktop.core.resources import image_name
from cnnviz_desktop.core.results import Attribution, Explained, GradientPicture, HeatMap
from cnnviz_desktop.ui.comparison.headings import Heading, method_heading, network_headings, target_heading

Layout = Literal["views", "layers", "classes", "images", "networks"]
LAYOUTS: tuple[Layout, ...] = ("views", "layers", "classes", "images", "networks")
Parameters = Mapping[str, Mapping[str, ParameterValue]]

GUIDED = "guided_backprop"
VIEWS = ("cam", "gb", "cam_gb")
"""Columns of the preset, by the names that pytorch-grad-cam's ``cam.py`` gives its files."""

DIFFERENCE, SCALED_DIFFERENCE = 2, 3
"""Columns of a table of networks that show differences: of the raw maps, and of the maps scaled."""


class OtherNetwork(NamedTuple):
    """A network that is compared with the one that is looked at: how it was opened, and what people call it."""

    network: NetworkRef
    name: str
    allowed_keys: tuple[str, ...] = ()


class Place(NamedTuple):
    """A cell of the table."""

    row: int
    column: int


class Question(NamedTuple):
    """What one cell asks of the engine; an empty `layer` is the suggested one."""

    method: str
    layer: str
    target: Target
    image: str
    network: NetworkRef = "sample"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One table.

    Attributes:
        layout: What the axes are: ``views`` has methods × cam, gb, cam_gb; ``layers`` and ``classes``, which has
            targets of every kind, have methods in rows; ``images`` has images in rows and methods in columns;
            ``networks`` has methods × the other network, the network, and their difference, raw and scaled. What is
            no axis has one value.
        methods: Ids of the methods.
        layers: Layer references, or none for the suggested: where the targets are an axis, one for each of them.
        targets: What is explained: one, where that is no axis.
        images: Image references; one where the images are no axis.
        network: The network, in short or by its description.
        name: What people call it.
        other: What it is compared with where the networks are an axis.
        class_names: One name a class; empty where it has none.
        device: Where to compute.
        allowed_keys: Weights' keys that need not fit.
        parameters: By the id of a method, the values of its parameters that are not the defaults.
    """

    layout: Layout
    methods: tuple[str, ...]
    layers: tuple[str, ...] = ()
    targets: tuple[Target, ...] = (ClassTarget(),)
    images: tuple[str, ...] = ()
    network: NetworkRef = "sample"
    name: str = ""
    other: OtherNetwork | None = None
    class_names: tuple[str, ...] = ()
    device: Device = "auto"
    allowed_keys: tuple[str, ...] = ()
    parameters: Parameters = field(default_factory=dict)

    @cached_property
    def rows(self) -> tuple[Heading, ...]:
        """Headings of the rows."""
        if self.layout == "images":
            return tuple(Heading(image_name(image), tip=image) for image in self.images)
        return self._method_headings

    @cached_property
    def columns(self) -> tuple[Heading, ...]:
        """Headings of the columns."""
        if self.layout == "views":
            tips = ("heat map over the image", "guided backpropagation", "guided backpropagation where the map points")
            return tuple(Heading(view, tip=tip) for view, tip in zip(VIEWS, tips, strict=True))
        if self.layout == "layers":
            return tuple(map(Heading, self.layers))
        if self.layout == "classes":
            others = [layer if layer != self.usual_layer else "" for layer in self.layers or [""] * len(self.targets)]
            pairs = zip(self.targets, others, strict=True)
            return tuple(target_heading(target, self.class_names, layer) for target, layer in pairs)
        if self.other is not None:
            return network_headings(self.name, self.other.name)
        return self._method_headings

    @property
    def _method_headings(self) -> tuple[Heading, ...]:
        return tuple(method_heading(each, self.parameters.get(each, {})) for each in self.methods)

    @property
    def networks(self) -> tuple[OtherNetwork, ...]:
        """Every network that is asked, in the order of the columns."""
        own = OtherNetwork(self.network, self.name, self.allowed_keys)
        return (own,) if self.other is None else (self.other, own)

    @property
    def usual_layer(self) -> str:
        """The layer that most columns are about, where layers are no axis; empty where there is none."""
        return max(self.layers, key=self.layers.count, default="")

    @property
    def asked_methods(self) -> tuple[str, ...]:
        """Ids of all methods that answer a question, each once."""
        return tuple(dict.fromkeys((*self.methods, *((GUIDED,) if self.layout == "views" else ()))))

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Every cell, row by row."""
        return tuple(Place(row, column) for row in range(len(self.rows)) for column in range(len(self.columns)))

    def questions(self, place: Place) -> tuple[Question, ...]:
        """What a cell shows the answers of: one, or the two factors of ``cam_gb``."""
        row, column = place
        layer, image, target = self.layers[0] if self.layers else "", self.images[0], self.targets[0]
        network = self.network
        if self.layout == "images":
            return (Question(self.methods[column], layer, target, self.images[row], network),)
        if self.layout == "layers":
            return (Question(self.methods[row], self.layers[column], target, image, network),)
        if self.layout == "classes":
            own = self.layers[column] if self.layers else ""
            return (Question(self.methods[row], own, self.targets[column], image, network),)
        first = Question(self.methods[row], layer, target, image, network)
        if self.other is not None:
            before = first._replace(network=self.other.network)
            return ((before,), (first,), (first, before), (first, before))[column]
        guided = Question(GUIDED, "", target, image, network)
        return ((first,), (guided,), (first, guided))[column]

    def is_difference(self, place: Place) -> bool:
        """Whether a cell shows one network's answer less another's: both of its signs count."""
        return self.other is not None and place.column >= DIFFERENCE

    def combined(self, place: Place, found: Sequence[Attribution]) -> Attribution:
        """What a cell shows of the answers to its questions.

        Raises:
            RequestError: They do not go together.
        """
        if len(found) == 1:
            return found[0]
        if self.other is not None:
            return difference_of(*found, scaled=place.column == SCALED_DIFFERENCE)
        return guided_by(*found)

    def only(self, place: Place) -> "Comparison":
        """The comparison of one cell alone, with the methods that answer for it side by side."""
        questions = self.questions(place)
        methods, first = tuple(dict.fromkeys(question.method for question in questions)), questions[0]
        asked = next(each for each in self.networks if each.network == first.network)
        one_network = {question.network for question in questions} == {first.network}
        return replace(
            self,
            layout="images" if one_network else "networks",
            network=asked.network,
            name=asked.name,
            allowed_keys=asked.allowed_keys,
            other=None if one_network else self.other,
            methods=methods,
            layers=(first.layer,) if first.layer else (),
            targets=(first.target,),
            images=(first.image,),
            parameters={each: self.parameters[each] for each in methods if each in self.parameters},
        )

    @cached_property
    def all_questions(self) -> tuple[Question, ...]:
        """Every question of the table, each once."""
        return tuple(dict.fromkeys(question for place in self.places for question in self.questions(place)))

    @cached_property
    def _of_image(self) -> Mapping[str, Sequence[Question]]:
        """The questions about each image."""
        questions = defaultdict[str, list[Question]](list)
        for question in self.all_questions:
            questions[question.image].append(question)
        return dict(questions)

    def answered_by(self, result: Attribution, network: NetworkRef | None = None) -> tuple[Question, ...]:
        """The questions that a result answers: of every layer where it belongs to none of the table's.

        Args:
            result: The result.
            network: What it is of; None for the one that is compared with others.
        """
        own_layer, asked = result.layer in self.layers, self.network if network is None else network
        return tuple(
            question
            for question in self._of_image.get(result.image, ())
            if question.method == result.method
            and question.network == asked
            and _explains(result.explained, question.target)
            and (not own_layer or question.layer in ("", result.layer))
        )

    def is_about(self, other: "Comparison") -> bool:
        """Whether both ask the same of the same; the device makes no other table."""
        return replace(self, device=other.device) == other


def _explains(told: Explained, target: Target) -> bool:
    """Whether a result explains a target; the likeliest class may be any."""
    if not isinstance(target, ClassTarget) or not isinstance(told.target, ClassTarget):
        return told.target == target
    same_class = target.label in (None, told.target.label)
    same_place = (target.minus, target.score, target.box) == (told.target.minus, told.target.score, told.target.box)
    return same_class and same_place


def guided_by(cam: Attribution, guided: Attribution) -> GradientPicture:
    """``cam_gb``: guided backpropagation where a class activation map points; a view of the two, computed here."""
    if not isinstance(cam, HeatMap) or not isinstance(guided, GradientPicture):
        raise TypeError("cam_gb is the product of a heat map and a gradient picture.")
    return replace(
        guided,
        method="guided_gradcam",
        layer=cam.layer,
        raw=guided_map(cam, guided),
        done=min(cam.done, guided.done),
        completeness=None,
        notes=tuple(dict.fromkeys((*cam.notes, *guided.notes))),
    )
