import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from cnnviz_desktop.core.errors import CnnvizError, LayerError, NetworkError, OutOfMemory, RequestError, TargetError
from cnnviz_desktop.core.requests import ClassTarget, Request
from cnnviz_desktop.core.results import HeatMap, Picture, Predictions
from cnnviz_desktop.engine.session import EngineSession
from tests.engine.asking import ask, results
from tests.engine.networks_for_tests import Functional, InPlace, fingerprint, seeded, session_with

METHODS = ("kernels", "feature_maps", "predictions", "gradcam")


class NoisyCounter(InPlace):
    """Draws from every random generator, and changes buffers in three ways whenever it runs."""

    def __init__(self) -> None:
        super().__init__()
        self.runs = nn.Buffer(torch.zeros(()))
        self.replaced: Tensor = nn.Buffer(torch.zeros(()))
        self.written = nn.Buffer(torch.full((), float("nan")))
        self.drop = nn.Dropout(0.5)
        self.norm = nn.BatchNorm2d(3)

    def forward(self, x: Tensor) -> Tensor:
        self.runs.add_(1)
        self.replaced = self.replaced + 1
        self.written.data.add_(1)
        _ = random.random(), np.random.rand(), torch.rand(1)
        x = self.drop(self.norm(x))
        logits: Tensor = super().forward(x + 0 * torch.rand(1))
        return logits


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("factory", [NoisyCounter, Functional])
@pytest.mark.parametrize("steps", [None, 0, 1, 2])
def test_that_a_job_leaves_no_trace_finished_or_cancelled_after_any_yield(
    method: str, factory: type[nn.Module], steps: int | None, image: str
) -> None:
    module = seeded(factory)
    session = session_with(module)
    module.train()
    next(module.parameters()).requires_grad_(False)
    list(module.parameters())[1].grad = torch.ones_like(list(module.parameters())[1])
    before = fingerprint(module)
    run = session.run(ask(method, image))
    for _, _ in zip(range(steps if steps is not None else 1000), run, strict=False):
        pass
    run.close()
    assert fingerprint(module) == before


@pytest.mark.parametrize("method", METHODS)
def test_that_a_failed_job_leaves_no_trace(method: str, image: str) -> None:
    module = seeded(NoisyCounter)
    session = session_with(module)
    before = fingerprint(module)
    missing = ask(method, f"{image}.missing", layers=("nowhere",) if method == "kernels" else ())
    with pytest.raises(CnnvizError):
        results(session, missing)
    assert fingerprint(module) == before


def test_that_one_forward_pass_serves_predictions_maps_of_any_layer_and_every_class(image: str) -> None:
    module = seeded(InPlace)
    session = session_with(module)
    passes: list[int] = []
    handle = module.register_forward_hook(lambda *_: passes.append(1))
    results(session, ask("predictions", image))
    results(session, ask("feature_maps", image, layers=("relu",)))
    results(session, ask("gradcam", image))
    results(session, ask("gradcam", image, targets=(ClassTarget(3), ClassTarget("1"))))
    handle.remove()
    assert len(passes) == 1


def test_that_forgetting_within_a_tiny_budget_changes_no_result(image: str) -> None:
    roomy, tight = session_with(seeded(Functional)), session_with(seeded(Functional), memory_budget=100)
    for method in ("predictions", "gradcam", "feature_maps"):
        for one, other in zip(results(roomy, ask(method, image)), results(tight, ask(method, image)), strict=True):
            for name in ("maps", "raw", "logits", "total"):
                if hasattr(one, name):
                    assert np.array_equal(getattr(one, name), getattr(other, name))


