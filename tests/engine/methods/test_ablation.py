"""Ablation-CAM equals every channel taken away by hand, and computes only what follows the layer."""

import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from cnnviz_desktop.core.errors import LayerError
from cnnviz_desktop.core.requests import ClassTarget, Request, Target, UnitTarget
from cnnviz_desktop.core.results import FloatArray, HeatMap
from cnnviz_desktop.engine.capture import tensors_of, with_tensors
from cnnviz_desktop.engine.session import EngineSession
from tests.engine.asking import ask, input_of
from tests.engine.methods.maps_for_tests import NETWORKS, captured, difference, heats, noise, of_class
from tests.engine.networks_for_tests import InPlace, fingerprint, seeded, session_with
from tests.engine.networks_with_tails import TAILS, Careless, Dense, Residual

Score = Callable[[Tensor], Tensor]


def last(session: EngineSession, image: str, layer: str, target: Target | None = None, **parameters: object) -> HeatMap:
    targets = (target or ClassTarget(2),)
    return heats(session, "ablationcam", image, layers=(layer,), targets=targets, parameters=parameters)[-1]


def without(module: nn.Module, layer: str, image: str, channel: int | None, score: Score) -> tuple[float, Tensor]:
    """The score without a channel in what the layer gives at its last run, and the whole activation (C, h, w)."""
    outputs: list[Tensor] = []
    runs = 0

    def take_away(_: nn.Module, __: object, output: object) -> object:
        nonlocal runs
        runs += 1
        outputs.append(tensors_of(output)[0].clone())
        if channel is None or runs < total:
            return None
        changed = outputs[-1].clone()
        changed[:, channel] = 0
        return with_tensors(output, {0: changed})

    handle = module.get_submodule(layer).register_forward_hook(take_away)
    total = 0
    with torch.no_grad():
        module(input_of(image))
        total, runs = runs, 0
        found = float(score(module(input_of(image)))[0])
    handle.remove()
    return found, outputs[-1][0]


def by_hand(module: nn.Module, layer: str, image: str, score: Score) -> FloatArray:
    """Σ_c (S − S with A_c = 0) / |S| · A_c, a whole run of the network for each channel."""
    whole, activation = without(module, layer, image, None, score)
    total = torch.zeros(activation.shape[1:])
    for channel, maps in enumerate(activation):
        total += (whole - without(module, layer, image, channel, score)[0]) / abs(whole) * maps
    return total.numpy()


@pytest.mark.parametrize(("network", "layer"), [*NETWORKS, *TAILS])
def test_that_it_equals_every_channel_taken_away_by_hand(
    network: Callable[[], nn.Module], layer: str, image: str
) -> None:
    module = seeded(network)
    found = last(session_with(module), image, layer)
    assert found.done == 1
    assert difference(found.raw, by_hand(module, layer, image, of_class(2))) < 1e-3


@pytest.mark.parametrize(
    ("target", "score"),
    [
        (ClassTarget(3, minus=1), lambda logits: logits[:, 3] - logits[:, 1]),
        (ClassTarget(1, score="probability"), lambda logits: logits.softmax(dim=1)[:, 1]),
    ],
)
def test_that_a_difference_and_a_probability_are_explained(target: ClassTarget, score: Score, image: str) -> None:
    module = seeded(Dense)
    found = last(session_with(module), image, "one", target)
    assert difference(found.raw, by_hand(module, "one", image, score)) < 1e-3


def test_that_a_unit_of_a_later_layer_is_explained_and_one_of_an_earlier_layer_refused(image: str) -> None:
    module = seeded(Dense)
    kept: list[Tensor] = []
    handle = module.get_submodule("two").register_forward_hook(lambda _, __, output: kept.append(output))
    expected = by_hand(module, "one", image, lambda _: kept[-1][:, 2].mean(dim=(1, 2)))
    handle.remove()
    session = session_with(module)
    found = last(session, image, "one", UnitTarget("two", 2))
    assert difference(found.raw, expected) < 1e-3
    with pytest.raises(LayerError, match="does not depend on two"):
        last(session, image, "two", UnitTarget("stem", 2))


