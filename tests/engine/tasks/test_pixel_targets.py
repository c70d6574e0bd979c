"""Segmentation: the class of each pixel, and what speaks for a class over pixels."""

from pathlib import Path

import numpy as np
import pytest
import torch
from msgspec import structs
from PIL import Image
from torch import Tensor, nn

from cnnviz_desktop.core.answers import NO_CLASS, Segmentation
from cnnviz_desktop.core.description import Preprocessing
from cnnviz_desktop.core.errors import TargetError
from cnnviz_desktop.core.geometry import Point
from cnnviz_desktop.core.requests import ClassTarget
from cnnviz_desktop.core.results import GradientPicture, HeatMap
from cnnviz_desktop.engine.session import EngineSession
from tests.engine.asking import ask, input_of, results
from tests.engine.networks_for_tests import fingerprint, seeded, session_with
from tests.engine.tasks.networks import AS_IT_IS, CLASSES, Colours, Pixels

BOX = (4.0, 6.0, 12.0, 20.0)


@pytest.fixture
def flags(tmp_path: Path) -> str:
    """24 × 32 pixels: red on the left half, below it 8 rows of blue, black on the right."""
    pixels = np.zeros((32, 24, 3), dtype=np.uint8)
    pixels[:24, :12, 0] = 255
    pixels[24:, :12, 2] = 255
    Image.fromarray(pixels).save(tmp_path / "flags.png")
    return str(tmp_path / "flags.png")


def one(session: EngineSession, method: str, image: str, target: ClassTarget, **parameters: object) -> HeatMap:
    (result,) = (
        each
        for each in results(session, ask(method, image, targets=(target,), parameters=parameters, layers=("middle.1",)))
        if isinstance(each, HeatMap) and each.done == 1
    )
    return result


def test_that_every_pixel_gets_its_class_and_every_class_its_share(flags: str) -> None:
    session = session_with(Colours().eval(), preprocessing=AS_IT_IS, class_names=CLASSES)
    (found,) = results(session, ask("predictions", flags))

    assert isinstance(found, Segmentation)
    assert set(np.unique(found.labels[:24, :12])) == {1}
    assert set(np.unique(found.labels[24:, :12])) == {3}
    assert set(np.unique(found.labels[:, 12:])) == {0}
    np.testing.assert_allclose(found.shares, [0.5, 0.375, 0, 0.125])
    assert [found.class_names[index] for index in found.present()] == ["background", "red", "blue"]
    assert found.geometry.cell_at(Point(3.5, 30.2)) == (30, 3)


def test_that_what_a_letterbox_adds_is_no_part_of_the_shares(flags: str) -> None:
    letterbox = Preprocessing(resize="letterbox", size=(32, 32), mean=(0.0,) * 3, std=(1.0,) * 3)
    session = session_with(Colours().eval(), (32, 32), preprocessing=letterbox)
    (found,) = results(session, ask("predictions", flags))

    assert isinstance(found, Segmentation)
    np.testing.assert_allclose(found.shares, [0.5, 0.375, 0, 0.125])


