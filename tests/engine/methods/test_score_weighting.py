"""Score-CAM equals the library's, chunk by chunk, and leaves the network alone."""

import warnings
from collections.abc import Callable
from importlib import import_module

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnnviz_desktop.core.requests import ClassTarget, Target, UnitTarget
from cnnviz_desktop.core.results import FloatArray, HeatMap
from cnnviz_desktop.engine import chunks
from cnnviz_desktop.engine.methods.score_weighting import seen_through
from cnnviz_desktop.engine.session import EngineSession
from tests.engine.asking import ask, input_of
from tests.engine.methods.maps_for_tests import NETWORKS, Joined, captured, difference, heats, loud, of_class
from tests.engine.networks_for_tests import InPlace, fingerprint, seeded, session_with
from tests.engine.networks_with_tails import TAILS, Careless, Dense, MixesRows, Residual

Score = Callable[[Tensor], Tensor]


@pytest.fixture(autouse=True)
def _no_monitor_of_progress_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("tqdm").tqdm, "monitor_interval", 0)


def last(session: EngineSession, image: str, layer: str, target: Target | None = None, **parameters: object) -> HeatMap:
    targets = (target or ClassTarget(2),)
    return heats(session, "scorecam", image, layers=(layer,), targets=targets, parameters=parameters)[-1]


def by_hand(module: nn.Module, layer: str, image: str, score: Score) -> FloatArray:
    """softmax_c S(x ⊙ minmax(up(A_c))), one channel at a time, times A_c."""
    activation = torch.from_numpy(captured(module, layer, image, of_class(0))[0])[0]
    seen, scores = input_of(image), []
    for maps in activation:
        mask = F.interpolate(maps[None, None], size=seen.shape[-2:], mode="bilinear", align_corners=True)
        mask = (mask - mask.min()) / (mask.max() - mask.min() + 1e-8)
        with torch.no_grad():
            scores.append(score(module((seen * mask).clone()))[0])
    found: FloatArray = torch.einsum("c,chw->hw", torch.stack(scores).softmax(dim=0), activation).numpy()
    return found


