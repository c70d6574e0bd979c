"""Files whose keys an earlier torchvision named: written here under those names from a network of today."""

import re
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torchvision import models
from torchvision.models.detection.mask_rcnn import MaskRCNNHeads
from torchvision.models.detection.retinanet import RetinaNetClassificationHead
from torchvision.models.detection.rpn import RPNHead
from torchvision.ops import FeaturePyramidNetwork

from cnnviz_desktop.engine.networks.checkpoints.older_keys import with_present_names
from cnnviz_desktop.engine.networks.checkpoints.weights import load_weights
from tests.engine.networks.official.finishing import finish

Renaming = Callable[[str], str]


def dense(key: str) -> str:
    return re.sub(r"(denselayer\d+\.(?:norm|conv))([12])", r"\1.\2", key)


def transformer(key: str) -> str:
    return key.replace("mlp.0.", "mlp.linear_1.").replace("mlp.3.", "mlp.linear_2.")


def pyramid(key: str) -> str:
    return re.sub(r"(inner_blocks|layer_blocks)\.(\d)\.0\.", r"\1.\2.", key)


def proposals(key: str) -> str:
    return key.replace("conv.0.0.", "conv.")


def masks(key: str) -> str:
    return re.sub(r"^(\d)\.0\.", lambda found: f"mask_fcn{int(found[1]) + 1}.", key)


def retina(key: str) -> str:
    return re.sub(r"conv\.(\d)\.0\.", lambda found: f"conv.{2 * int(found[1])}.", key)


def small_transformer() -> nn.Module:
    module: nn.Module = models.VisionTransformer(
        image_size=8, patch_size=4, num_layers=2, num_heads=2, hidden_dim=8, mlp_dim=16, num_classes=3
    )
    return module


def named(name: str, tensors: dict[str, Tensor], renamed: Renaming) -> "OrderedDict[str, Tensor]":
    return OrderedDict((f"{name}{renamed(key)}", value) for key, value in tensors.items())


@pytest.mark.parametrize(
    ("make", "renamed", "inside"),
    [
        (lambda: models.DenseNet(growth_rate=4, block_config=(2, 2), num_init_features=8, num_classes=3), dense, ""),
        (small_transformer, transformer, ""),
        (small_transformer, transformer, "part."),
        (lambda: FeaturePyramidNetwork([4, 8], 6), pyramid, ""),
        (lambda: RPNHead(6, 2), proposals, "part."),
        (lambda: MaskRCNNHeads(6, (5, 4), 1), masks, "part."),
        (lambda: RetinaNetClassificationHead(6, 2, 3), retina, "part."),
    ],
)
def test_that_a_file_with_names_of_an_earlier_torchvision_is_loaded(
    make: Callable[[], nn.Module], renamed: Renaming, inside: str, tmp_path: Path
) -> None:
    saved, part = make(), make()
    module = nn.ModuleDict({"part": part}) if inside else part
    older = named(inside, saved.state_dict(), renamed)
    assert not older.keys() <= module.state_dict().keys()
    torch.save(older, tmp_path / "older.pth")
    _, notes = finish(load_weights(module, tmp_path / "older.pth", frozenset()))
    assert [note for note in notes if "earlier torchvision" in note]
    for key, value in saved.state_dict().items():
        assert torch.equal(part.state_dict()[key], value), key


def test_that_a_mnasnet_is_loaded_from_tensors_that_tell_no_version(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    saved, module = (models.mnasnet0_5(weights=None, num_classes=2) for _ in range(2))
    save_file(saved.state_dict(), tmp_path / "mnasnet.safetensors")
    finish(load_weights(module, tmp_path / "mnasnet.safetensors", frozenset()))
    assert all(torch.equal(module.state_dict()[key], value) for key, value in saved.state_dict().items())


def test_that_heads_for_training_are_left_out_where_the_network_has_none() -> None:
    class GoogLeNet(nn.Module):
        def __init__(self, heads: bool) -> None:
            super().__init__()
            self.fc = nn.Linear(2, 2)
            self.aux1 = nn.Linear(2, 2) if heads else None
            self.aux2 = nn.Linear(2, 2) if heads else None

    content, notes = with_present_names(GoogLeNet(heads=False), GoogLeNet(heads=True).state_dict())
    assert isinstance(content, dict)
    assert content.keys() == {"fc.weight", "fc.bias"}
    assert "auxiliary heads" in " ".join(notes)
    kept, notes = with_present_names(GoogLeNet(heads=True), GoogLeNet(heads=True).state_dict())
    assert isinstance(kept, dict)
    assert len(kept) == 6
    assert notes == ()


def test_that_what_is_no_plain_state_dict_stays_as_it_is() -> None:
    for content in (None, [1], {1: torch.zeros(1)}):
        assert with_present_names(nn.Linear(1, 1), content)[0] is content
