"""What the window looks at, as plain data, and the requests that follow from it."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from cnnviz_desktop.core.catalog import Method, method
from cnnviz_desktop.core.description import NetworkRef
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.references import written
from cnnviz_desktop.core.requests import (
    ClassTarget,
    DetectionTarget,
    Device,
    ParameterValue,
    Request,
    SimilarityTarget,
    Target,
    UnitTarget,
)

Side = Literal["input", "output"]
Parameters = Mapping[str, dict[str, ParameterValue]]

FIRST_METHOD = "gradcam"
LAYERLESS_METHOD = "saliency"
"""What explains a network of which no layer gives maps, where the chosen method needs one."""
ATTRIBUTION = "attribution"
"""What explains the target, by whichever method is chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One network, image, layer and target, and the method that explains it.

    Attributes:
        network: The network, in short or by its description.
        image: The image's reference; empty where there is none.
        layer: Name of the chosen layer; empty where there is none.
        side: Whether what the chosen layer takes in or what it gives out is shown.
        maps: The chosen layer's tensor on that side whose maps are shown, as `LayerRef` writes it; empty where there
            are none.
        map_layer: Output that the class activation map is of: the chosen layer's, or that of the layer chosen before
            where this one gives no maps.
        more_layers: Further outputs whose maps are joined with that of `map_layer`.
        method: Id of the method that explains the target.
        set_aside: Id of the method that was chosen, while `method` stands in for it; empty where it does not.
        parameters: By the id of a method, the values of its parameters that are not the defaults.
        target: What is explained.
        device: Where to compute.
        allowed_keys: Weights' keys that need not fit.
    """

    network: NetworkRef
    image: str = ""
    layer: str = ""
    side: Side = "output"
    maps: str = ""
    map_layer: str = ""
    more_layers: tuple[str, ...] = ()
    method: str = FIRST_METHOD
    set_aside: str = ""
    parameters: Parameters = field(default_factory=dict)
    target: Target = field(default_factory=ClassTarget)
    device: Device = "auto"
    allowed_keys: tuple[str, ...] = ()

    def suited_to(self, outline: Outline) -> "Subject":
        """The same, explained by the method that was chosen, or where the network has no layers for it, by another."""
        chosen = self.set_aside or self.method
        if method(chosen).needs_layer and not outline.suggested:
            return replace(self, method=LAYERLESS_METHOD, set_aside=chosen)
        return replace(self, method=chosen, set_aside="")

    @property
    def target_class(self) -> int | None:
        """Index of the class that is explained; None for the likeliest, and where no class is."""
        return class_of(self.target)

    @property
    def compares(self) -> bool:
        """Whether a likeness to another image is explained."""
        return isinstance(self.target, SimilarityTarget)

    @property
    def chosen_method(self) -> Method:
        """The method that explains the target."""
        return method(self.method)

    @property
    def values(self) -> dict[str, ParameterValue]:
        """Values of all parameters of the chosen method."""
        return self.chosen_method.values(self.parameters.get(self.method, {}))

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that the attribution is of: several only where the method makes one map of them."""
        wanted = self.chosen_method
        if not wanted.needs_layer or not self.map_layer:
            return ()
        joined = wanted.joins_layers or self.values.get("fuse", "none") != "none"
        return tuple(dict.fromkeys((self.map_layer, *self.more_layers))) if joined else (self.map_layer,)

    @property
    def attribution(self) -> Request:
        """The request that explains the target."""
        return Request(
            method=self.method,
            network=self.network,
            images=(self.image,) if self.image else (),
            layers=self.layers,
            targets=(self.target,),
            parameters=dict(self.parameters.get(self.method, {})),
            device=self.device,
            allowed_keys=self.allowed_keys,
        )

    def request(self, view: str) -> Request:
        """The request for one view: `ATTRIBUTION`, or the id of a method that explains nothing."""
        if view == ATTRIBUTION:
            return self.attribution
        wanted = method(view)
        layer = {"kernels": self.layer, "feature_maps": self.maps}.get(view, "")
        return Request(
            method=view,
            network=self.network,
            images=(self.image,) if wanted.needs_image and self.image else (),
            layers=(layer,) if layer else (),
            targets=(self.target,) if view == "predictions" and self.compares else (ClassTarget(),),
            device=self.device,
            allowed_keys=self.allowed_keys,
        )

    def command(self) -> str:
        """The command that computes the attribution that is shown."""
        asked = self.attribution
        words = ["cnnviz", "cam", self.image, "--network", written(self.network), "--method", self.method]
        for layer in asked.layers:
            words += ["--target-layer", layer]
        words += target_options(self.target)
        for key, value in asked.parameters.items():
            words += ["--set", f"{key}={written_value(value)}"]
        if self.device != "auto":
            words += ["--device", self.device]
        for key in self.allowed_keys:
            words += ["--allow-key", key]
        return shlex.join([*words, "--output", "cam"])


def class_of(target: Target) -> int | None:
    """Index of the class that is explained; None for the likeliest, and where no class is."""
    return target.label if isinstance(target, ClassTarget) and isinstance(target.label, int) else None


def target_options(target: Target) -> list[str]:
    """A target as the command line's options name it; nothing for the likeliest class's logit."""
    if isinstance(target, UnitTarget):
        unit = target.layer if target.channel is None else f"{target.layer}#{target.channel}"
        if target.box is not None:
            return ["--target-region", f"{unit}@{','.join(_number(edge) for edge in target.box)}"]
        return ["--target-unit", f"{unit}@{target.cell[0]},{target.cell[1]}" if target.cell is not None else unit]
    if isinstance(target, SimilarityTarget):
        return ["--similar-to", target.image]
    if isinstance(target, DetectionTarget):
        return _object_options(target)
    words = ["--target-class", str(target.label)] if target.label is not None else []
    if target.box is not None:
        words += ["--target-region", ",".join(map(_number, target.box))]
    if target.minus is not None:
        words += ["--minus-class", str(target.minus)]
    return [*words, "--probability"] if target.score == "probability" else words


def _object_options(target: DetectionTarget) -> list[str]:
    where = [str(target.index)] if target.index is not None else []
    if target.box is not None:
        where = [",".join(map(_number, target.box))]
    words = [] if target.label is None else ["--target-class", str(target.label)]
    return [*words, *(word for each in where for word in ("--target-box", each))]


def _number(value: float) -> str:
    """Without an exponent, and without zeros at its end."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def written_value(value: ParameterValue) -> str:
    """A parameter's value as ``--set`` takes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
