"""The networks on which every method is compared with its references, opened as a user opens them."""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn

from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Picture
from cnnviz_desktop.engine.inputs import prepare
from cnnviz_desktop.engine.session import EngineSession
from cnnviz_desktop.samples.scenes import render
from tests.acceptance.real_data import RealData
from tests.correctness.untrained import draw_constants, draw_kernels

IMAGES = 3
_FIRST_SEED = 4_000_000  # far from what training and the ground truth draw


@dataclass(frozen=True, eq=False)
class Subject:
    """A network, three images of one size, and what the references need of them.

    Attributes:
        name: What the table calls it.
        session: Where the network is open.
        network: Its reference.
        images: Paths of the images.
        layer: The layer whose maps are compared.
        earlier: A layer before it, for the methods that join several.
        module: A copy of the network for the references, which leave their traces in it.
        batch: (3, C, H, W) tensor, what the network takes in.
        label: The class that is explained: the likeliest of the first image.
        other: The next likeliest.
        placed: Puts the layer's tensor (N, …) as maps (N, C, h, w): reference for layers of tokens.
        global_average: Whether the network ends in this layer → global average → linear.
    """

    name: str
    session: EngineSession
    network: str
    images: tuple[str, ...]
    layer: str
    earlier: str
    module: nn.Module
    batch: Tensor
    label: int
    other: int
    placed: Callable[[Tensor], Tensor]
    global_average: bool

    @property
    def part(self) -> nn.Module:
        """The layer itself, in the references' copy."""
        return self.module.get_submodule(self.layer)

    def at(self, layer: str) -> "Subject":
        """The same with another layer."""
        return replace(self, layer=layer)


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a subject comes from.

    Attributes:
        name: What the table calls it.
        layer: The layer whose maps are compared.
        earlier: A layer before it, for the methods that join several.
        whole: (height, width) of the input for methods of one pass; None for the description's own.
        small: The same for methods of hundreds of passes.
        global_average: Whether the network ends in this layer → global average → linear.
        placed: See `Subject`.
    """

    name: str
    layer: str
    earlier: str
    whole: tuple[int, int] = (224, 160)
    small: tuple[int, int] = (96, 64)
    global_average: bool = False
    placed: Callable[[Tensor], Tensor] = lambda tensor: tensor


def _after_class_token(tensor: Tensor) -> Tensor:
    """(N, C, h, w) of a vision transformer's (N, 1 + h·w, C), h = w."""
    side = round((tensor.shape[1] - 1) ** 0.5)
    return tensor[:, 1:].transpose(1, 2).reshape(len(tensor), -1, side, side)


def _channels_last(tensor: Tensor) -> Tensor:
    """(N, C, h, w) of a Swin transformer's (N, h, w, C)."""
    return tensor.permute(0, 3, 1, 2)


SAMPLE = Source(name="sample", layer="stage3.1", earlier="stage2.1", global_average=True)
RESNET20 = Source(name="ResNet-20 (CIFAR-10)", layer="layer3.2", earlier="layer2.2", global_average=True)
TORCHVISION = (
    Source(name="resnet18", layer="layer4.1", earlier="layer3.1", global_average=True),
    Source(name="vgg11", layer="features.20", earlier="features.15"),
    Source(name="googlenet", layer="inception5b", earlier="inception4e", global_average=True),
    Source(name="mobilenet_v2", layer="features.18", earlier="features.13", global_average=True),
    Source(name="densenet121", layer="features.norm5", earlier="features.denseblock3"),
    Source(name="convnext_tiny", layer="features.7.2", earlier="features.5.8"),
    Source(
        name="vit_b_16",
        layer="encoder.layers.encoder_layer_11.ln_1",
        earlier="encoder.layers.encoder_layer_8.ln_1",
        whole=(96, 96),
        small=(48, 48),
        placed=_after_class_token,
    ),
    Source(name="swin_t", layer="features.7.0", earlier="features.5.5", placed=_channels_last),
)


def opened(
    source: Source, folder: Path, *, small: bool, data: RealData | None = None, in_float64: bool = False
) -> Subject:
    """Open a network and prepare three scenes for it.

    Args:
        source: Where it comes from.
        folder: Takes the description file and the images.
        small: Whether its smaller input is taken.
        data: The real data; only ResNet-20 needs it.
        in_float64: Whether it computes in float64: the same weights, inputs and class.
    """
    session = EngineSession()
    size = source.small if small else source.whole
    network = _reference(source, size, folder, session, data)
    images = tuple(_scene(folder, _FIRST_SEED + number) for number in range(IMAGES))
    list(session.run(Request(method="outline", network=network, device="cpu")))
    (bench,) = session._benches.values()
    if source in TORCHVISION:
        draw_constants(bench.module)
        draw_kernels(bench.module)
    read = [result for result in session.run(Request(method="picture", images=images)) if isinstance(result, Picture)]
    batch = torch.cat([prepare(picture, bench.outline.preprocessing).tensor for picture in read])
    with torch.no_grad():
        likeliest = bench.module(batch[:1])[0].argsort(descending=True)
    if in_float64:
        bench.module.double()
        batch = batch.double()
    return Subject(
        name=source.name,
        session=session,
        network=network,
        images=images,
        layer=source.layer,
        earlier=source.earlier,
        module=copy.deepcopy(bench.module).eval(),
        batch=batch,
        label=int(likeliest[0]),
        other=int(likeliest[1]),
        placed=source.placed,
        global_average=source.global_average,
    )


def _reference(
    source: Source, size: tuple[int, int], folder: Path, session: EngineSession, data: RealData | None
) -> str:
    if source is SAMPLE:
        return "sample"
    if source is RESNET20:
        if data is None:
            raise ValueError("the real network needs the real data")
        session.trust(data.program_sha256)
        return str(data.describe_resnet20(folder))
    arguments: dict[str, int] = {}
    if source.name.startswith("vit"):
        arguments["image_size"] = size[0]
    description = {
        "format": 1,
        "name": source.name,
        "architecture": {"torchvision": source.name, "arguments": arguments},
        "preprocessing": {"resize": "stretch", "size": size},
    }
    path = folder / f"{source.name}_{size[0]}x{size[1]}.cnnviz-network.json"
    path.write_text(json.dumps(description), "utf-8")
    return str(path)


def _scene(folder: Path, seed: int) -> str:
    path = folder / f"{seed}.png"
    if not path.exists():
        Image.fromarray(render(seed, objects=2).image).save(path)
    return str(path)
