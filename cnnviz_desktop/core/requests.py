"""The one value that flows through the program: a request says everything needed to compute a result again."""

import re
from typing import Literal, Self

import msgspec

from cnnviz_desktop.core.description import NetworkRef
from cnnviz_desktop.core.errors import RequestError

Device = Literal["auto", "cpu", "cuda"]
ParameterValue = bool | int | float | str

_LAYER = re.compile(r"(?P<name>[^:\[\]]+)(?::(?P<side>input|output))?(?:\[(?P<part>\d+)\])?")


class LayerRef(msgspec.Struct, frozen=True):
    """One tensor of a network: what a named module takes in or gives out.

    Written ``layer3.2``, ``layer3.2:input`` or, where a module gives a tuple or a dict, ``head[1]`` for one part.
    """

    name: str
    side: Literal["input", "output"] = "output"
    part: int = 0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the written form.

        Raises:
            RequestError: The text is not a layer reference.
        """
        match = _LAYER.fullmatch(text)
        if match is None:
            raise RequestError(
                f"“{text}” is not a layer. Write its name, as in layer3.2, and :input after it for what goes in."
            )
        side: Literal["input", "output"] = "input" if match["side"] == "input" else "output"
        return cls(match["name"], side, int(match["part"] or 0))

    def __str__(self) -> str:
        side = ":input" if self.side == "input" else ""
        part = f"[{self.part}]" if self.part else ""
        return f"{self.name}{side}{part}"


class ClassTarget(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="class"):
    """What the network says about one class, or how much more than about another.

    A segmentation network says it of every pixel: the mean over the pixels that it gives to the class, or over a
    rectangle (Vinogradova et al. 2020, whose sum is this times the number of pixels). A detection network says it of
    boxes: the score of the class's surest one.

    Attributes:
        label: The class's index or its name; None is the class the network finds likeliest (top-1): of a segmentation
            network the one of most pixels, of a detection network that of the surest box.
        minus: Index or name of a class whose score is taken off; None for none.
        score: The logit, or the probability that follows from all of them.
        box: (left, top, right, bottom) in pixels of the picture: where a segmentation network is asked; None for the
            pixels that it gives to the class.
    """

    label: int | str | None = None
    minus: int | str | None = None
    score: Literal["logit", "probability"] = "logit"
    box: tuple[float, float, float, float] | None = None


class UnitTarget(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="unit"):
    """How strongly a layer answers: a channel's mean, one unit of it, or the sum over a region of the image.

    Attributes:
        layer: The layer, as `LayerRef` writes it.
        channel: The channel; None, with a `box`, for all of them.
        cell: (row, column) of one unit of the channel; None for the mean over all.
        box: (left, top, right, bottom) in pixels of the picture: the sum over the cells drawn there.
    """

    layer: str
    channel: int | None = None
    cell: tuple[int, int] | None = None
    box: tuple[float, float, float, float] | None = None


class DetectionTarget(msgspec.Struct, frozen=True, omit_defaults=True, tag_field="kind", tag="detection"):
    """The score of one object that a detection network finds.

    Attributes:
        index: Its place in the network's answer, from 0; None for the one that is nearest to `box`.
        box: (left, top, right, bottom) in pixels of the picture: the object that overlaps it most; None, without an
            index, for the surest one.
        label: Index or name of the class that the object has; None for any.
    """

    index: int | None = None
    box: tuple[float, float, float, float] | None = None
    label: int | str | None = None


class SimilarityTarget(msgspec.Struct, frozen=True, tag_field="kind", tag="similarity"):
    """How much like another image the network finds this one: the cosine of the angle between its two answers.

    Attributes:
        image: Reference of the other image.
    """

    image: str


Target = ClassTarget | UnitTarget | DetectionTarget | SimilarityTarget


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """What to compute, on what. Plain data, JSON both ways.

    Attributes:
        method: Id of a method in the catalogue.
        also: Ids of further methods that explain the same targets, answered in the same passes through the network.
        network: A network, in short (see `core.references`) or by its whole description.
        images: Image references: file paths, or ``sample:scene_01``.
        layers: Layer references in the form `LayerRef` reads; empty for the layer the network's outline suggests.
        targets: What to explain; one result each.
        parameters: Values of the methods' parameters, each for all methods that have it; the catalogue's defaults
            stand in for those not named.
        seed: Seed of every random choice.
        device: Where to compute; ``auto`` takes CUDA where there is one.
        allowed_keys: Weights' keys that may be missing, unexpected or mis-shaped, allowed by name by the user.
    """

    method: str
    also: tuple[str, ...] = ()
    network: NetworkRef = "sample"
    images: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    targets: tuple[Target, ...] = (ClassTarget(),)
    parameters: dict[str, ParameterValue] = {}
    seed: int = 0
    device: Device = "auto"
    allowed_keys: tuple[str, ...] = ()

    @property
    def methods(self) -> tuple[str, ...]:
        """Every method asked for, each once."""
        return tuple(dict.fromkeys((self.method, *self.also)))

    def to_json(self) -> str:
        """The request as indented JSON."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read what `to_json` wrote.

        Raises:
            RequestError: Not a request; the sentence says where.
        """
        try:
            return msgspec.json.decode(text, type=cls)
        except msgspec.MsgspecError as error:
            raise RequestError(f"This is not a request of cnnviz: {error}.") from error
