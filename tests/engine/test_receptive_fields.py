import pytest
import torch
from torch import nn

from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.engine.capture import capture
from tests.engine.networks_for_tests import Functional, InPlace, outlined, seeded


def gradient_support(module: nn.Module, layer: str, cell: tuple[int, int], size: Size) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) of the input pixels that a cell's value depends on, by differentiating."""
    image = torch.rand(1, 3, *size, dtype=torch.float64, requires_grad=True)
    with capture(module, layers=(), gradients=[LayerRef(layer)]) as recording:
        module(image)
    value = recording.tensors[LayerRef(layer)][0, :, cell[0], cell[1]].sum()
    (gradient,) = torch.autograd.grad(value, image)
    touched = gradient.abs().sum(dim=(0, 1)).nonzero()
    top, left = (int(edge) for edge in touched.amin(dim=0))
    bottom, right = (int(edge) + 1 for edge in touched.amax(dim=0))
    return left, top, right, bottom


def smoothed(module: nn.Module) -> nn.Module:
    """Positive weights in double precision, so that no gradient vanishes by accident."""
    module = module.double()
    for parameter in module.parameters():
        parameter.data.abs_().add_(0.01)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.zero_() if part.running_mean is not None else None
    return module


def spatial_layers(outline: Outline) -> list[str]:
    return [node.name for node in outline.layers if node.gives_maps]


@pytest.mark.parametrize("factory", [InPlace, Functional])
def test_that_the_field_is_exactly_the_support_of_the_gradient(factory: type[nn.Module]) -> None:
    module, size = smoothed(seeded(factory)), Size(40, 31)
    outline = outlined(module, size)
    for name in spatial_layers(outline):
        node = outline.layer(name)
        assert node.field is not None
        _, height, width = node.outputs[0]
        cell = (height // 2, width // 2)
        left, top, right, bottom = gradient_support(module, name, cell, size)
        box = node.field.box(*cell, size)
        assert box.left <= left, name
        assert box.top <= top, name
        assert box.right >= right, name
        assert box.bottom >= bottom, name
        # Finer than its source, a layer's field starts between two of the source's cells: up to one of them too much.
        slack_x, slack_y = (5, 9) if name in ("up", "tail") else (0, 0)
        assert (box.right - box.left) - (right - left) <= slack_x, name
        assert (box.bottom - box.top) - (bottom - top) <= slack_y, name


@pytest.mark.parametrize(
    ("name", "layer", "size", "stride"),
    [("resnet18", "layer4.1", 435, 32), ("alexnet", "features.12", 195, 32), ("vgg11", "features.20", 150, 32)],
)
def test_that_fields_of_known_networks_are_the_published_ones(name: str, layer: str, size: int, stride: int) -> None:
    import torchvision

    outline = outlined(getattr(torchvision.models, name)(weights=None).eval(), (224, 224))
    field = outline.layer(layer).field
    assert field is not None
    assert (field.x.size, field.x.stride) == (size, stride)
    assert field.x == field.y


def test_that_no_layer_of_torchvisions_resnet_sees_outside_its_field() -> None:
    import torchvision

    module, size = seeded(lambda: torchvision.models.resnet18(weights=None)).double(), Size(96, 128)
    outline = outlined(module, size)
    for name, cell in (("layer1.0", (3, 5)), ("layer2", (0, 0)), ("layer2.0.downsample.0", (5, 11))):
        field = outline.layer(name).field
        assert field is not None
        left, top, right, bottom = gradient_support(module, name, cell, size)
        box = field.box(*cell, size)
        assert box.left <= left
        assert box.top <= top
        assert right <= box.right
        assert bottom <= box.bottom


def test_that_a_squeeze_and_excitation_block_sees_the_whole_input() -> None:
    class Excited(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3, padding=1)
            self.gate = nn.Conv2d(4, 4, 1)
            self.block = nn.Identity()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = self.conv(x)
            gated: torch.Tensor = self.block(x * self.gate(x.mean((2, 3), keepdim=True)).sigmoid())
            return gated.mean((2, 3))

    outline = outlined(seeded(Excited))
    conv, block = outline.layer("conv").field, outline.layer("block").field
    assert conv is not None
    assert conv.x.size == 3
    assert block is not None
    assert block.box(0, 0, Size(32, 24)) == (0, 0, 24, 32)


@pytest.mark.parametrize("activation", [nn.Hardswish(), nn.Hardswish(inplace=True), nn.LogSigmoid()])
def test_that_an_activation_looks_where_its_input_does(activation: nn.Module) -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), activation, nn.Conv2d(4, 4, 3), nn.Upsample(scale_factor=2)).eval()
    first, after, second, _ = (node.field for node in outlined(network).layers)
    assert first is not None
    assert second is not None
    assert after == first
    assert (first.x.size, second.x.size) == (3, 5)


def test_that_both_kinds_of_nearest_upsampling_look_alike() -> None:
    fields = [
        outlined(nn.Sequential(nn.Conv2d(3, 4, 3), nn.Upsample(scale_factor=2, mode=mode))).layer("1").field
        for mode in ("nearest", "nearest-exact")
    ]
    assert fields[0] is not None
    assert fields[0] == fields[1]


class Pasted(nn.Module):
    """Writes what looks elsewhere into a part of a copy of its input: of the rows, of the channels, or a shift."""

    def __init__(self, part: str) -> None:
        super().__init__()
        self.part = part
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.after = nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        pasted, seen = x.clone(), self.conv(x)
        match self.part:
            case "rows":
                pasted[:, :, 1:] = seen[:, :, 1:]
            case "channels":
                pasted[:, :2] = seen[:, :2]
            case "shift":
                pasted[:, :, 1:] = x[:, :, :-1]
            case "same cells":
                pasted[:, :, 1:] = x[:, :, 1:] * 2
        found: torch.Tensor = self.after(pasted)
        return found.mean((2, 3))


class PastedInInference(Pasted):
    @torch.inference_mode()
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x)


@pytest.mark.parametrize("kind", [Pasted, PastedInInference])
@pytest.mark.parametrize("part", ["rows", "channels", "shift", "same cells"])
def test_that_a_tensor_written_into_in_part_is_known_only_where_the_part_looks_alike(
    part: str, kind: type[Pasted]
) -> None:
    outline = outlined(kind(part).eval())
    conv, after = outline.layer("conv").field, outline.layer("after").field
    assert conv is not None
    assert conv.x.size == 3
    assert (after is not None) == (part == "same cells")
    assert after is None or after.x.size == 1


def test_that_an_unknown_operation_gives_an_unknown_field() -> None:
    class Rolled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3, padding=1)
            self.after = nn.Identity()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            rolled: torch.Tensor = self.after(self.conv(x).roll(2, dims=3))
            return rolled.mean((2, 3))

    outline = outlined(seeded(Rolled))
    assert outline.layer("conv").field is not None
    assert outline.layer("after").field is None
