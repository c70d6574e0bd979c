"""Where a method does not apply, it is refused or says so: never an empty map without a word."""

import re
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from cnnviz_desktop.core.catalog import METHODS
from cnnviz_desktop.core.errors import CnnvizError, LayerError, RequestError, TargetError
from cnnviz_desktop.core.requests import ClassTarget, ParameterValue, Request, UnitTarget
from cnnviz_desktop.core.results import Attribution
from cnnviz_desktop.engine.session import EngineSession
from tests.engine.asking import ask
from tests.engine.networks_for_tests import InPlace, seeded, session_with

EXPLAINING = tuple(method.id for method in METHODS if method.gives)
_QUICK: dict[str, dict[str, ParameterValue]] = {
    "integrated_gradients": {"steps": 8},
    "smoothgrad": {"samples": 8},
    "occlusion": {"patch": 12, "stride": 10},
}


class Plain(nn.Module):
    """Convolution, ReLU, average, linear: every method applies."""

    def __init__(self, classes: int = 5) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 6, 3, padding=1)
        self.relu = nn.ReLU()
        self.last = nn.Conv2d(6, 8, 3, stride=2, padding=1)
        self.end = nn.ReLU()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(8, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.end(self.last(self.relu(self.first(x))))).flatten(1)
        logits: Tensor = self.head(x)
        return logits


def final(session: EngineSession, request: Request) -> list[Attribution]:
    return [each for each in session.run(request) if isinstance(each, Attribution) and each.done == 1]


def asked(method: str, image: str, **fields: object) -> Request:
    return ask(method, image, parameters=_QUICK.get(method, {}), **fields)


def test_that_cam_without_a_global_average_is_refused_with_the_reason(image: str) -> None:
    class Flattened(Plain):
        def __init__(self) -> None:
            super().__init__()
            self.pool = nn.AdaptiveAvgPool2d((2, 2))
            self.head = nn.Linear(32, 5)

    with pytest.raises(LayerError, match=r"CAM is only for networks that end in maps, their global average.*Grad-CAM"):
        final(session_with(seeded(Flattened)), ask("cam", image))


def test_that_fullgrad_of_a_network_without_biases_says_what_is_left(image: str) -> None:
    class Bare(Plain):
        def __init__(self) -> None:
            super().__init__()
            for part in (self.first, self.last, self.head):
                part.bias = None

    (found,) = final(session_with(seeded(Bare)), ask("fullgrad", image))
    (saliency,) = final(session_with(seeded(Bare)), ask("gradxinput", image))
    assert any("adds no bias" in note for note in found.notes)
    assert np.allclose(found.raw, saliency.raw.sum(axis=0), atol=1e-7)
    assert found.completeness == pytest.approx(0, abs=1e-4)


class Beside(Plain):
    """A layer whose output nothing uses."""

    def __init__(self) -> None:
        super().__init__()
        self.beside = nn.Conv2d(3, 4, 3)

    def forward(self, x: Tensor) -> Tensor:
        self.beside(x)
        return super().forward(x)


GRADIENT_MAPS = ("gradcam", "gradcam++", "hirescam", "layercam", "xgradcam", "gradcamelementwise", "eigengradcam",
                 "segeigencam", "shapleycam", "finercam", "guided_gradcam")  # fmt: skip


@pytest.mark.parametrize("method", GRADIENT_MAPS)
def test_that_a_layer_beside_the_way_is_refused_with_the_reason(method: str, image: str) -> None:
    with pytest.raises(LayerError, match="does not depend on beside"):
        final(session_with(seeded(Beside)), asked(method, image, layers=("beside",)))


def test_that_ablation_of_a_layer_beside_the_way_says_that_nothing_moves_the_score(image: str) -> None:
    (found,) = final(session_with(seeded(Beside)), ask("ablationcam", image, layers=("beside",)))
    assert any("No channel moves the score" in note for note in found.notes)


