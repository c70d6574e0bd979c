"""Detection: the objects found, what speaks for one of them, and that maps lie where its network saw them."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from cnnviz_desktop.core.answers import Detections
from cnnviz_desktop.core.description import Preprocessing
from cnnviz_desktop.core.errors import TargetError
from cnnviz_desktop.core.geometry import Box
from cnnviz_desktop.core.requests import ClassTarget, DetectionTarget, Target
from cnnviz_desktop.core.results import GradientPicture, HeatMap
from cnnviz_desktop.engine.object_objectives import overlaps
from cnnviz_desktop.engine.session import EngineSession
from tests.engine.asking import ask, input_of, results
from tests.engine.networks_for_tests import fingerprint, seeded, session_with
from tests.engine.tasks.networks import Finder

SECOND = Finder.boxes[1]


def heat_of(session: EngineSession, method: str, image: str, target: Target, **fields: object) -> HeatMap:
    """The final map."""
    found = results(session, ask(method, image, targets=(target,), **fields))
    (heat,) = (each for each in found if isinstance(each, HeatMap) and each.done == 1)
    return heat


def test_that_the_objects_come_with_box_class_and_score(image: str) -> None:
    network = seeded(Finder)
    (found,) = results(session_with(network, class_names=("nothing", "left", "right")), ask("predictions", image))
    (expected,) = network(input_of(image))

    assert isinstance(found, Detections)
    np.testing.assert_allclose(found.boxes, expected["boxes"])
    np.testing.assert_allclose(found.scores, expected["scores"].detach(), rtol=1e-6)
    assert [found.class_names[index] for index in found.surest()] == [
        ("nothing", "left", "right")[label] for label in expected["labels"]
    ]
    assert found.surest(threshold=2) == ()


def test_that_boxes_are_told_in_pixels_of_the_picture(tmp_path: Path) -> None:
    Image.new("RGB", (48, 32)).save(tmp_path / "wide.png")
    session = session_with(seeded(Finder), preprocessing=Preprocessing(size=(32, 24), resize="stretch"))
    (found,) = results(session, ask("predictions", str(tmp_path / "wide.png")))

    assert isinstance(found, Detections)
    right = found.boxes[list(found.labels).index(2)]
    np.testing.assert_allclose(right, [SECOND[0] * 2, SECOND[1], SECOND[2] * 2, SECOND[3]])


def test_that_nothing_found_is_said_and_a_target_there_is_refused_for_the_image(image: str) -> None:
    session = session_with(seeded(lambda: Finder(threshold=1.1)))
    (found,) = results(session, ask("predictions", image))
    assert isinstance(found, Detections)
    assert len(found) == 0
    assert "box_score_thresh" in found.notes[0]
    with pytest.raises(TargetError, match="finds no object") as refused:
        results(session, ask("gradcam", image))
    assert refused.value.of_image


class Broken(Finder):
    """One of its boxes is no number, as of weights that went wrong."""

    def _found(self, maps: Tensor) -> dict[str, Tensor]:
        found = super()._found(maps)
        found["boxes"][found["labels"] == 1] = torch.nan
        return found


def test_that_objects_of_no_finite_box_are_left_out_and_this_is_said(image: str) -> None:
    session = session_with(seeded(Broken))
    (found,) = results(session, ask("predictions", image))
    assert isinstance(found, Detections)
    assert found.labels.tolist() == [2]
    assert any("NaN" in note for note in found.notes)
    heat = heat_of(session, "gradcam", image, DetectionTarget())
    assert heat.explained.class_index == 2
    assert any("NaN" in note for note in heat.notes)
    with pytest.raises(TargetError, match="finds no 1"):
        heat_of(session, "gradcam", image, DetectionTarget(label=1))


def test_that_an_object_is_named_by_number_by_place_and_by_class(image: str) -> None:
    network = seeded(Finder)
    session = session_with(network)
    (found,) = network(input_of(image))
    place = found["labels"].tolist().index(2)
    score = pytest.approx(float(found["scores"][place].detach()), rel=1e-5)
    nearby = (SECOND[0] + 1, SECOND[1] - 1, SECOND[2], SECOND[3] - 2)
    for target in (
        DetectionTarget(place),
        DetectionTarget(box=nearby),
        DetectionTarget(box=nearby, label=2),
        DetectionTarget(label=2),
        ClassTarget(2),
    ):
        heat = heat_of(session, "gradcam", image, target)
        assert heat.explained.title == "2 at 12–22 × 16–30 px"
        assert heat.explained.score == score
        assert heat.explained.target == target
    surest = heat_of(session, "gradcam", image, ClassTarget())
    assert surest.explained.score == pytest.approx(float(found["scores"].max().detach()), rel=1e-5)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (DetectionTarget(2), "finds 2 objects in this image, counted from 0"),
        (DetectionTarget(box=(0, 0, 1, 1)), "finds no object at 0–1 × 0–1 px"),
        (DetectionTarget(box=SECOND, label=1), "finds no such object at"),
        (ClassTarget(0), "finds no 0 in this image"),
        (ClassTarget(1, minus=2), "no other class can be taken off"),
        (ClassTarget(1, box=SECOND), "finds objects: name one by its number or its box"),
    ],
)
def test_that_an_object_that_is_not_there_is_one_sentence(target: Target, said: str, image: str) -> None:
    with pytest.raises(TargetError, match=said):
        results(session_with(seeded(Finder)), ask("gradcam", image, targets=(target,)))


def test_that_only_detection_networks_have_boxes_to_explain(image: str) -> None:
    from tests.engine.networks_for_tests import InPlace

    with pytest.raises(TargetError, match="finds no objects"):
        results(session_with(seeded(InPlace)), ask("gradcam", image, targets=(DetectionTarget(0),)))
    with pytest.raises(TargetError, match="one score a class, so it has none of a region"):
        results(session_with(seeded(InPlace)), ask("gradcam", image, targets=(ClassTarget(0, box=SECOND),)))


@pytest.mark.parametrize("method", ["gradcam", "hirescam", "layercam", "gradcam++", "ablationcam", "scorecam"])
def test_that_a_map_is_that_of_the_object_s_score_alone(method: str, image: str) -> None:
    """What is found elsewhere leaves no trace: the layer's cells outside of the box do not move the score."""
    heat = heat_of(session_with(seeded(Finder)), method, image, DetectionTarget(label=2))
    assert heat.raw.any()
    if method in ("hirescam", "layercam"):
        left, top, right, bottom = map(int, SECOND)
        outside = heat.raw.copy()
        outside[top:bottom, left:right] = 0
        assert not outside.any()


