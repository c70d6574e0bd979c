"""Detection: the objects found, what speaks for one of them, and that maps lie where its network saw them."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from cnnviz_desktop.core.answers import Detections
from cnnviz_desktop.core.description import Preprocessing
from cnnviz_desktop.core.errors import CnnvizError, LayerError, TargetError
from cnnviz_desktop.core.geometry import Box, InputTransform, Point, Size
from cnnviz_desktop.core.requests import ClassTarget, DetectionTarget, Target
from cnnviz_desktop.core.results import GradientPicture, HeatMap
from cnnviz_desktop.engine.object_objectives import overlaps
from cnnviz_desktop.engine.session import EngineSession
from tests.engine.asking import ask, input_of, results
from tests.engine.networks_for_tests import bench_of, fingerprint, seeded, session_with
from tests.engine.tasks.networks import AS_IT_IS, Finder

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


def torchvision_detector(name: str) -> nn.Module:
    from torchvision.models import detection

    thresholds = {"fasterrcnn_mobilenet_v3_large_320_fpn": "box_score_thresh"}
    arguments = {thresholds.get(name, "score_thresh"): 0.0, "detections_per_img": 5}
    if "resnet" in name or "fpn" in name:
        arguments |= {"min_size": 96, "max_size": 128}
    arguments = {
        ("box_detections_per_img" if "rcnn" in name and key == "detections_per_img" else key): value
        for key, value in arguments.items()
    }
    network: nn.Module = seeded(
        lambda: getattr(detection, name)(weights=None, weights_backbone=None, num_classes=4, **arguments)
    )
    return network


@pytest.mark.parametrize(
    "name",
    [
        "fasterrcnn_mobilenet_v3_large_320_fpn",
        "retinanet_resnet50_fpn",
        "ssdlite320_mobilenet_v3_large",
        "fcos_resnet50_fpn",
    ],
)
def test_that_torchvision_s_networks_are_explained_through_their_post_processing(name: str, image: str) -> None:
    network = torchvision_detector(name)
    session = session_with(network, preprocessing=AS_IT_IS)
    before = fingerprint(network)
    found, *_ = results(session, ask("predictions", image))
    assert isinstance(found, Detections)
    assert len(found)

    target = DetectionTarget(found.surest()[0])
    request = ask("gradcam", image, also=("eigencam", "saliency", "guided_backprop"), targets=(target,))
    answers = results(session, request)

    assert [answer.method for answer in answers if isinstance(answer, HeatMap)] == ["gradcam", "eigencam"]
    assert not any("roi_align" in note for answer in answers for note in getattr(answer, "notes", ()))
    for answer in answers:
        raw = getattr(answer, "raw", None)
        if raw is not None:
            assert np.isfinite(raw).all()
            assert raw.any(), answer
            assert answer.explained.score == pytest.approx(float(found.scores.max()), rel=1e-4)  # type: ignore[union-attr]  # what has raw values has that
    assert fingerprint(network) == before


@pytest.mark.parametrize("place", [(70, 8), (8, 40), (100, 60)])
def test_that_a_map_lands_on_the_object_where_the_network_resizes_and_pads(
    place: tuple[int, int], tmp_path: Path
) -> None:
    """A picture of 130 × 90 is resized to 139 × 96 and padded to 160 × 96: cells are of the padded one."""
    from torchvision.models.detection.transform import GeneralizedRCNNTransform

    class Padded(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.transform = GeneralizedRCNNTransform(96, 200, [0.0] * 3, [1.0] * 3)
            self.backbone = nn.Sequential(nn.Conv2d(3, 1, 8, stride=8, bias=False), nn.ReLU())
            next(self.backbone.parameters()).data.fill_(1 / 192)

        def forward(self, images: Tensor) -> list[dict[str, Tensor]]:
            seen, _ = self.transform(images)
            maps = self.backbone(seen.tensors)
            boxes, labels = torch.tensor([[0.0, 0.0, 9.0, 9.0]]), torch.tensor([1])
            return [{"boxes": boxes, "labels": labels, "scores": row.sum()[None] / 100} for row in maps]

    left, top = place
    pixels = np.zeros((90, 130, 3), dtype=np.uint8)
    pixels[top : top + 16, left : left + 16] = 255
    Image.fromarray(pixels).save(tmp_path / "planted.png")
    image = str(tmp_path / "planted.png")
    session = session_with(Padded().eval(), (90, 130), preprocessing=AS_IT_IS)
    heat = heat_of(session, "hirescam", image, DetectionTarget(0))

    assert heat.raw.shape == (12, 20)
    assert heat.geometry.transform.input == Size(96, 160)
    weights = heat.raw / heat.raw.sum()
    boxes = [[heat.geometry.cell_box(row, column) for column in range(20)] for row in range(12)]
    x = sum(weights[r, c] * (boxes[r][c].left + boxes[r][c].right) / 2 for r in range(12) for c in range(20))
    y = sum(weights[r, c] * (boxes[r][c].top + boxes[r][c].bottom) / 2 for r in range(12) for c in range(20))
    assert (x, y) == (pytest.approx(left + 8, abs=0.5), pytest.approx(top + 8, abs=0.5))
    row, column = np.unravel_index(heat.raw.argmax(), heat.raw.shape)
    assert heat.geometry.cell_at(Point(left + 8, top + 8)) == (int(row), int(column))

    over_input = heat_of(
        session, "gradcam", image, DetectionTarget(0), layers=("backbone.0", "backbone.1"), parameters={"fuse": "mean"}
    )
    assert over_input.raw.shape == (90, 130)
    ys, xs = np.indices(over_input.raw.shape)
    share = over_input.raw / over_input.raw.sum()
    assert float((share * (xs + 0.5)).sum()) == pytest.approx(left + 8, abs=0.7)
    assert float((share * (ys + 0.5)).sum()) == pytest.approx(top + 8, abs=0.7)

    scored = heat_of(session, "scorecam", image, DetectionTarget(0))
    assert scored.explained.score == heat.explained.score
    for method, parameters in (("fullgrad", {}), ("gradcam", {"aug_smooth": True})):
        with pytest.raises(CnnvizError, match="resizes and pads"):
            results(session, ask(method, image, parameters=parameters))


def test_that_a_region_of_a_layer_lies_where_the_network_has_padded() -> None:
    """The transform of the layers is the outer one, then the network's own."""
    from torchvision.models.detection.transform import GeneralizedRCNNTransform

    class Padding(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.transform = GeneralizedRCNNTransform(64, 200, [0.0] * 3, [1.0] * 3)
            self.backbone = nn.Conv2d(3, 2, 3, padding=1)

        def forward(self, images: Tensor) -> Tensor:
            maps: Tensor = self.backbone(self.transform(images)[0].tensors)
            return maps.mean(dim=(2, 3))

    bench = bench_of(seeded(Padding), (32, 24))
    from cnnviz_desktop.core.results import Picture

    seen = bench.forward(Picture(image="x", pixels=np.zeros((32, 24, 3), dtype=np.uint8), sha256="x"))
    assert seen.within is not None
    # 24 × 32 becomes 64 × 85, padded to 64 × 96.
    assert seen.within[0] == InputTransform(Size(32, 24), Size(96, 64), 64 / 24, 85 / 32)
    assert seen.extent() == Size(round(96 * 32 / 85), 24)


def test_that_features_read_in_boxes_are_no_maps_of_the_image(image: str) -> None:
    session = session_with(torchvision_detector("fasterrcnn_mobilenet_v3_large_320_fpn"), preprocessing=AS_IT_IS)
    with pytest.raises(LayerError, match=r"roi_heads\.box_roi_pool"):
        results(session, ask("gradcam", image, layers=("roi_heads.box_roi_pool",)))


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
