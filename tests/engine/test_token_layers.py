"""Layers that give tokens, or their channels last: laid over the image, explained, refused where nothing fits."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from cnnviz_desktop.core.errors import LayerError
from cnnviz_desktop.core.requests import LayerRef, UnitTarget
from cnnviz_desktop.core.results import FeatureMaps, HeatMap
from cnnviz_desktop.engine.capture import capture
from tests.engine.asking import ask, input_of, results
from tests.engine.networks_for_tests import bench_of, fingerprint, outlined, seeded, session_with
from tests.engine.pictures_for_tests import save, scene

WIDTH = 20


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(WIDTH)
        self.attention = nn.MultiheadAttention(WIDTH, 2, batch_first=True)
        self.norm2 = nn.LayerNorm(WIDTH)
        self.mlp = nn.Sequential(nn.Linear(WIDTH, 30), nn.GELU(), nn.Linear(30, WIDTH))

    def forward(self, x: Tensor) -> Tensor:
        normed = self.norm1(x)
        x = x + self.attention(normed, normed, normed, need_weights=True, average_attn_weights=False)[0]
        out: Tensor = x + self.mlp(self.norm2(x))
        return out


class Transformer(nn.Module):
    """Patches of 4 px behind a class token, which alone is read in the end; its head begins with zeros."""

    def __init__(self, *, zeros: bool = False, mean: bool = False) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, WIDTH, 4, stride=4)
        self.first = nn.Parameter(torch.randn(1, 1, WIDTH))
        self.blocks = nn.Sequential(*(Block() for _ in range(3)))
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, 5)
        self.mean = mean
        if zeros:
            nn.init.zeros_(self.head.weight)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = self.norm(self.blocks(torch.cat([self.first.expand(len(x), -1, -1), x], dim=1)))
        logits: Tensor = self.head(x.mean(dim=1) if self.mean else x[:, 0])
        return logits


class ChannelsLast(nn.Module):
    """A block as ConvNeXt has it."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 4, stride=4)
        self.norm = nn.LayerNorm(8)
        self.wide = nn.Linear(8, 16)
        self.head = nn.Linear(16, 5)

    def forward(self, x: Tensor) -> Tensor:
        x = self.wide(self.norm(self.stem(x).permute(0, 2, 3, 1)))
        logits: Tensor = self.head(x.permute(0, 3, 1, 2).relu().mean(dim=(2, 3)))
        return logits