def test_that_a_single_score_a_pixel_leaves_the_rest_without_a_class(flags: str) -> None:
    class Red(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.features = nn.Conv2d(3, 1, 1)

        def forward(self, x: Tensor) -> Tensor:
            scores: Tensor = x[:, :1] - 0.5 + 0 * self.features(x)
            return scores

    (found,) = results(session_with(Red().eval(), preprocessing=AS_IT_IS), ask("predictions", flags))

    assert isinstance(found, Segmentation)
    assert set(np.unique(found.labels[:24, :12])) == {0}
    assert set(np.unique(found.labels[:, 12:])) == {NO_CLASS}
    assert float(found.shares[0]) == pytest.approx(0.375)


def test_that_the_likeliest_class_is_the_largest_beside_the_background(flags: str) -> None:
    session = session_with(Colours().eval(), preprocessing=AS_IT_IS, class_names=CLASSES)
    (heat,) = results(session, ask("gradcam", flags))

    assert isinstance(heat, HeatMap)
    assert heat.explained.title == "red"
    assert heat.explained.score == pytest.approx(1.0)
    assert heat.explained.target == ClassTarget(1)
    assert any("pixels that the network gives to red, " in note for note in heat.notes)
    scores = torch.tensor([0.5, 1.0, 0.0, 0.0])
    assert heat.explained.probability == pytest.approx(float(scores.softmax(dim=0)[1]))


def test_that_a_class_without_a_name_is_told_from_a_number_of_pixels(flags: str) -> None:
    session = session_with(Colours().eval(), preprocessing=AS_IT_IS)
    (heat,) = results(session, ask("gradcam", flags))
    assert isinstance(heat, HeatMap)
    index = heat.explained.class_index
    assert any(f"pixels that the network gives to class {index}, " in note for note in heat.notes)


def test_that_a_map_is_that_of_the_class_summed_over_its_pixels(image: str) -> None:
    from pytorch_grad_cam.utils.model_targets import SemanticSegmentationTarget

    network = seeded(Pixels)
    heat = one(session_with(network, class_names=CLASSES), "gradcam", image, ClassTarget(0))
    before = network.encoder(input_of(image))
    activation = network.middle[0](before).relu().detach().requires_grad_()
    scores = nn.functional.interpolate(network.head(network.middle[2](activation)), size=(32, 24), mode="bilinear")
    mask = (scores[0].argmax(dim=0) == 0).float().numpy()
    score = SemanticSegmentationTarget(0, mask)(scores[0])
    (gradient,) = torch.autograd.grad(score, activation)
    expected = (gradient.mean(dim=(2, 3), keepdim=True) * activation).sum(dim=1)[0] / mask.sum()

    assert heat.explained.score == pytest.approx(float(score.detach()) / mask.sum(), rel=1e-5)
    np.testing.assert_allclose(heat.raw, expected.detach().numpy(), rtol=1e-4, atol=1e-7)


def test_that_a_region_asks_about_a_class_there_and_nowhere_else(image: str) -> None:
    network = seeded(Pixels)
    session = session_with(network, class_names=CLASSES)
    left, top, right, bottom = map(int, BOX)
    scores = network(input_of(image))["out"].detach()[0, :, top:bottom, left:right]

    plain = one(session, "gradcam", image, ClassTarget("green", box=BOX))
    less = one(session, "gradcam", image, ClassTarget("green", minus="red", box=BOX))
    likely = one(session, "gradcam", image, ClassTarget(2, score="probability", box=BOX))

    assert plain.explained.title == "green in 4–12 × 6–20 px"
    assert plain.explained.score == pytest.approx(float(scores[2].mean()), rel=1e-5)
    assert less.explained.score == pytest.approx(float((scores[2] - scores[1]).mean()), rel=1e-4)
    assert likely.explained.score == pytest.approx(float(scores.softmax(dim=0)[2].mean()), rel=1e-5)
    assert plain.explained.probability == pytest.approx(likely.explained.score, rel=1e-5)


@pytest.mark.parametrize("method", ["ablationcam", "scorecam", "occlusion"])
def test_that_methods_of_many_passes_keep_asking_about_the_same_pixels(method: str, image: str) -> None:
    """By hand, each on one image at a time."""
    network = seeded(Pixels)
    session = session_with(network, class_names=CLASSES)
    seen = input_of(image)
    mask = network(seen)["out"][0].argmax(dim=0) == 0

    def score(scores: Tensor) -> float:
        return float(scores[0, 0][mask].mean().detach())

    middle = network.middle[1](network.middle[0](network.encoder(seen)))
    own = score(network(seen)["out"])
    found = one(session, method, image, ClassTarget(0))
    with torch.no_grad():
        if method == "ablationcam":
            weights = []
            for channel in range(middle.shape[1]):
                changed = middle.clone()
                changed[:, channel] = 0
                scores = network.head(network.middle[2](changed))
                without = score(nn.functional.interpolate(scores, size=(32, 24), mode="bilinear"))
                weights.append((own - without) / abs(own))
            expected = (torch.tensor(weights)[:, None, None] * middle[0]).sum(dim=0)
        elif method == "scorecam":
            masks = nn.functional.interpolate(middle, size=(32, 24), mode="bilinear", align_corners=True)[0]
            low, high = masks.amin(dim=(1, 2), keepdim=True), masks.amax(dim=(1, 2), keepdim=True)
            scaled = torch.where(high > low, (masks - low) / (high - low), 0)
            scores = torch.tensor([score(network(seen * each)["out"]) for each in scaled])
            expected = (scores.softmax(dim=0)[:, None, None] * middle[0]).sum(dim=0)
        else:
            covered = seen.clone()
            covered[..., :3, :3] = 0
            assert found.raw.shape == (32, 24)
            np.testing.assert_allclose(found.raw[0, 0], own - score(network(covered)["out"]), rtol=1e-3, atol=1e-7)
            return
    np.testing.assert_allclose(found.raw, expected.numpy(), rtol=1e-3, atol=1e-6)


def test_that_mirrored_copies_are_asked_about_the_mirrored_pixels(flags: str) -> None:
    session = session_with(Colours().eval(), preprocessing=AS_IT_IS, class_names=CLASSES)
    request = ask("layercam", flags, targets=(ClassTarget("red"),), parameters={"aug_smooth": True})
    (heat,) = results(session, request)

    assert isinstance(heat, HeatMap)
    assert (heat.raw[:24, :12] > 0).all()
    assert not heat.raw[:, 12:].any()
    assert not heat.raw[24:].any()


def test_that_the_mean_over_a_large_image_is_one_in_float16_too(tmp_path: Path) -> None:
    """The sum over its pixels is more than a float16 holds."""
    Image.new("RGB", (400, 300), (255, 0, 0)).save(tmp_path / "red.png")
    recipe = structs.replace(AS_IT_IS, size=(300, 400))
    session = session_with(Colours().eval().half(), size=(300, 400), preprocessing=recipe, class_names=CLASSES)
    found = results(session, ask("gradcam", str(tmp_path / "red.png"), targets=(ClassTarget("red"),)))
    (heat,) = (each for each in found if isinstance(each, HeatMap))
    assert heat.explained.score == 1


def test_that_what_is_told_of_one_of_several_images_is_told_of_it_alone(flags: str, image: str) -> None:
    network = seeded(Pixels)
    asked = [ask("gradcam", flags, targets=(ClassTarget(),)), ask("gradcam", image, targets=(ClassTarget(),))]
    alone = [each for one in asked for each in results(session_with(network), one) if isinstance(each, HeatMap)]
    both = structs.replace(asked[0], images=(flags, image))
    together = [each for each in results(session_with(network), both) if isinstance(each, HeatMap)]
    for expected, found in zip(alone, together, strict=True):
        assert found.notes == expected.notes
        assert found.explained.score == pytest.approx(expected.explained.score, rel=1e-4)
        assert found.explained.probability == pytest.approx(expected.explained.probability, rel=1e-4)
        assert found.explained.target == expected.explained.target


def test_that_a_class_without_pixels_and_a_region_outside_are_told(flags: str) -> None:
    session = session_with(Colours().eval(), preprocessing=AS_IT_IS, class_names=CLASSES)
    with pytest.raises(TargetError, match="gives no pixel of this image to green") as refused:
        results(session, ask("gradcam", flags, targets=(ClassTarget("green"),)))
    assert refused.value.of_image
    with pytest.raises(TargetError, match="outside of what the network sees"):
        results(session, ask("gradcam", flags, targets=(ClassTarget("green", box=(90, 90, 95, 99)),)))
    with pytest.raises(TargetError, match="red less red is nothing"):
        results(session, ask("gradcam", flags, targets=(ClassTarget("red", minus="red"),)))


def test_that_nothing_is_left_in_the_network(image: str) -> None:
    network = seeded(Pixels)
    session = session_with(network)
    before = fingerprint(network)
    for method in ("predictions", "gradcam", "guided_backprop", "ablationcam"):
        results(session, ask(method, image))
    assert fingerprint(network) == before


def test_that_a_gradient_of_a_region_stays_in_what_it_can_see(flags: str) -> None:
    session = session_with(Colours().eval(), preprocessing=AS_IT_IS, class_names=CLASSES)
    (picture,) = results(session, ask("saliency", flags, targets=(ClassTarget("blue", box=BOX),)))

    assert isinstance(picture, GradientPicture)
    inside = picture.raw[2, 6:20, 4:12]
    np.testing.assert_allclose(inside, 1 / inside.size, rtol=1e-5)
    assert np.count_nonzero(picture.raw) == inside.size


@pytest.mark.parametrize("name", ["fcn_resnet50", "deeplabv3_mobilenet_v3_large", "lraspp_mobilenet_v3_large"])
def test_that_torchvision_s_networks_are_explained(name: str, image: str) -> None:
    from torchvision.models import segmentation

    build = getattr(segmentation, name)
    network = seeded(lambda: build(weights=None, weights_backbone=None, num_classes=4))
    session = session_with(network, class_names=CLASSES)
    before = fingerprint(network)
    (found,) = results(session, ask("predictions", image))
    assert isinstance(found, Segmentation)
    assert found.labels.shape == (32, 24)
    assert float(found.shares.sum()) == pytest.approx(1)

    target = ClassTarget(found.present()[-1])
    request = ask("gradcam", image, also=("layercam", "saliency"), targets=(target,))
    answers = [each for each in results(session, request) if isinstance(each, HeatMap | GradientPicture)]
    assert [each.method for each in answers] == ["gradcam", "layercam", "saliency"]
    for answer in answers:
        assert answer.raw.any()
        assert answer.explained.target == target
    assert fingerprint(network) == before