def test_that_a_picture_is_read_without_torch_or_network(image: str) -> None:
    script = (
        "import sys; from cnnviz_desktop.core.requests import Request; "
        "from cnnviz_desktop.engine.session import EngineSession; "
        f"request = Request(method='picture', network='no such network', images=({image!r},)); "
        "(found,) = EngineSession().run(request); print(found.pixels.shape, 'torch' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "(32, 24, 3) False"


def test_that_a_file_written_again_is_read_again(image: str) -> None:
    session = EngineSession()
    request = Request(method="picture", images=(image,))
    (first,) = results(session, request)
    Image.new("RGB", (7, 5), "red").save(image)
    (second,) = results(session, request)
    assert isinstance(first, Picture)
    assert isinstance(second, Picture)
    assert first.sha256 != second.sha256
    assert second.pixels.shape == (5, 7, 3)


def test_that_what_cannot_be_asked_is_refused_in_words(image: str) -> None:
    session = session_with(seeded(InPlace))
    for request, error, words in (
        (ask("gradcam", image, layers=("head",)), LayerError, "no map.*kernels.*relu|no map.*kernels.*last"),
        (ask("feature_maps", image, layers=("nowhere",)), LayerError, "no layer “nowhere”"),
        (ask("feature_maps", image, layers=("first[3]",)), LayerError, "only 1 tensor"),
        (ask("gradcam", image, layers=("first:input",)), LayerError, "ask for first instead"),
        (ask("kernels", image, layers=("relu",)), LayerError, "no kernels. first is the first"),
        (ask("gradcam", image, targets=(ClassTarget(5),)), TargetError, "classes 0 to 4"),
        (ask("gradcam", image, targets=(ClassTarget(-1),)), TargetError, "out of range"),
        (ask("gradcam", image, targets=(ClassTarget("dog"),)), TargetError, "no class names"),
        (ask("nonsense", image), RequestError, "no method “nonsense”"),
        (ask("gradcam", image, parameters={"speed": 1}), RequestError, "no parameter “speed”"),
        (Request(method="gradcam", network="test"), RequestError, "needs an image"),
    ):
        with pytest.raises(error, match=words):
            results(session, request)


def test_that_a_layer_beside_the_way_to_the_scores_is_refused(image: str) -> None:
    class Beside(InPlace):
        def __init__(self) -> None:
            super().__init__()
            self.beside = nn.Conv2d(3, 2, 1)

        def forward(self, x: Tensor) -> Tensor:
            self.beside(x)
            return super().forward(x)

    with pytest.raises(LayerError, match="does not depend on beside"):
        results(session_with(seeded(Beside)), ask("gradcam", image, layers=("beside",)))


def test_that_scores_that_are_not_finite_are_told_beside_the_result(image: str) -> None:
    module = seeded(InPlace)
    bias = module.get_parameter("head.bias")
    with torch.no_grad():
        bias[1] = float("nan")
    session = session_with(module)
    (found,) = results(session, ask("predictions", image))
    (heat,) = results(session, ask("gradcam", image))
    assert isinstance(found, Predictions)
    assert isinstance(heat, HeatMap)
    assert "20% of the scores" in found.notes[0]
    assert "NaN" in heat.notes[0]
    assert heat.explained.class_index != 1


def test_that_an_image_smaller_than_a_kernel_is_told_in_words(tmp_path: Path) -> None:
    class LargeKernel(InPlace):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Conv2d(3, 6, 9)

    Image.new("RGB", (4, 4)).save(tmp_path / "tiny.png")
    with pytest.raises(NetworkError, match="smaller than a kernel"):
        results(session_with(seeded(LargeKernel)), ask("predictions", str(tmp_path / "tiny.png")))


def test_that_a_network_that_raises_is_told_with_its_line(image: str) -> None:
    class Raises(InPlace):
        def forward(self, x: Tensor) -> Tensor:
            if x.abs().sum() > 0:  # a blank input outlines it
                raise ValueError("the dog ate it")
            return super().forward(x)

    with pytest.raises(NetworkError, match=r"the dog ate it") as caught:
        results(session_with(seeded(Raises)), ask("predictions", image))
    assert "of test_session.py, in forward" in str(caught.value)


def test_that_running_out_of_memory_frees_and_keeps_the_session(image: str) -> None:
    class Hungry(InPlace):
        hungry = False

        def forward(self, x: Tensor) -> Tensor:
            if self.hungry:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 TiB")
            return super().forward(x)

    module = seeded(Hungry)
    assert isinstance(module, Hungry)
    module.hungry = False
    session = session_with(module)
    before = fingerprint(module)
    results(session, ask("predictions", image))
    module.hungry = True
    with pytest.raises(OutOfMemory, match="nothing is lost"):
        results(session, ask("feature_maps", image, layers=("first",)))
    module.hungry = False
    assert isinstance(results(session, ask("predictions", image))[0], Predictions)
    assert fingerprint(module) == before