@pytest.mark.parametrize("method", EXPLAINING)
def test_that_a_layer_that_runs_twice_says_so(method: str, image: str) -> None:
    class Twice(Plain):
        def __init__(self) -> None:
            super().__init__()
            self.last = nn.Conv2d(6, 6, 3, padding=1)
            self.head = nn.Linear(6, 5)

        def forward(self, x: Tensor) -> Tensor:
            x = self.last(self.relu(self.last(self.relu(self.first(x)))))
            logits: Tensor = self.head(self.pool(x).flatten(1))
            return logits

    session = session_with(seeded(Twice))
    found = final(session, asked(method, image, layers=("last",)))
    assert len(found) == 1
    assert np.isfinite(found[0].raw).all()
    if next(each for each in METHODS if each.id == method).needs_layer:
        assert any("last ran 2 times" in note for note in found[0].notes)


@pytest.mark.parametrize("method", EXPLAINING)
def test_that_a_frozen_network_is_explained_like_one_that_is_not(method: str, image: str) -> None:
    free = final(session_with(seeded(Plain)), asked(method, image))
    frozen = final(session_with(seeded(Plain).requires_grad_(False)), asked(method, image))
    assert np.array_equal(free[0].raw, frozen[0].raw)
    assert free[0].raw.any()


def _by_gradients(method: str) -> bool:
    return method not in ("cam", "eigencam", "kpcacam", "fem", "randomcam", "ablationcam", "scorecam", "occlusion")


@pytest.mark.parametrize("method", EXPLAINING)
def test_that_a_network_in_inference_mode_is_refused_where_gradients_are_needed(method: str, image: str) -> None:
    class Inferring(Plain):
        def forward(self, x: Tensor) -> Tensor:
            with torch.inference_mode():
                return super().forward(x)

    session = session_with(seeded(Inferring))
    if _by_gradients(method):
        with pytest.raises(LayerError, match="inference mode"):
            final(session, asked(method, image))
    else:
        found = final(session, asked(method, image))
        plain = final(session_with(seeded(Plain)), asked(method, image))
        assert np.allclose(found[0].raw, plain[0].raw, atol=1e-6)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("method", EXPLAINING)
def test_that_half_precision_weights_are_handled(method: str, dtype: torch.dtype, image: str) -> None:
    session = session_with(seeded(Plain).to(dtype))
    found = final(session, asked(method, image))
    assert found[0].raw.dtype == np.float32
    assert np.isfinite(found[0].raw).all()
    assert found[0].raw.any()
    if method == "occlusion":
        return  # a small patch moves the score by less than its rounding
    full = final(session_with(seeded(Plain).to(dtype).float()), asked(method, image))
    if method != "randomcam":  # its weights go by the very numbers of the input
        assert np.corrcoef(found[0].raw.ravel(), full[0].raw.ravel())[0, 1] >= 0.98


@pytest.mark.parametrize("method", EXPLAINING)
def test_that_nan_among_the_weights_is_said_beside_the_map(method: str, image: str) -> None:
    module = seeded(Plain)
    with torch.no_grad():
        module.get_parameter("last.weight")[0, 0, 0, 0] = float("nan")
    found = final(session_with(module), asked(method, image, targets=(ClassTarget(1),)))
    assert any(re.search("NaN|finite|no numbers", note) for note in found[0].notes), found[0].notes


@pytest.mark.parametrize("method", EXPLAINING)
def test_that_a_network_with_one_logit_is_explained(method: str, image: str) -> None:
    session = session_with(seeded(lambda: Plain(1)))
    if method == "finercam":
        with pytest.raises(TargetError, match="has only one"):
            final(session, asked(method, image))
        return
    (found,) = final(session, asked(method, image))
    assert found.explained.class_index == 0
    assert found.raw.any()
    with pytest.raises(TargetError, match="class"):
        final(session, asked(method, image, targets=(ClassTarget(1),)))


@pytest.mark.parametrize("method", EXPLAINING)
def test_that_a_network_that_gives_a_tuple_is_explained_by_its_scores(method: str, image: str) -> None:
    class WithAuxiliary(Plain):
        def forward(self, x: Tensor) -> Tensor:
            logits = super().forward(x)
            return logits, logits * 0  # type: ignore[return-value]  # as GoogLeNet does in training

    (found,) = final(session_with(seeded(WithAuxiliary)), asked(method, image))
    (plain,) = final(session_with(seeded(Plain)), asked(method, image))
    assert np.array_equal(found.raw, plain.raw)
    assert any("first" in note or "part" in note or "tuple" in note for note in found.notes)


