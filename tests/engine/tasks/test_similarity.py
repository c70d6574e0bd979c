"""Embeddings: vectors, and what makes one image's like another's."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from cnnviz_desktop.core.answers import Embedding
from cnnviz_desktop.core.errors import TargetError
from cnnviz_desktop.core.requests import ClassTarget, SimilarityTarget, UnitTarget
from cnnviz_desktop.core.results import HeatMap, Predictions
from tests.engine.asking import ask, input_of, results
from tests.engine.networks_for_tests import InPlace, seeded, session_with
from tests.engine.tasks.networks import Vectors


@pytest.fixture
def other(tmp_path: Path) -> str:
    pixels = np.random.default_rng(7).integers(0, 80, (32, 24, 3), dtype=np.uint8)
    pixels[:, :8, 1] = 250
    Image.fromarray(pixels).save(tmp_path / "other.png")
    return str(tmp_path / "other.png")


def test_that_a_vector_comes_with_its_length_and_likeness(image: str, other: str) -> None:
    network = seeded(Vectors)
    session = session_with(network, task="embedding")
    with torch.no_grad():
        mine, theirs = network(input_of(image))[0], network(input_of(other))[0]

    (alone,) = results(session, ask("predictions", image))
    (compared,) = results(session, ask("predictions", image, targets=(SimilarityTarget(other),)))

    assert isinstance(alone, Embedding)
    assert isinstance(compared, Embedding)
    np.testing.assert_allclose(alone.vector, mine, rtol=1e-6)
    assert alone.norm == pytest.approx(float(mine.norm()), rel=1e-6)
    assert (alone.compared_with, alone.similarity) == ("", None)
    assert compared.compared_with == other
    assert compared.similarity == pytest.approx(float(F.cosine_similarity(mine, theirs, dim=0)), rel=1e-6)


def test_that_a_map_is_that_of_pytorch_grad_cam_s_similarity(image: str, other: str) -> None:
    network = seeded(Vectors)
    request = ask("hirescam", image, targets=(SimilarityTarget(other),), layers=("features.2",))
    (heat,) = results(session_with(network, task="embedding"), request)
    with torch.no_grad():
        reference = network(input_of(other))[0]
    maps = network.features(input_of(image)).detach().requires_grad_()
    score = torch.nn.CosineSimilarity(dim=0)(F.relu(maps).mean(dim=(2, 3))[0], reference)
    (gradient,) = torch.autograd.grad(score, maps)

    assert isinstance(heat, HeatMap)
    assert heat.explained.title == "similarity to other.png"
    assert heat.explained.score == pytest.approx(float(score.detach()), rel=1e-5)
    np.testing.assert_allclose(heat.raw, (gradient * maps).sum(dim=1)[0].detach().numpy(), rtol=1e-3, atol=1e-8)


def test_that_occlusion_is_the_drop_of_the_likeness(image: str, other: str) -> None:
    network = seeded(Vectors)
    request = ask("occlusion", image, targets=(SimilarityTarget(other),))
    heat = results(session_with(network, task="embedding"), request)[-1]

    def likeness(batch: Tensor) -> float:
        with torch.no_grad():
            return float(F.cosine_similarity(network(batch), network(input_of(other)), dim=1))

    covered = input_of(image)
    covered[..., :3, :3] = 0
    assert isinstance(heat, HeatMap)
    assert heat.raw[0, 0] == pytest.approx(likeness(input_of(image)) - likeness(covered), rel=1e-3)


def test_that_a_classifier_s_scores_are_compared_and_this_is_said(image: str, other: str) -> None:
    session = session_with(seeded(InPlace))
    target = SimilarityTarget(other)
    (heat,) = results(session, ask("gradcam", image, targets=(target,)))
    answers = results(session, ask("predictions", image, targets=(target,)))

    assert isinstance(heat, HeatMap)
    assert any("Class scores are compared" in note for note in heat.notes)
    assert [type(answer) for answer in answers] == [Predictions, Embedding]
    assert isinstance(answers[1], Embedding)
    assert answers[1].similarity == pytest.approx(heat.explained.score, rel=1e-5)


def test_that_an_image_is_like_itself_and_this_is_said(image: str) -> None:
    session = session_with(seeded(Vectors), task="embedding")
    (heat,) = results(session, ask("gradcam", image, targets=(SimilarityTarget(image),)))

    assert isinstance(heat, HeatMap)
    assert heat.explained.score == pytest.approx(1)
    assert any("point the same way" in note for note in heat.notes)


def test_that_one_dimension_of_a_vector_can_be_explained(image: str) -> None:
    class Projected(Vectors):
        def __init__(self) -> None:
            super().__init__()
            self.projection = nn.Linear(6, 3)

        def forward(self, x: Tensor) -> Tensor:
            vectors: Tensor = self.projection(super().forward(x))
            return vectors

    network = seeded(Projected)
    (heat,) = results(
        session_with(network, task="embedding"), ask("gradcam", image, targets=(UnitTarget("projection", 2),))
    )
    assert isinstance(heat, HeatMap)
    assert heat.explained.score == pytest.approx(float(network(input_of(image)).detach()[0, 2]), rel=1e-5)


def test_that_no_class_and_no_image_to_compare_with_are_one_sentence(image: str, tmp_path: Path) -> None:
    session = session_with(seeded(Vectors), task="embedding")
    with pytest.raises(TargetError, match="vectors and no class scores"):
        results(session, ask("gradcam", image, targets=(ClassTarget(),)))
    gone = str(tmp_path / "gone.png")
    with pytest.raises(TargetError, match=r"image to compare with cannot be had.*gone\.png") as refused:
        results(session, ask("gradcam", image, targets=(SimilarityTarget(gone),)))
    assert not refused.value.of_image
