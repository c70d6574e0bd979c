"""What the window looks at, as plain data, and the requests that follow from it."""

import shlex
from dataclasses import dataclass
from typing import Literal

from cnnviz_desktop.core.catalog import method
from cnnviz_desktop.core.requests import ClassTarget, Device, Request

Side = Literal["input", "output"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One network, image, layer and class.

    Attributes:
        network: The network's reference.
        image: The image's reference; empty where there is none.
        layer: Name of the chosen layer; empty where there is none.
        side: Whether what the chosen layer takes in or what it gives out is shown.
        maps: The chosen layer's tensor on that side whose maps are shown, as `LayerRef` writes it; empty where there
            are none.
        map_layer: Output that the class activation map is of: the chosen layer's, or that of the layer chosen before
            where this one gives no maps.
        target: Index of the class that is explained; None for the likeliest.
        device: Where to compute.
        allowed_keys: Weights' keys that need not fit.
    """

    network: str
    image: str = ""
    layer: str = ""
    side: Side = "output"
    maps: str = ""
    map_layer: str = ""
    target: int | None = None
    device: Device = "auto"
    allowed_keys: tuple[str, ...] = ()

    def request(self, method_id: str) -> Request:
        """The request for one method."""
        wanted = method(method_id)
        layers = {"kernels": self.layer, "feature_maps": self.maps}.get(method_id, self.map_layer)
        return Request(
            method=method_id,
            network=self.network,
            images=(self.image,) if wanted.needs_image and self.image else (),
            layers=(layers,) if wanted.needs_layer and layers else (),
            targets=(ClassTarget(self.target),),
            device=self.device,
            allowed_keys=self.allowed_keys,
        )

    def command(self) -> str:
        """The command that computes the class activation map that is shown."""
        words = ["cnnviz", "cam", self.image, "--network", self.network, "--method", "gradcam"]
        if self.map_layer:
            words += ["--target-layer", self.map_layer]
        if self.target is not None:
            words += ["--target-class", str(self.target)]
        if self.device != "auto":
            words += ["--device", self.device]
        for key in self.allowed_keys:
            words += ["--allow-key", key]
        return shlex.join([*words, "--output", "cam"])