def test_that_an_object_is_followed_though_the_surest_changes(image: str) -> None:
    """Occlusion by hand: the drop of the object's own score under each patch, whichever is first in the answer."""
    network = seeded(Finder)
    heat = heat_of(session_with(network), "occlusion", image, DetectionTarget(label=1))
    seen = input_of(image)

    def score(batch: Tensor) -> float:
        (found,) = network(batch)
        return float(found["scores"][found["labels"].tolist().index(1)].detach())

    covered = seen.clone()
    covered[..., :3, :3] = 0
    assert heat.raw[0, 0] == pytest.approx(score(seen) - score(covered), rel=1e-3)
    assert heat.raw[-1, -1] == pytest.approx(0, abs=1e-7)


def test_that_the_score_is_pytorch_grad_cam_s_less_the_overlap_it_adds(image: str) -> None:
    from pytorch_grad_cam.utils.model_targets import FasterRCNNBoxScoreTarget

    network = seeded(Finder)
    heat = heat_of(session_with(network), "hirescam", image, DetectionTarget(label=2), layers=("backbone.2",))
    maps = network.backbone(input_of(image)).detach().requires_grad_()
    found = network._found(maps.relu())
    target = FasterRCNNBoxScoreTarget(labels=[2], bounding_boxes=np.array([SECOND]))
    score = target(found)[0]
    (gradient,) = torch.autograd.grad(score, maps)

    assert heat.explained.score == pytest.approx(float(score.detach()) - 1, abs=1e-6)
    np.testing.assert_allclose(heat.raw, (gradient * maps).sum(dim=1)[0].detach().numpy(), rtol=1e-4, atol=1e-9)


def test_that_overlaps_are_torchvision_s() -> None:
    from torchvision.ops import box_iou

    corners = torch.rand(20, 2, 2, generator=torch.Generator().manual_seed(0)).sort(dim=1).values
    boxes = corners.flatten(1) * 50
    np.testing.assert_allclose(overlaps(Box(*boxes[0].tolist()), boxes), box_iou(boxes[:1], boxes)[0], rtol=1e-4)


@pytest.mark.parametrize("method", ["integrated_gradients", "smoothgrad", "occlusion", "scorecam", "ablationcam"])
def test_that_an_object_that_a_changed_image_loses_scores_0(method: str, image: str) -> None:
    """Its score is just above the threshold, so most changes end it: that is no error."""
    plain = seeded(Finder)
    scores = plain(input_of(image))[0]
    score = float(scores["scores"][scores["labels"].tolist().index(2)].detach())
    network = seeded(lambda: Finder(threshold=score - 1e-6))
    network.load_state_dict(plain.state_dict())
    before = fingerprint(network)
    found = results(session_with(network), ask(method, image, targets=(DetectionTarget(label=2),)))[-1]

    assert isinstance(found, HeatMap | GradientPicture)
    assert found.done == 1
    assert np.isfinite(found.raw).all()
    assert found.explained.score == pytest.approx(score, rel=1e-5)
    if method == "occlusion":
        assert found.raw.max() == pytest.approx(score, rel=1e-4), "under some patch the object is gone"
    assert fingerprint(network) == before
