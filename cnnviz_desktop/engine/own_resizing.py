"""Networks that resize and pad their input themselves before any layer sees it, as torchvision's detection networks do.

What their layers' maps lie over is the padded picture, and not the network's input.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from torch import Tensor, nn

from cnnviz_desktop.core.geometry import InputTransform, Size

_RESIZER = "GeneralizedRCNNTransform"


@dataclass(slots=True)
class OwnResizing:
    """What a network made of the images of one pass.

    Attributes:
        padded: Size of the tensor that its layers saw; None where it resizes nothing itself.
        scaled: Size of each image in it, from its top left corner.
    """

    padded: Size | None = None
    scaled: tuple[Size, ...] = ()

    def within(self, transforms: Sequence[InputTransform]) -> tuple[InputTransform, ...] | None:
        """Where the images lie in what the layers saw; None where that is the input itself.

        Args:
            transforms: Where they lie in the input, a row each.
        """
        if self.padded is None or len(self.scaled) != len(transforms):
            return None
        return tuple(
            replace(
                outer,
                input=self.padded,
                scale_x=outer.scale_x * inner.width / outer.input.width,
                scale_y=outer.scale_y * inner.height / outer.input.height,
                offset_x=outer.offset_x * inner.width / outer.input.width,
                offset_y=outer.offset_y * inner.height / outer.input.height,
            )
            for outer, inner in zip(transforms, self.scaled, strict=True)
        )


@contextmanager
def own_resizing(network: nn.Module) -> Iterator[OwnResizing]:
    """While the network runs inside, notes what it makes of its input. The hooks always come off."""
    found = OwnResizing()

    def note(_: nn.Module, __: object, output: object) -> None:
        images = output[0] if isinstance(output, tuple) and output else None
        tensors, sizes = getattr(images, "tensors", None), getattr(images, "image_sizes", None)
        if isinstance(tensors, Tensor) and sizes is not None:
            found.padded = Size(*tensors.shape[-2:])
            found.scaled = tuple(Size(*map(int, size)) for size in sizes)

    with ExitStack() as restore:
        for part in network.modules():
            # By name: torchvision takes seconds to import, and has been wherever such a module exists.
            if any(kind.__name__ == _RESIZER for kind in type(part).__mro__):
                restore.callback(part.register_forward_hook(note).remove)
        yield found
