"""A network that refuses an input is tried on others, and the error names one that it takes."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from cnnviz_desktop.core.description import Preprocessing
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.engine.input_advice import advice_on
from tests.engine.asking import ask, results
from tests.engine.networks_for_tests import fingerprint, seeded, session_with


class Fixed(nn.Module):
    """A linear layer that wants maps of one size."""

    def __init__(self, side: int, channels: int = 3) -> None:
        super().__init__()
        self.stem = nn.Conv2d(channels, 2, 3, padding=1, stride=8)
        self.head = nn.Linear(2 * (side // 8) ** 2, 5)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.stem(x).flatten(1))
        return logits


class Strided(nn.Module):
    """Joins what went down and up again with what did not: sizes that 32 divides."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 2, 3, padding=1)
        self.head = nn.Linear(2, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        down = nn.functional.max_pool2d(x, 32)
        logits: Tensor = self.head((x + nn.functional.interpolate(down, scale_factor=32)).mean((2, 3)))
        return logits


class Deep(nn.Module):
    """Pools without padding, so that small inputs vanish."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 2, 3)
        self.deep = nn.Conv2d(2, 2, 3)
        self.head = nn.Linear(2, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for _ in range(3):
            x = nn.functional.max_pool2d(self.deep(x), 2)
        logits: Tensor = self.head(x.mean((2, 3)))
        return logits


class Broken(nn.Module):
    """Fails on whatever it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 2, 3)

    def forward(self, x: Tensor) -> Tensor:
        raise ValueError(f"not today: {tuple(x.shape)}")


def advice(module: nn.Module, shape: tuple[int, ...], *recipes: Preprocessing) -> str:
    tries = advice_on(module, shape, recipes)
    try:
        while True:
            assert isinstance(next(tries), Progress)
    except StopIteration as end:
        return str(end.value)


def sizes_in(sentence: str) -> list[tuple[int, int]]:
    return [(int(height), int(width)) for height, width in re.findall(r"(\d+) × (\d+)", sentence)]


@pytest.mark.parametrize("side", [32, 64, 224, 256])
def test_that_the_one_size_of_a_fixed_network_is_found(side: int) -> None:
    module = Fixed(side).eval()
    said = advice(module, (3, 100, 150))
    found = sizes_in(said)
    assert (side, side) in found
    for size in found:
        module(torch.zeros(1, 3, *size))


def test_that_the_recipes_size_is_tried_first() -> None:
    said = advice(Fixed(48).eval(), (3, 100, 150), Preprocessing(size=(48, 48)))
    assert re.fullmatch(
        r"It takes 48 × 48, height × width \(of \d+ sizes that were tried\): set the size in the preprocessing.", said
    )


def test_that_sizes_near_the_refused_one_are_named_where_a_stride_has_to_divide_it() -> None:
    found = sizes_in(advice(Strided().eval(), (3, 447, 670)))
    assert {(416, 640), (448, 672)} <= set(found)


def test_that_a_small_size_is_named_where_one_is_too_small() -> None:
    module = Deep().eval()
    found = sizes_in(advice(module, (3, 9, 9)))
    assert found
    assert min(found) <= (32, 32)
    for size in found:
        module(torch.zeros(1, 3, *size))


@pytest.mark.parametrize(
    ("channels", "sentence"),
    [
        (1, "It takes 1 channel, and the preprocessing gives 3: give “mean” and “std” of the preprocessing one number"),
        (4, "It takes 4 channels, and the preprocessing gives 3; an image has 3, or 1 in grey"),
    ],
)
def test_that_another_number_of_channels_is_told(channels: int, sentence: str) -> None:
    assert advice(Fixed(32, channels).eval(), (3, 32, 32)).startswith(sentence)
    assert "three numbers each" in advice(Fixed(32, 3).eval(), (1, 32, 32))


def test_that_a_network_that_takes_nothing_is_told_so() -> None:
    assert "other sizes that were tried goes through it either" in advice(Broken().eval(), (3, 50, 60))


def test_that_an_image_fed_unresized_is_answered_with_sizes_and_leaves_no_trace(tmp_path: Path) -> None:
    pixels = np.zeros((47, 70, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "odd.png")
    module = seeded(Strided)
    recipe = Preprocessing(resize="none", size=(64, 64))
    session = session_with(module, (64, 64), preprocessing=recipe)
    before = fingerprint(module)
    with pytest.raises(NetworkError, match=r"failed on an input of 3×47×70.* It takes .*32 × 64"):
        results(session, ask("predictions", str(tmp_path / "odd.png")))
    assert fingerprint(module) == before


def test_that_trying_can_be_cancelled(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((47, 70, 3), dtype=np.uint8)).save(tmp_path / "odd.png")
    module = seeded(Strided)
    session = session_with(module, (64, 64), preprocessing=Preprocessing(resize="none", size=(64, 64)))
    before = fingerprint(module)
    run = session.run(ask("predictions", str(tmp_path / "odd.png")))
    assert isinstance(next(run), Progress)
    run.close()
    assert fingerprint(module) == before


class Greedy(Strided):
    """Asks for more memory than there is where 32 divides the input's height."""

    def forward(self, x: Tensor) -> Tensor:
        if x.shape[2] % 32 == 0:
            raise torch.OutOfMemoryError("no memory left")
        raise ValueError("another size, please")


def test_that_a_size_that_fills_the_memory_is_not_advised() -> None:
    assert "other sizes that were tried goes through it either" in advice(Greedy().eval(), (3, 33, 24))
