"""Class scores are found in whatever a network returns, and what is said of an image's scores is true of that image."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.requests import ClassTarget, Request
from cnnviz_desktop.core.results import HeatMap
from cnnviz_desktop.engine.outputs import scores_of
from tests.engine.methods.maps_for_tests import heats, noise
from tests.engine.networks_for_tests import InPlace, seeded, session_with

SURE = "but for rounding"


class Standardised(InPlace):
    """Takes off an image's mean and divides by its deviation, which leaves no numbers of an image of one colour."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward((x - x.mean((1, 2, 3), keepdim=True)) / x.std((1, 2, 3), keepdim=True))


class Softened(Standardised):
    """The same with a softmax at its end."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).softmax(1)


@pytest.fixture
def flat(tmp_path: Path) -> str:
    Image.fromarray(np.full((32, 24, 3), 7, np.uint8)).save(tmp_path / "flat.png")
    return str(tmp_path / "flat.png")


@pytest.mark.parametrize(
    "output",
    [
        torch.arange(6.0).view(2, 3),
        (torch.arange(6.0).view(2, 3), torch.zeros(2, 8)),
        {"features": torch.zeros(2, 8), "logits": torch.arange(6.0).view(2, 3)},
        [torch.zeros(2, 4, 5, 5), torch.arange(6.0).view(2, 3)],
        torch.arange(6.0).view(2, 3, 1, 1),
    ],
)
def test_that_class_scores_are_found_in_what_a_network_returns(output: object) -> None:
    scores = scores_of(output)
    assert torch.equal(scores.logits, torch.arange(6.0).view(2, 3))
    assert bool(scores.note) == (not isinstance(output, Tensor))
    assert torch.allclose(scores.probabilities.sum(dim=1), torch.ones(2))


def test_that_what_holds_the_scores_is_told_with_its_article() -> None:
    class ImageOutput(dict[str, Tensor]):
        """As transformers return it."""

    assert scores_of(ImageOutput(logits=torch.zeros(1, 2))).note.startswith("The network returns an ImageOutput of 1 ")
    assert scores_of({"logits": torch.zeros(1, 2)}).note.startswith("The network returns a dict of 1 tensor (1×2); ")


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_that_what_a_network_returns_is_told_as_of_one_image(rows: int) -> None:
    output = (torch.zeros(rows, 8, 4, 4), torch.zeros(rows, 3), torch.zeros(9))
    assert "3 tensors (1×8×4×4, 1×3, 9); tensor 1 was taken" in scores_of(output).note


def test_that_a_single_logit_is_read_through_a_sigmoid() -> None:
    scores = scores_of(torch.tensor([2.0]))
    assert scores.activation == "sigmoid"
    assert scores.probabilities.item() == pytest.approx(1 / (1 + 2.718281828**-2))


@pytest.mark.parametrize("output", [torch.zeros(1, 4, 5, 5), {}, None, torch.zeros(1, 4, dtype=torch.long)])
def test_that_a_network_without_class_scores_is_told_in_words(output: object) -> None:
    with pytest.raises(NetworkError, match="not one score a class"):
        scores_of(output)


@pytest.mark.parametrize("target", [ClassTarget(1), ClassTarget(1, score="probability")])
def test_that_an_image_without_numbers_changes_nothing_of_those_it_is_explained_with(
    target: ClassTarget, flat: str, tmp_path: Path
) -> None:
    images = noise(tmp_path, 2)
    request = Request(method="gradcam", network="test", images=(images[0], flat, images[1]), targets=(target,))
    together = [found for found in session_with(seeded(Softened)).run(request) if isinstance(found, HeatMap)]
    of_flat = together.pop(1)
    assert of_flat.image == flat
    assert any(note.startswith("Every score of the network is NaN") for note in of_flat.notes)
    for found in together:
        (alone,) = heats(session_with(seeded(Softened)), "gradcam", found.image, targets=(target,))
        assert found.explained.probability == pytest.approx(alone.explained.probability, rel=1e-5)
        assert found.explained.score == pytest.approx(alone.explained.score, rel=1e-5)
        assert found.notes == alone.notes
        assert np.allclose(found.raw, alone.raw, rtol=1e-4, atol=1e-6 * np.abs(alone.raw).max())


def test_that_rows_without_numbers_do_not_tell_how_probabilities_come_from_scores() -> None:
    softened = torch.randn(3, 4).softmax(dim=1)
    softened[1] = torch.nan
    assert scores_of(softened).activation == "none"
    assert scores_of(softened[:1] * 2).activation == "softmax"
    assert scores_of(softened[1:2]).activation == "softmax"
    assert [len(scores_of(softened).notes(row)) for row in range(3)] == [1, 2, 1]


def test_that_a_probability_that_is_no_number_is_not_called_sure(flat: str) -> None:
    target = ClassTarget(1, score="probability")
    (found,) = heats(session_with(seeded(Standardised)), "gradcam", flat, targets=(target,))
    assert found.explained.probability != found.explained.probability
    assert not any(SURE in note for note in found.notes)
    assert any("NaN" in note for note in found.notes)


def test_that_a_sure_probability_less_another_may_move_still(tmp_path: Path) -> None:
    class Sure(InPlace):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x) - torch.tensor([0, 1e4, 0, 0, 0])

    (image,) = noise(tmp_path, 1)
    less, alone = (ClassTarget(1, minus=minus, score="probability") for minus in (3, None))
    (of_two,) = heats(session_with(seeded(Sure)), "gradcam", image, targets=(less,))
    (of_one,) = heats(session_with(seeded(Sure)), "gradcam", image, targets=(alone,))
    assert of_two.raw.any()
    assert not any(SURE in note for note in of_two.notes)
    assert any(SURE in note for note in of_one.notes)