class Tokens(nn.Module):
    """Patches of 8 pixels and a class token, which looks at them all."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 6, 8, stride=8)
        self.first = nn.Parameter(torch.randn(1, 1, 6))
        self.norm = nn.LayerNorm(6)
        self.attention = nn.MultiheadAttention(6, 2, batch_first=True)
        self.head = nn.Linear(6, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.first.expand(len(x), -1, -1), x], dim=1)
        y = self.norm(x)
        x = x + self.attention(y, y, y, need_weights=False)[0]
        logits: Tensor = self.head(x[:, 0])
        return logits


def test_that_channels_of_tokens_are_taken_away_from_the_patches(image: str) -> None:
    module = seeded(Tokens)
    outputs: list[Tensor] = []
    removed: list[int] = []

    def take_away(_: nn.Module, __: object, output: Tensor) -> Tensor:
        outputs.append(output.clone())
        changed = output.clone()
        changed[:, 1:, removed] = 0
        return changed

    handle = module.get_submodule("norm").register_forward_hook(take_away)
    scores = []
    for channels in ([], *([channel] for channel in range(6))):
        removed[:] = channels
        with torch.no_grad():
            scores.append(float(module(input_of(image))[0, 2]))
    handle.remove()
    weights = (scores[0] - torch.tensor(scores[1:])) / abs(scores[0])
    expected = (outputs[0][0, 1:] @ weights).view(4, 3).numpy()
    assert difference(last(session_with(module), image, "norm").raw, expected) < 1e-3


def test_that_the_map_can_be_smoothed_by_its_first_component(image: str) -> None:
    session = session_with(seeded(Dense))
    smooth, plain = (last(session, image, "one", eigen_smooth=flag).raw for flag in (True, False))
    assert smooth.shape == plain.shape
    assert abs(float(smooth.mean())) < 1e-6 < abs(float(plain.mean()))  # a component is centred
    assert difference(smooth, plain) > 1e-2


@pytest.mark.parametrize(("network", "layer"), TAILS)
def test_that_the_number_of_copies_at_a_time_changes_nothing(network: type[nn.Module], layer: str, image: str) -> None:
    session = session_with(seeded(network))
    one, many = (last(session, image, layer, chunk=chunk).raw for chunk in (1, 32))
    assert difference(one, many) < 1e-4


def test_that_only_what_follows_the_layer_computes(image: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module = seeded(Residual)
    session = session_with(module)
    runs: list[str] = []
    plain = nn.Conv2d.forward

    def counting(convolution: nn.Conv2d, x: Tensor) -> Tensor:
        runs.append("stem" if convolution is module.stem[0] else "other")
        return plain(convolution, x)

    monkeypatch.setattr(nn.Conv2d, "forward", counting)
    for _ in range(2):
        session._benches[next(iter(session._benches))].forget()
        runs.clear()
        maps = heats(session, "ablationcam", image, layers=("body",), parameters={"chunk": 1})
        assert len(maps) == 6
    # The second time: the first time a network is asked for rows, noise tells whether they are apart.
    assert runs.count("stem") <= 3  # the pass, its record, and one trial of the whole network


def test_that_the_strongest_channels_come_first_and_a_dead_one_is_not_run(image: str) -> None:
    module = seeded(InPlace)
    bias = module.get_parameter("first.bias")
    with torch.no_grad():
        bias[4] = -1000
    maps = heats(session_with(module), "ablationcam", image, layers=("relu",), parameters={"chunk": 1})
    assert [round(found.done * 5) for found in maps] == [1, 2, 3, 4, 5]
    kept: list[Tensor] = []
    handle = module.get_submodule("relu").register_forward_hook(lambda _, __, output: kept.append(output.clone()))
    module(input_of(image))
    handle.remove()
    strongest = kept[0][0, int(kept[0][0].abs().mean(dim=(1, 2)).argmax())].detach().numpy()
    assert abs(np.corrcoef(maps[0].raw.ravel(), strongest.ravel())[0, 1]) > 0.9999


def test_that_a_layer_that_is_dead_throughout_gives_an_empty_map_in_words(image: str) -> None:
    module = seeded(InPlace)
    with torch.no_grad():
        module.get_parameter("first.bias").fill_(-1000)
    found = last(session_with(module), image, "relu")
    assert not found.raw.any()
    assert found.notes


def test_that_a_negative_score_keeps_the_sign_while_the_library_turns_it(
    image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("tqdm").tqdm, "monitor_interval", 0)
    module = seeded(InPlace)
    with torch.no_grad():
        module.get_parameter("head.bias")[2] = -5
    ours = last(session_with(module), image, "relu").raw
    assert difference(ours, by_hand(module, "relu", image, of_class(2))) < 1e-3
    activations, _ = captured(module, "relu", image, of_class(2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        library = import_module("pytorch_grad_cam").AblationCAM(module, [module.get_submodule("relu")])
    targets = [lambda logits: logits[2]]
    weights = library.get_cam_weights(input_of(image), module.get_submodule("relu"), targets, activations, None)
    assert difference((weights[0][:, None, None] * activations[0]).sum(axis=0), -ours) < 1e-3


def test_that_images_seen_together_are_explained_as_each_alone(tmp_path: Path) -> None:
    images = noise(tmp_path, 3)
    session = session_with(seeded(Dense))
    alone = [last(session, path, "one").raw for path in images]
    asked = Request(method="ablationcam", network="test", images=images, layers=("one",), targets=(ClassTarget(2),))
    together = [found for found in session.run(asked) if isinstance(found, HeatMap) and found.done == 1]
    for expected, found in zip(alone, together, strict=True):
        assert difference(found.raw, expected) < 1e-4


@pytest.mark.parametrize("network", [Dense, Residual, Careless])
def test_that_a_cancel_after_any_chunk_leaves_no_trace(network: type[nn.Module], image: str) -> None:
    module = seeded(network).train()
    before = fingerprint(module)
    session = session_with(module)
    layer = "stem"
    for steps in range(1, 5):
        run = session.run(ask("ablationcam", image, layers=(layer,), parameters={"chunk": 1}))
        for _, found in zip(range(steps), run, strict=False):
            assert not isinstance(found, HeatMap) or found.done <= 1
        run.close()
        assert fingerprint(module) == before
