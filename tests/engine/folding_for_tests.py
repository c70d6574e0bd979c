"""Networks that tell whether a twin computes what they do."""

import torch
from torch import Tensor, nn

from tests.engine.networks_for_tests import InPlace


def with_statistics(module: nn.Module) -> nn.Module:
    """Statistics as training leaves them: untrained ones are 0 and 1, and folding them changes nothing."""
    generator = torch.Generator().manual_seed(3)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d) and part.running_mean is not None and part.running_var is not None:
            part.running_mean.uniform_(-0.5, 0.5, generator=generator)
            part.running_var.uniform_(0.3, 2, generator=generator)
    return module


class Normalised(nn.Module):
    """A convolution, something between, its normalisation, and a last layer."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.between = nn.Dropout()
        self.norm = nn.BatchNorm2d(4)
        self.last = nn.Conv2d(4, 4, 3)
        self.head = nn.Linear(4, 5)

    def forward(self, x: Tensor) -> object:
        return self.scores(self.norm(self.between(self.conv(x))))

    def scores(self, maps: Tensor) -> Tensor:
        logits: Tensor = self.head(self.last(maps).relu().mean(dim=(2, 3)))
        return logits


class Watched(Normalised):
    """Reads what a convolution gives beside its normalisation, so that folding would change the answer."""

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        return self.scores(self.norm(x) + 3 * x)


class WatchedInPart(Normalised):
    """The same, but returns first what folding does not change."""

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        maps = self.conv(x)
        return {"features": self.norm(maps).mean(dim=(2, 3)), "logits": self.scores(self.norm(maps) + 3 * maps)}


class ReadsTheNormalisation(Normalised):
    """Reads a weight of the normalisation itself, which a folded one does not have."""

    def forward(self, x: Tensor) -> Tensor:
        return self.scores(self.norm(self.conv(x)) * self.norm.weight.mean())


class CentresTheBatch(InPlace):
    """Takes the mean over the batch off, in an operation that no module shows."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x if len(x) == 1 else x - x.mean(dim=0, keepdim=True))


class CentresTheLogits(InPlace):
    """The same with its logits alone, which are not what it returns first."""

    def forward(self, x: Tensor) -> dict[str, Tensor]:  # type: ignore[override]  # another kind of output
        logits = super().forward(x)
        centred = logits if len(x) == 1 else logits - logits.mean(dim=0, keepdim=True)
        return {"features": x.mean(dim=(2, 3)), "logits": centred}


class GatedByTheFirst(InPlace):
    """Code written for one image: a gate computed from the first row is applied to all."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x * x[0].mean(dim=(1, 2)).sigmoid()[None, :, None, None])


class GatedByTheLast(InPlace):
    """The same with the last row."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x * x[-1].mean(dim=(1, 2)).sigmoid()[None, :, None, None])