def by_hand(module: nn.Module, layer: str, image: str, cells: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """(C, h, w) activation and gradient of the likeliest class's logit, the class token cut off."""
    with capture(module, layers=(), gradients=[LayerRef(layer)]) as recording:
        logits = module(input_of(image))
    tokens = recording.tensors[LayerRef(layer)]
    (gradient,) = torch.autograd.grad(logits.max(), tokens)
    activation, gradient = (each[0, 1:].T.reshape(-1, *cells) for each in (tokens.detach(), gradient))
    return activation, gradient


@pytest.mark.parametrize("zeros", [False, True])
def test_that_the_last_norm_whose_patches_matter_is_suggested(zeros: bool) -> None:
    module = seeded(lambda: Transformer(zeros=zeros))
    before = fingerprint(module)
    outline = outlined(module)
    assert outline.suggested == "blocks.2.norm1"
    assert fingerprint(module) == before
    node = outline.layer(outline.suggested)
    assert node.gives_maps
    assert node.why_no_maps == ""
    assert node.grid_words("output") == "49 tokens: 1 class token, then 8 × 6 patches of 4 px"
    assert node.field is None


def test_that_the_last_norm_is_suggested_where_all_tokens_are_read() -> None:
    assert outlined(seeded(lambda: Transformer(mean=True))).suggested == "norm"


def test_that_gradcam_of_tokens_is_that_of_their_places(image: str) -> None:
    module = seeded(Transformer)
    activation, gradient = by_hand(module, "blocks.2.norm1", image, (8, 6))
    expected = (gradient.mean(dim=(1, 2), keepdim=True) * activation).sum(dim=0)
    heat = next(each for each in results(session_with(module), ask("gradcam", image)) if isinstance(each, HeatMap))
    assert heat.layer == "blocks.2.norm1"
    assert heat.geometry.cells == (8, 6)
    np.testing.assert_allclose(heat.raw, expected, rtol=1e-4, atol=1e-7)
    assert any("then 8 × 6 patches of 4 px" in note for note in heat.notes)


def test_that_tokens_find_their_places_in_an_image_of_another_size(tmp_path: Path) -> None:
    image = save(tmp_path / "wide.png", scene(20, 44))
    module = seeded(Transformer)
    activation, _ = by_hand(module, "blocks.1.norm2", image, (5, 11))
    request = ask("feature_maps", image, layers=("blocks.1.norm2",))
    found = [each for each in results(session_with(module), request) if isinstance(each, FeatureMaps)]
    np.testing.assert_allclose(np.concatenate([each.maps for each in found]), activation, atol=1e-6)
    assert "56 tokens: 1 class token, then 5 × 11 patches of 4 px" in found[0].notes[0]


def test_that_a_channel_of_a_token_layer_can_be_explained(image: str) -> None:
    module = seeded(Transformer)
    activation, _ = by_hand(module, "norm", image, (8, 6))
    request = ask("gradcam", image, layers=("blocks.1",), targets=(UnitTarget("norm", channel=3, cell=(7, 2)),))
    heat = next(each for each in results(session_with(module), request) if isinstance(each, HeatMap))
    assert heat.explained.score == pytest.approx(float(activation[3, 7, 2]), abs=1e-5)
    assert np.abs(heat.raw).max() > 0


def test_that_channels_that_come_last_are_maps_with_a_known_field(image: str) -> None:
    module = seeded(ChannelsLast)
    outline = outlined(module)
    assert outline.suggested == "wide"
    node = outline.layer("norm")
    assert node.grid_words("output") == "8 × 6 cells with 8 channels last"
    assert node.field == outline.layer("stem").field
    with torch.no_grad():
        expected = module.norm(module.stem(input_of(image)).permute(0, 2, 3, 1))[0].permute(2, 0, 1)
    request = ask("feature_maps", image, layers=("norm",))
    (maps,) = [each for each in results(session_with(module), request) if isinstance(each, FeatureMaps)]
    np.testing.assert_allclose(maps.maps, expected, atol=1e-6)
    heat = next(each for each in results(session_with(module), ask("gradcam", image)) if isinstance(each, HeatMap))
    assert heat.raw.shape == (8, 6)


def test_that_attention_weights_are_refused() -> None:
    bench = bench_of(seeded(Transformer))
    assert bench.node(LayerRef("blocks.0.attention")).outputs == ((49, WIDTH), (2, 49, 49))
    assert bench.map_layers(["blocks.0.attention"])
    with pytest.raises(LayerError, match="2×49×49: as attention weights are"):
        bench.map_layers(["blocks.0.attention[1]"])


def test_that_tokens_with_their_batch_second_are_refused() -> None:
    class Second(Transformer):
        def forward(self, x: Tensor) -> Tensor:
            x = self.norm(self.patches(x).flatten(2).permute(2, 0, 1))
            logits: Tensor = self.head(x.mean(dim=0))
            return logits

    bench = bench_of(seeded(Second))
    assert bench.outline.suggested == "patches"
    with pytest.raises(LayerError, match=r"\(T, N, C\), cannot be placed"):
        bench.map_layers(["norm"])


def test_that_tokens_that_fit_no_grid_are_refused_with_what_would() -> None:
    class Cut(Transformer):
        def forward(self, x: Tensor) -> Tensor:
            x = self.norm(self.patches(x).flatten(2).transpose(1, 2)[:, :43])
            logits: Tensor = self.head(x.mean(dim=1))
            return logits

    with pytest.raises(LayerError, match=r"43 tokens are no grid.* 8 × 6 patches of 4 px: 48 tokens"):
        bench_of(seeded(Cut)).map_layers(["norm"])


def test_that_tokens_of_windows_are_refused_with_the_reason() -> None:
    class Windows(ChannelsLast):
        def forward(self, x: Tensor) -> Tensor:
            x = self.stem(x).unflatten(3, (3, 2)).unflatten(2, (4, 2))  # (N, 8, 4, 2, 3, 2)
            x = self.wide(self.norm(x.permute(0, 2, 4, 3, 5, 1).flatten(3, 4).flatten(0, 2)))  # (N · 12, 4, 16)
            logits: Tensor = self.head(x.reshape(-1, 12, 4, 16).relu().mean(dim=(1, 2)))
            return logits

    bench = bench_of(seeded(Windows))
    assert bench.node(LayerRef("norm")).outputs == ((4, 8),)
    for reference in ("norm", "wide:input"):
        with pytest.raises(LayerError, match=r"4×8: more of these than there are images, as attention within windows"):
            bench.map_layers([reference])
    assert bench.node(LayerRef("wide")).why_no_maps.startswith("wide (Linear) gives 4×16: more of these")