def librarys(module: nn.Module, layer: str, image: str) -> FloatArray:
    """(h, w) map from the library's own weights."""
    activations, _ = captured(module, layer, image, of_class(2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        library = import_module("pytorch_grad_cam").ScoreCAM(module, [module.get_submodule(layer)])
    targets = [lambda logits: logits[2]]
    weights = library.get_cam_weights(input_of(image), module.get_submodule(layer), targets, activations, None)
    found: FloatArray = (weights[0][:, None, None] * activations[0]).sum(axis=0)
    return found


@pytest.mark.parametrize(("network", "layer"), [*NETWORKS, (Dense, "one"), (Residual, "body")])
def test_that_it_equals_the_librarys(network: Callable[[], nn.Module], layer: str, image: str) -> None:
    module = loud(seeded(network), 5)
    assert difference(last(session_with(module), image, layer).raw, librarys(module, layer, image)) < 1e-4


@pytest.mark.parametrize(
    ("target", "score"),
    [
        (ClassTarget(3, minus=1), lambda logits: logits[:, 3] - logits[:, 1]),
        (ClassTarget(1, score="probability"), lambda logits: logits.softmax(dim=1)[:, 1]),
    ],
)
def test_that_a_difference_and_a_probability_are_explained(target: ClassTarget, score: Score, image: str) -> None:
    module = loud(seeded(Joined), 5)
    found = last(session_with(module), image, "block", target)
    assert difference(found.raw, by_hand(module, "block", image, score)) < 1e-4


@pytest.mark.parametrize("chunk", [1, 0])
def test_that_a_unit_is_explained(chunk: int, image: str) -> None:
    module = seeded(Residual)
    kept: list[Tensor] = []
    handle = module.get_submodule("beside").register_forward_hook(lambda _, __, output: kept.append(output.clone()))
    expected = by_hand(module, "body", image, lambda _: kept[-1][:, 2].mean(dim=(1, 2)))
    handle.remove()
    found = last(session_with(module), image, "body", UnitTarget("beside", 2), chunk=chunk)
    assert difference(found.raw, expected) < 1e-4


@pytest.mark.parametrize(("network", "layer"), TAILS)
def test_that_the_number_of_copies_at_a_time_changes_nothing(network: type[nn.Module], layer: str, image: str) -> None:
    session = session_with(seeded(network))
    one, many = (last(session, image, layer, chunk=chunk).raw for chunk in (1, 32))
    assert difference(one, many) < 1e-4


def test_that_a_network_that_mixes_rows_sees_one_copy_at_a_time(image: str) -> None:
    module = loud(seeded(MixesRows), 5)
    found = last(session_with(module), image, "last", chunk=32)
    assert difference(found.raw, by_hand(module, "last", image, of_class(2))) < 1e-4


def test_that_channels_of_one_value_are_scored_once(image: str) -> None:
    module = loud(seeded(InPlace), 5)
    with torch.no_grad():
        for name in ("weight", "bias"):
            module.get_parameter(f"first.{name}")[1:4] = -1 if name == "bias" else 0
    maps = heats(
        session_with(module), "scorecam", image, layers=("relu",), targets=(ClassTarget(2),), parameters={"chunk": 1}
    )
    assert [round(found.done * 4) for found in maps] == [1, 2, 3, 4]
    assert difference(maps[-1].raw, by_hand(module, "relu", image, of_class(2))) < 1e-4


def test_that_small_activations_show_as_much_of_the_image_as_great_ones(image: str) -> None:
    class Faint(InPlace):
        strength = 1.0

        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Identity()

        def forward(self, x: Tensor) -> Tensor:
            x = self.layer(F.relu(self.first(x)) * self.strength) / self.strength
            logits: Tensor = self.head(F.relu(self.last(x)).mean(dim=(2, 3)))
            return logits

    expected = last(session_with(loud(seeded(Faint), 5)), image, "layer").raw
    Faint.strength = 1e-12
    found = last(session_with(loud(seeded(Faint), 5)), image, "layer").raw
    assert difference(found * 1e12, expected) < 1e-4


def test_that_a_channel_that_varies_between_pixels_alone_gives_no_nan() -> None:
    maps = torch.zeros(2, 9, 9)
    maps[0, 4, 3] = 1  # between the pixels of a smaller input
    maps[1, 0, 0] = 1
    through = seen_through(maps, torch.ones(1, 3, 3, 3))
    assert not through[0].any()
    assert through[1].amax() == 1


def test_that_preliminary_weights_are_a_softmax_over_the_scores_so_far(image: str) -> None:
    module = seeded(InPlace)
    maps = heats(session_with(module), "scorecam", image, layers=("last",), parameters={"chunk": 1})
    activation = captured(module, "last", image, of_class(0))[0][0]
    strongest = activation[np.abs(activation).mean(axis=(1, 2)).argmax()]
    assert difference(maps[0].raw, strongest) < 1e-5


@pytest.mark.parametrize("network", [Joined, Careless])
def test_that_a_cancel_after_any_chunk_leaves_no_trace(network: type[nn.Module], image: str) -> None:
    module = seeded(network).train()
    before = fingerprint(module)
    layer = "block" if network is Joined else "stem"
    for steps in range(1, 9):
        run = session_with(module).run(ask("scorecam", image, layers=(layer,), parameters={"chunk": 1}))
        for _, found in zip(range(steps), run, strict=False):
            assert not isinstance(found, HeatMap) or found.done <= 1
        run.close()
        assert fingerprint(module) == before


def test_that_reduced_precision_says_so(image: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module = seeded(Joined)
    full = last(session_with(module), image, "block")
    monkeypatch.setattr(chunks, "computes_bfloat16", lambda: True)
    reduced = last(session_with(module), image, "block", precision="reduced")
    assert any("bfloat16" in note for note in reduced.notes)
    assert not any("precision" in note for note in full.notes)
    assert 0 < difference(reduced.raw, full.raw) < 0.05
    monkeypatch.setattr(chunks, "computes_bfloat16", lambda: False)
    unchanged = last(session_with(module), image, "block", precision="reduced")
    assert any("full precision" in note for note in unchanged.notes)
    assert difference(unchanged.raw, full.raw) == 0
