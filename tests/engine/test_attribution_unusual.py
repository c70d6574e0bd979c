"""Networks that run, but not as most do: each method explains them rightly, or says in words why it does not."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from msgspec import structs
from torch import Tensor, nn

from cnnviz_desktop.core import catalog
from cnnviz_desktop.core.description import Preprocessing
from cnnviz_desktop.core.errors import LayerError, TargetError
from cnnviz_desktop.core.requests import ClassTarget, UnitTarget
from cnnviz_desktop.engine.session import EngineSession
from tests.engine.asking import ask, input_of
from tests.engine.methods.maps_for_tests import noise
from tests.engine.networks_for_tests import fingerprint, seeded, session_with
from tests.engine.test_attribution_bad_input import EXPLAINING, Plain, asked, final

EVERY_METHOD = pytest.mark.parametrize("method", EXPLAINING)
OF_THE_INPUT = ("saliency", "gradxinput", "integrated_gradients", "smoothgrad", "guided_backprop", "deconvolution",
                "guided_gradcam", "fullgrad")  # fmt: skip


class Named(Plain):
    """Gives a dict, its scores not first."""

    def forward(self, x: Tensor) -> Tensor:
        logits = super().forward(x)
        return {"features": logits * 2, "logits": logits}  # type: ignore[return-value]  # as transformers do


class ForOneImage(Plain):
    """Takes all that it sees for one image."""

    def forward(self, x: Tensor) -> Tensor:
        x = self.end(self.last(self.relu(self.first(x))))
        logits: Tensor = self.head(self.pool(x).view(1, -1))
        return logits


class FrozenBody(Plain):
    """A head on a body that runs without gradients, as where the head alone is trained."""

    def forward(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            x = self.end(self.last(self.relu(self.first(x))))
        logits: Tensor = self.head(self.pool(x).flatten(1))
        return logits


class WithoutParameters(nn.Module):
    """Colours averaged over cells: nothing in it has a weight."""

    def __init__(self) -> None:
        super().__init__()
        self.cells = nn.AvgPool2d(4)
        self.clip = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.clip(self.cells(x)).mean(dim=(2, 3))
        return logits


class OneCell(nn.Module):
    """All of its maps have one cell."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 6, (32, 24))
        self.last = nn.Conv2d(6, 8, 1)
        self.head = nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(F.relu(self.last(F.relu(self.first(x)))).flatten(1))
        return logits