def _refusals(image: str) -> list[tuple[str, Request, type[CnnvizError], str]]:
    """(what, request, error, words of the sentence)."""
    return [
        ("unknown parameter", ask("gradcam", image, parameters={"speed": 1}), RequestError, "no parameter “speed”"),
        (
            "parameter of no method",
            ask("gradcam", image, also=("layercam",), parameters={"chunk": 1}),
            RequestError,
            "None of Grad-CAM, Layer-CAM has a parameter “chunk”",
        ),
        ("unit", ask("gradcam", image, targets=(UnitTarget("end", channel=8),)), TargetError, "channels 0 to 7"),
        (
            "cell",
            ask("saliency", image, targets=(UnitTarget("end", channel=0, cell=(16, 0)),)),
            TargetError,
            "16 × 12 cells, and none at 16, 0",
        ),
        (
            "region",
            ask("saliency", image, targets=(UnitTarget("end", box=(100, 100, 120, 120)),)),
            TargetError,
            "region lies outside",
        ),
        (
            "a class less itself",
            ask("gradcam", image, targets=(ClassTarget(2, minus=2),)),
            TargetError,
            "less .* is nothing to explain",
        ),
        (
            "target before the map",
            ask("gradcam", image, layers=("last",), targets=(UnitTarget("first", channel=0),)),
            LayerError,
            "does not depend on last",
        ),
        (
            "target before the map, without gradients",
            ask("ablationcam", image, layers=("last",), targets=(UnitTarget("first", channel=0),)),
            LayerError,
            "does not depend on last",
        ),
        ("class", ask("scorecam", image, targets=(ClassTarget(5),)), TargetError, "classes 0 to 4"),
        ("unit of no channel", ask("gradcam", image, targets=(UnitTarget("end"),)), TargetError, "Name a channel"),
        ("vector layer", ask("layercam", image, layers=("head",)), LayerError, "without a place in the image"),
    ]


@pytest.mark.parametrize("number", range(11))
def test_that_what_cannot_be_asked_is_refused_with_the_reason(number: int, image: str) -> None:
    _, request, error, words = _refusals(image)[number]
    with pytest.raises(error, match=words):
        final(session_with(seeded(Plain)), request)


def _dead() -> nn.Module:
    """A network whose last ReLU never opens."""
    module = Plain()
    with torch.no_grad():
        module.get_parameter("last.bias").fill_(-100)
    return module


def _deaf() -> nn.Module:
    """A network whose scores depend on nothing."""
    module = Plain()
    with torch.no_grad():
        module.head.weight.zero_()
    return module


@pytest.mark.parametrize("build", [_dead, _deaf])
@pytest.mark.parametrize("method", EXPLAINING)
def test_that_an_empty_map_never_comes_without_a_word(method: str, build: Callable[[], nn.Module], image: str) -> None:
    try:
        found = final(session_with(seeded(build)), asked(method, image, targets=(ClassTarget(1),)))
    except CnnvizError:
        return  # which is a sentence
    for each in found:
        assert np.ptp(each.raw) > 0 or each.notes, "a plain picture without a word"


def test_that_in_place_relus_change_no_map(image: str) -> None:
    class Apart(InPlace):
        def forward(self, x: Tensor) -> Tensor:
            x = torch.relu(self.last(torch.relu(self.first(x))))
            logits: Tensor = self.head(x.mean(dim=(2, 3)))
            return logits

    for method in EXPLAINING:
        if method == "cam":
            continue  # the layer whose average is taken is no module here
        layers = ("first",) if method != "kpcacam" else ("last",)
        found = final(session_with(seeded(InPlace)), asked(method, image, layers=layers))
        expected = final(session_with(seeded(Apart)), asked(method, image, layers=layers))
        assert np.allclose(found[0].raw, expected[0].raw, rtol=1e-4, atol=1e-6), method
