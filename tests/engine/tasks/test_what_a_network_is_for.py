"""What a network is for is told by what it returns, and by its description where that does not tell."""

import pytest
import torch
from torch import Tensor, nn

from cnnviz_desktop.core.description import Task
from tests.engine.networks_for_tests import InPlace, outlined, seeded
from tests.engine.tasks.networks import CLASSES, Finder, Pixels, Vectors


class Coarse(nn.Module):
    """A backbone: features of 2 × 2 cells, and no answer."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Conv2d(3, 5, 3, stride=16, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        maps: Tensor = self.features(x)
        return maps


@pytest.mark.parametrize(
    ("network", "said", "task", "classes"),
    [
        (InPlace, None, "classification", 5),
        (Pixels, None, "segmentation", 4),
        (Finder, None, "detection", 0),
        (Vectors, None, "classification", 6),
        (Vectors, "embedding", "embedding", 0),
        (Coarse, None, "other", 0),
        (Coarse, "segmentation", "segmentation", 5),
    ],
)
def test_that_it_is_told_by_the_output_and_the_description(
    network: type[nn.Module], said: Task | None, task: Task, classes: int
) -> None:
    outline = outlined(seeded(network), task=said)

    assert (outline.task, outline.classes) == (task, classes)
    assert outline.gives_predictions is (task != "other")


def test_that_a_description_that_cannot_be_true_is_told_and_not_followed() -> None:
    outline = outlined(seeded(Pixels), task="detection")

    assert outline.task == "segmentation"
    assert any("calls it a network for detection" in note for note in outline.notes)


def test_that_the_layer_suggested_for_pixels_is_the_coarsest_before_the_head() -> None:
    assert outlined(seeded(Pixels), class_names=CLASSES).suggested == "middle.2"


def test_that_the_layer_suggested_for_boxes_lies_in_the_backbone() -> None:
    assert outlined(seeded(Finder)).suggested == "backbone.2"


def test_that_a_network_of_several_maps_is_suggested_what_all_its_heads_rest_on() -> None:
    class Pyramid(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.backbone = Levels()

        def forward(self, images: Tensor) -> list[dict[str, Tensor]]:
            levels = self.backbone(images)
            scores = torch.stack([level.mean() for level in levels]).sigmoid()
            boxes, labels = torch.ones(2, 4).cumsum(dim=1), torch.ones(2, dtype=torch.int64)
            return [{"boxes": boxes, "labels": labels, "scores": scores}]

    class Levels(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fine = nn.Conv2d(3, 4, 3, stride=2, padding=1)
            self.coarse = nn.Conv2d(4, 4, 3, stride=2, padding=1)

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            fine = self.fine(x)
            return fine, self.coarse(fine)

    assert outlined(seeded(Pyramid)).suggested == "backbone.fine"
