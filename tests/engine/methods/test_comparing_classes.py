"""Finer-CAM against the library's target, and where that target loses its direction."""

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from msgspec import structs
from torch import Tensor, nn

from cnnviz_desktop.core.errors import TargetError
from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.requests import ClassTarget, UnitTarget
from cnnviz_desktop.core.results import FloatArray, HeatMap
from cnnviz_desktop.engine.methods.comparing_classes import Contrast
from cnnviz_desktop.engine.objectives import ClassObjective
from tests.engine.asking import ask, input_of
from tests.engine.methods.maps_for_tests import NETWORKS, Joined, captured, difference, heat, heats, loud, noise
from tests.engine.networks_for_tests import bench_of, seeded, session_with


def librarys_score(main: int, others: list[int], alpha: float) -> Callable[[Tensor], Tensor]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pytorch_grad_cam.utils.model_targets import FinerWeightedTarget
    target: Callable[[Tensor], Tensor] = FinerWeightedTarget(main, others, alpha)
    return lambda logits: target(logits[0])


def gradcam_of(module: nn.Module, layer: str, image: str, score: Callable[[Tensor], Tensor]) -> FloatArray:
    activation, gradient = captured(module, layer, image, score)
    found: FloatArray = (gradient.mean(axis=(2, 3), keepdims=True) * activation).sum(axis=1)[0]
    return found


def nearest(module: nn.Module, image: str, target: int) -> list[int]:
    logits = module(input_of(image))[0].detach().numpy()
    return [int(index) for index in np.argsort(np.abs(logits - logits[target])) if index != target]


@pytest.mark.parametrize(("factory", "layer"), NETWORKS)
@pytest.mark.parametrize(("count", "alpha"), [(3, 1.0), (1, 0.5), (100, 2.0)])
def test_that_the_map_is_gradcam_of_the_librarys_target(
    count: int, alpha: float, factory: Callable[[], nn.Module], layer: str, image: str
) -> None:
    module = seeded(factory)
    others = nearest(module, image, 2)[:count]
    found = heat(session_with(module), "finercam", image, layer, compared=count, alpha=alpha)
    assert difference(found.raw, gradcam_of(module, layer, image, librarys_score(2, others, alpha))) <= 1e-4
    assert f"Compared with {', '.join(map(str, others))}." in found.notes


def test_that_a_network_that_is_sure_is_explained_where_the_librarys_epsilon_wins(image: str) -> None:
    module = loud(seeded(Joined), 400)
    target = int(module(input_of(image)).argmax())
    others = nearest(module, image, target)[:3]
    assert module(input_of(image)).softmax(dim=1)[0, others].sum() < 1e-9

    def exact(logits: Tensor) -> Tensor:
        values = logits[0].double()
        shares = (values[others] - values[others].logsumexp(0)).exp()
        return (shares * (values[target] - values[others])).sum()

    expected = gradcam_of(module, "block", image, exact)
    found = heat(session_with(module), "finercam", image, "block", target)
    assert difference(found.raw, expected) <= 1e-5
    library = gradcam_of(module, "block", image, librarys_score(target, others, 1.0))
    assert np.corrcoef(library.ravel(), expected.ravel())[0, 1] < 0.99


def test_that_a_class_less_another_is_compared_with_that_one_alone(image: str) -> None:
    module = seeded(Joined)
    (found,) = heats(
        session_with(module),
        "finercam",
        image,
        layers=("block",),
        targets=(ClassTarget(3, minus=0),),
        parameters={"alpha": 0.5},
    )
    expected = gradcam_of(module, "block", image, lambda logits: logits[:, 3] - 0.5 * logits[:, 0])
    assert difference(found.raw, expected) <= 1e-5
    assert "Compared with 0." in found.notes


def test_that_probabilities_are_compared_where_they_are_asked_for(image: str) -> None:
    module = seeded(Joined)
    others = nearest(module, image, 3)[:2]

    def score(logits: Tensor) -> Tensor:
        shares = logits[0].softmax(0)[others] / logits[0].softmax(0)[others].sum()
        probabilities = logits.softmax(dim=1)[0]
        return probabilities[3] - (shares * probabilities[others]).sum()

    (found,) = heats(
        session_with(module),
        "finercam",
        image,
        layers=("block",),
        targets=(ClassTarget(3, score="probability"),),
        parameters={"compared": 2},
    )
    assert difference(found.raw, gradcam_of(module, "block", image, score)) <= 1e-5


def test_that_each_image_has_its_own_classes_and_its_copies_have_the_images(tmp_path: Path) -> None:
    images = noise(tmp_path, 3)
    session = session_with(seeded(Joined))
    for smooth in (False, True):
        request = ask("finercam", "", layers=("block",), targets=(ClassTarget(),), parameters={"aug_smooth": smooth})
        found = [one for one in session.run(structs.replace(request, images=images)) if isinstance(one, HeatMap)]
        for one in found:
            assert one.explained.class_index is not None
            others = nearest(seeded(Joined), one.image, one.explained.class_index)[:3]
            assert f"Compared with {', '.join(map(str, others))}." in one.notes


def test_that_the_contrast_of_one_row_is_that_of_every_row_of_another_batch() -> None:
    logits = torch.randn(4, 5, generator=torch.Generator().manual_seed(0))
    classes = ClassObjective((2, 1, 3), None, None, bench_of(seeded(Joined)).outline)
    contrast = Contrast(classes, torch.tensor([[0, 1], [4, 2], [1, 0]]), 0.6)
    for row, (main, others) in enumerate(((2, [0, 1]), (1, [4, 2]), (3, [1, 0]))):
        score = librarys_score(main, others, 0.6)
        expected = torch.stack([score(logits[part : part + 1]) for part in range(4)])
        assert torch.allclose(contrast.only(row).scores(logits, {}, Size(1, 1)), expected, atol=1e-5)
    of_each = contrast.scores(logits[:3], {}, Size(1, 1))
    assert torch.allclose(of_each[2], librarys_score(3, [1, 0], 0.6)(logits[2:3]), atol=1e-5)


def test_that_what_has_no_other_class_is_refused(image: str) -> None:
    with pytest.raises(TargetError, match="explains classes, and no channel"):
        heats(session_with(seeded(Joined)), "finercam", image, layers=("left",), targets=(UnitTarget("block", 1),))

    class Single(Joined):
        def __init__(self) -> None:
            super().__init__()
            self.head = nn.Linear(12, 1)

    with pytest.raises(TargetError, match="Test network has only one"):
        heat(session_with(seeded(Single)), "finercam", image, "block", 0)
    assert torch.is_grad_enabled()
