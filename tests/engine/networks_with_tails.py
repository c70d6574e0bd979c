"""Networks whose parts meet what ran before a layer in every way that real ones do."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Dense(nn.Module):
    """Concatenates what each layer gives with all before it, as a DenseNet does."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, stride=2, padding=1)
        self.one = nn.Conv2d(4, 3, 3, padding=1)
        self.two = nn.Conv2d(7, 3, 3, padding=1)
        self.head = nn.Linear(10, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.stem(x))
        x = torch.cat([x, F.relu(self.one(x))], dim=1)
        x = torch.cat([x, F.relu(self.two(x))], dim=1)
        logits: Tensor = self.head((x * x).mean(dim=(2, 3)))
        return logits


class Residual(nn.Module):
    """A block with a skip, in-place ReLUs and sums in place; one ReLU module runs three times."""

    def __init__(self) -> None:
        super().__init__()
        self.relu = nn.ReLU(inplace=True)
        self.stem = nn.Sequential(nn.Conv2d(3, 6, 3, stride=2, padding=1), nn.BatchNorm2d(6))
        self.body = nn.Sequential(nn.Conv2d(6, 6, 3, padding=1), nn.BatchNorm2d(6))
        self.beside = nn.Conv2d(6, 6, 1)
        self.head = nn.Linear(6, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.stem(x))
        y = self.body(x)
        y += self.beside(x)
        y = self.relu(y)
        y = y + x
        logits: Tensor = self.head(self.relu(y).pow(2).mean(dim=(2, 3)))
        return logits


class Careless(nn.Module):
    """Counts on an in-place ReLU whose answer it throws away, works in place on its input, and reshapes with view."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, stride=4)
        self.relu = nn.ReLU(inplace=True)
        self.body = nn.Conv2d(4, 4, 3, padding=1)
        self.head = nn.Linear(4 * 8 * 6, 5)

    def forward(self, x: Tensor) -> Tensor:
        x.add_(0.25)
        x = self.stem(x)
        self.relu(x)
        y = self.body(x)
        logits: Tensor = self.head((y * y + x).view(len(x), -1))
        return logits


class Recurring(nn.Module):
    """Runs one convolution twice; its cell gives a tuple."""

    class Cell(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(4, 4, 3, padding=1)

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            found = self.conv(x)
            return found, found.mean(dim=(2, 3))

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, stride=2)
        self.cell = self.Cell()
        self.head = nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        x, _ = self.cell(torch.relu(self.stem(x)))
        x, mean = self.cell(torch.tanh(x))
        logits: Tensor = self.head(torch.cat([mean, x.amax(dim=(2, 3))], dim=1))
        return logits


class MixesRows(nn.Module):
    """Normalises over the rows of a batch, in evaluation mode too."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 3)
        self.norm = nn.BatchNorm2d(6, track_running_stats=False)
        self.last = nn.Conv2d(6, 4, 3)
        self.head = nn.Linear(4, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.last(F.relu(self.norm(self.conv(x))))
        logits: Tensor = self.head(F.relu(x).mean(dim=(2, 3)))
        return logits


class Inferring(nn.Module):
    """Runs in inference mode, with a ReLU in place."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = Residual()

    def forward(self, x: Tensor) -> Tensor:
        with torch.inference_mode():
            logits: Tensor = self.inner(x)
        return logits


TAILS: list[tuple[type[nn.Module], str]] = [
    (Dense, "stem"),
    (Dense, "one"),
    (Dense, "two"),
    (Residual, "stem"),
    (Residual, "body.0"),
    (Residual, "body"),
    (Residual, "beside"),
    (Careless, "stem"),
    (Careless, "body"),
    (Recurring, "cell.conv"),
    (Recurring, "cell"),
    (MixesRows, "last"),
    (MixesRows, "conv"),
    (Inferring, "inner.stem"),
    (Inferring, "inner.body"),
]
"""Networks, and layers whose channels are taken away."""
