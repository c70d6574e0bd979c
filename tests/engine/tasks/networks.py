"""Small networks that answer for pixels, for boxes and with vectors, with answers that can be told by hand."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnnviz_desktop.core.description import Preprocessing

CLASSES = ("background", "red", "green", "blue")
AS_IT_IS = Preprocessing(resize="none", size=(32, 24), mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))


class Pixels(nn.Module):
    """An encoder, a coarser bottleneck, and a decoder that brings its scores back to the input's size."""

    def __init__(self, classes: int = 4) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
        self.middle = nn.Sequential(nn.Conv2d(8, 12, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2))
        self.head = nn.Conv2d(12, classes, 1)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        scores = self.head(self.middle(self.encoder(x)))
        return {"out": F.interpolate(scores, size=x.shape[-2:], mode="bilinear", align_corners=False)}


class Colours(nn.Module):
    """Scores of each pixel: of the background 0.5, of red, green and blue what the pixel has of them."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Conv2d(3, 3, 1, bias=False)
        self.features.weight.data = torch.eye(3)[:, :, None, None].clone()

    def forward(self, x: Tensor) -> Tensor:
        seen = self.features(x)
        return torch.cat([torch.full_like(seen[:, :1], 0.5), seen], dim=1)


class Finder(nn.Module):
    """Finds two objects of fixed places: the score of each is what its features are in its box."""

    boxes = ((2.0, 3.0, 10.0, 12.0), (12.0, 16.0, 22.0, 30.0))

    def __init__(self, threshold: float = 0.0) -> None:
        super().__init__()
        self.threshold = threshold
        self.backbone = nn.Sequential(nn.Conv2d(3, 6, 3, padding=1), nn.ReLU(), nn.Conv2d(6, 6, 3, padding=1))
        self.scores = nn.Linear(6, 2)

    def forward(self, images: list[Tensor] | Tensor) -> list[dict[str, Tensor]]:
        return [self._found(self.backbone(image[None]).relu()) for image in images]

    def _found(self, maps: Tensor) -> dict[str, Tensor]:
        boxes = torch.tensor(self.boxes, device=maps.device, dtype=maps.dtype)
        rows = []
        for number, (left, top, right, bottom) in enumerate(self.boxes):
            inside = maps[0, :, int(top) : int(bottom), int(left) : int(right)].mean(dim=(1, 2))
            rows.append(self.scores(inside)[number].sigmoid())
        scores, labels = torch.stack(rows), torch.tensor([1, 2], device=maps.device)
        kept = (scores >= self.threshold).nonzero()[:, 0]
        kept = kept[scores[kept].argsort(descending=True)]
        return {"boxes": boxes[kept], "labels": labels[kept], "scores": scores[kept]}


class Vectors(nn.Module):
    """Features averaged over the image."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 6, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.features(x)).mean(dim=(2, 3))
