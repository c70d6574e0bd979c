"""torchvision's detection networks: explained through their post-processing, and where they resize and pad."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from cnnviz_desktop.core.answers import Detections
from cnnviz_desktop.core.errors import CnnvizError, LayerError, TargetError
from cnnviz_desktop.core.geometry import InputTransform, Point, Size
from cnnviz_desktop.core.requests import DetectionTarget, UnitTarget
from cnnviz_desktop.core.results import HeatMap, Picture
from tests.engine.asking import ask, results
from tests.engine.networks_for_tests import bench_of, fingerprint, seeded, session_with
from tests.engine.tasks.networks import AS_IT_IS
from tests.engine.tasks.test_object_targets import heat_of


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
    seen = bench.forward(Picture(image="x", pixels=np.zeros((32, 24, 3), dtype=np.uint8), sha256="x"))
    assert seen.within is not None
    # 24 × 32 becomes 64 × 85, padded to 64 × 96.
    assert seen.within[0] == InputTransform(Size(32, 24), Size(96, 64), 64 / 24, 85 / 32)
    assert seen.extent() == Size(round(96 * 32 / 85), 24)


def test_that_features_read_in_boxes_are_no_maps_of_the_image(image: str) -> None:
    session = session_with(torchvision_detector("fasterrcnn_mobilenet_v3_large_320_fpn"), preprocessing=AS_IT_IS)
    with pytest.raises(LayerError, match=r"roi_heads\.box_roi_pool"):
        results(session, ask("gradcam", image, layers=("roi_heads.box_roi_pool",)))


def test_that_a_channel_of_what_is_read_in_boxes_is_no_one_number_of_the_image(image: str) -> None:
    session = session_with(torchvision_detector("fasterrcnn_mobilenet_v3_large_320_fpn"), preprocessing=AS_IT_IS)
    target = UnitTarget("roi_heads.box_head.fc6", channel=3)
    with pytest.raises(TargetError, match=r"roi_heads\.box_head\.fc6 .* rows of values for an image"):
        results(session, ask("gradcam", image, targets=(target,)))