class Grey(Plain):
    """Sees brightness alone."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, 6, 3, padding=1)


@EVERY_METHOD
@pytest.mark.parametrize("network", [Named, ForOneImage])
def test_that_how_scores_are_given_changes_no_picture(network: type[nn.Module], method: str, tmp_path: Path) -> None:
    images = noise(tmp_path, 2)
    request = structs.replace(asked(method, "", targets=(ClassTarget(1),)), images=images)
    found, expected = (final(session_with(seeded(each)), request) for each in (network, Plain))
    assert len(found) == 2
    for one, other in zip(found, expected, strict=True):
        assert np.allclose(one.raw, other.raw, rtol=1e-4, atol=1e-4 * np.abs(other.raw).max())


@EVERY_METHOD
def test_that_a_body_without_gradients_is_explained_at_its_last_layer_alone(method: str, image: str) -> None:
    module = seeded(FrozenBody)
    before = fingerprint(module)
    request = asked(method, image, targets=(ClassTarget(1),), layers=("end",))
    if method in OF_THE_INPUT:
        with pytest.raises(LayerError, match=r"does not depend on the image .* under torch\.no_grad"):
            final(session_with(module), request)
    elif method == "refinecam":
        (found,) = final(session_with(module), request)
        assert found.raw.any()
        assert any("Grad-CAM++ of end." in note for note in found.notes)
    else:
        (found,), (expected,) = final(session_with(module), request), final(session_with(seeded(Plain)), request)
        assert np.allclose(found.raw, expected.raw, rtol=1e-4, atol=1e-6 * np.abs(expected.raw).max())
    assert fingerprint(module) == before
    if method == "gradcam":
        with pytest.raises(LayerError, match=r"does not depend on last .* under torch\.no_grad in between"):
            final(session_with(module), asked(method, image, layers=("last",)))


@EVERY_METHOD
def test_that_a_network_without_parameters_is_explained(method: str, image: str) -> None:
    session = session_with(seeded(WithoutParameters))
    if method == "cam":
        with pytest.raises(LayerError, match="No linear layer"):
            final(session, asked(method, image))
        return
    (found,) = final(session, asked(method, image, targets=(ClassTarget(1),), layers=("clip",)))
    assert np.isfinite(found.raw).all()
    assert found.raw.any()


@EVERY_METHOD
def test_that_maps_of_one_cell_are_told_to_be_constant(method: str, image: str) -> None:
    session = session_with(seeded(OneCell))
    request = asked(method, image, targets=(ClassTarget(1),), layers=("last",))
    if method == "cam":  # a ReLU stands between the layer and the linear one
        with pytest.raises(LayerError, match="not what head takes the average of"):
            final(session, request)
        return
    (found,) = final(session, request)
    assert np.isfinite(found.raw).all()
    assert np.ptp(found.raw) > 0 or any("constant" in note for note in found.notes)


@EVERY_METHOD
def test_that_grey_input_is_explained(method: str, image: str) -> None:
    grey = Preprocessing(resize="none", size=(32, 24), mean=(0.5,), std=(0.25,))
    (found,) = final(session_with(seeded(Grey), preprocessing=grey), asked(method, image, targets=(ClassTarget(1),)))
    assert np.isfinite(found.raw).all()
    assert np.ptp(found.raw) > 0
    if method in OF_THE_INPUT and method != "fullgrad":
        assert found.raw.shape == (1, 32, 24)


@EVERY_METHOD
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("what", ["unit", "channel of the last layer", "probability", "copies"])
def test_that_half_precision_is_explained_whatever_is_asked(
    what: str, dtype: torch.dtype, method: str, image: str
) -> None:
    targets: dict[str, ClassTarget | UnitTarget] = {
        "unit": UnitTarget("end", channel=1, cell=(3, 4)),
        "channel of the last layer": UnitTarget("head", channel=1),
        "probability": ClassTarget(1, score="probability"),
    }
    layer = "end" if method == "cam" else "last"
    request = asked(method, image, targets=(targets.get(what, ClassTarget(1)),), layers=(layer,))
    if what == "copies":
        if "aug_smooth" not in {each.key for each in catalog.method(method).parameters}:
            pytest.skip("it has no copies")
        request = structs.replace(request, parameters={**request.parameters, "aug_smooth": True})
    if (method == "cam" and what != "copies") or (method == "finercam" and what not in ("copies", "probability")):
        with pytest.raises(TargetError, match="explains"):
            final(session_with(seeded(Plain).to(dtype)), request)
        return
    (found,) = final(session_with(seeded(Plain).to(dtype)), request)
    assert np.isfinite(found.raw).all()
    assert found.raw.any() or found.notes


@pytest.mark.parametrize("target", [UnitTarget("first", channel=1), UnitTarget("first", channel=1, cell=(3, 4))])
def test_that_a_unit_of_a_layer_that_runs_twice_is_of_its_last_run_and_says_so(target: UnitTarget, image: str) -> None:
    class Twice(Plain):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(self.first(x)[:, :3])

    module, x = seeded(Twice), input_of(image).requires_grad_()
    (found,) = final(session_with(module), ask("saliency", image, targets=(target,)))
    maps = module.first(module.first(x)[:, :3])[0, 1]
    (gradient,) = torch.autograd.grad(maps.mean() if target.cell is None else maps[target.cell], x)
    assert np.allclose(found.raw, gradient[0].numpy(), atol=1e-7)
    assert found.notes == ("first ran 2 times; this is its last run.",)
    (map_of_it,) = final(session_with(module), ask("eigencam", image, targets=(target,), layers=("first",)))
    assert map_of_it.notes == ("first ran 2 times; this is its last run.",)


@pytest.mark.parametrize(("strength", "said"), [(1e4, "The probability is 1 but for"), (-1e4, "The probability is 0")])
def test_that_a_sure_probability_is_said_to_move_no_more(strength: float, said: str, image: str) -> None:
    class Sure(Plain):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x) + strength * F.one_hot(torch.tensor([1]), 5)

    session = session_with(seeded(Sure))
    (found,) = final(session, ask("gradcam", image, targets=(ClassTarget(1, score="probability"),)))
    assert any(note.startswith(said) for note in found.notes)
    (plain,) = final(session, ask("gradcam", image, targets=(ClassTarget(1),)))
    assert plain.raw.any()
    assert not plain.notes
    (unsure,) = final(
        session_with(seeded(Plain)), ask("gradcam", image, targets=(ClassTarget(1, score="probability"),))
    )
    assert not unsure.notes


def _shown(session: EngineSession, method: str, image: str, target: ClassTarget) -> tuple[str, ...]:
    (found,) = final(session, asked(method, image, targets=(target,)))
    return found.notes


@EVERY_METHOD
@pytest.mark.parametrize("broken", [float("nan"), float("inf")])
def test_that_scores_that_are_no_numbers_are_told(broken: float, method: str, image: str) -> None:
    class Broken(Plain):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x) * torch.tensor([broken, 1, 1, 1, 1])

    if method == "cam":  # the scores are not what the linear layer gives
        with pytest.raises(LayerError, match="something made of it"):
            _shown(session_with(seeded(Broken)), method, image, ClassTarget(1))
        return
    notes = _shown(session_with(seeded(Broken)), method, image, ClassTarget(1))
    assert any("NaN or infinite" in note for note in notes)


@pytest.mark.parametrize("method", ["eigengradcam", "segeigencam"])
def test_that_a_gradient_that_leaves_half_precision_is_told(method: str, image: str) -> None:
    class Steep(Plain):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x) * 1e5

    found = final(session_with(seeded(Steep).half()), ask(method, image, also=("eigencam",), targets=(ClassTarget(1),)))
    notes = {each.method: each.notes for each in found}
    assert "Some values in end, or of the gradient there, are NaN or infinite; they count as 0." in notes[method]
    assert not any("count as 0" in note for note in notes["eigencam"])


@pytest.mark.parametrize("method", ["eigencam", "kpcacam", "fem", "eigengradcam", "segeigencam"])
def test_that_a_channel_of_nan_beside_the_one_explained_is_told(method: str, image: str) -> None:
    module = seeded(Plain)
    with torch.no_grad():
        module.get_parameter("first.bias")[0] = torch.nan
    request = ask(method, image, layers=("relu",), targets=(UnitTarget("first", channel=2),))
    if method in ("eigengradcam", "segeigencam"):
        with pytest.raises(LayerError, match="does not depend on relu"):
            final(session_with(module), request)
        request = structs.replace(request, layers=("first",), targets=(UnitTarget("relu", channel=2),))
    (found,) = final(session_with(module), request)
    assert np.isfinite(found.raw).all()
    assert any("they count as 0" in note for note in found.notes)


@EVERY_METHOD
@pytest.mark.parametrize("build", [lambda: nn.ReLU(), lambda: nn.Hardtanh(0, 1)])
def test_that_a_score_that_is_exactly_0_is_explained_or_said_to_be_constant(
    method: str, build: Callable[[], nn.Module], image: str
) -> None:
    class Zero(Plain):
        def __init__(self) -> None:
            super().__init__()
            self.clip: Callable[[Tensor], Tensor] = build()

        def forward(self, x: Tensor) -> Tensor:
            return self.clip(super().forward(x) - 100)

    session, target = session_with(seeded(Zero)), ClassTarget(1)
    if method == "cam":
        with pytest.raises(LayerError, match="something made of it"):
            _shown(session, method, image, target)
        return
    patterns = ("eigencam", "kpcacam", "fem", "randomcam", "scorecam", "deconvolution")  # do not go by the score
    notes = _shown(session, method, image, target)
    assert method in patterns or any("constant" in note for note in notes)
