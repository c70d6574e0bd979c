"""Layers whose maps come with what the scores are really made of."""

import torch
from torch import Tensor, nn

from tests.engine.networks_for_tests import outlined, seeded


class Pooling(nn.Module):
    """Gives its maps and, beside them, what it has made of them already, as the trunks of Hugging Face do."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, stride=4)
        self.encoder = nn.Sequential(nn.Conv2d(6, 8, 3, padding=1), nn.ReLU())

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        maps = self.encoder(self.stem(x))
        return {"maps": maps, "pooled": maps.mean(dim=(2, 3))}


class Pooled(nn.Module):
    """Classifies by what its trunk has pooled."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = Pooling()
        self.head = nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.head(self.trunk(x)["pooled"])
        return logits


class Stage(nn.Module):
    """One attention over patches and a class token, which go in as maps and a token, and come out so."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(8)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, given: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        maps, token = given
        rows, columns = maps.shape[2:]
        tokens = torch.cat([token, maps.flatten(2).transpose(1, 2)], dim=1)
        normed = self.norm(tokens)
        tokens = tokens + self.attention(normed, normed, normed, need_weights=False)[0]
        return tokens[:, 1:].transpose(1, 2).unflatten(2, (rows, columns)), tokens[:, :1]


class Staged(nn.Module):
    """A PiT in small: its scores rest on the class token alone, which comes beside the last stage's maps."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 8, 4, stride=4)
        self.token = nn.Parameter(torch.randn(1, 1, 8))
        self.stages = nn.Sequential(Stage(), Stage())
        self.head = nn.Linear(8, 5)

    def forward(self, x: Tensor) -> Tensor:
        _, token = self.stages((self.patches(x), self.token.expand(len(x), -1, -1)))
        logits: Tensor = self.head(token[:, 0])
        return logits


def test_that_maps_that_come_with_what_was_made_of_them_are_not_suggested() -> None:
    assert outlined(seeded(Pooled)).suggested == "trunk.encoder.1"


def test_that_the_last_norm_is_suggested_where_the_scores_rest_on_a_token_beside_the_maps() -> None:
    assert outlined(seeded(Staged)).suggested == "stages.1.norm"
