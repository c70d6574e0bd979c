"""Folders that transformers itself writes, with small random networks in them."""

import json
import logging
import sys
from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import (
    BertConfig,
    BertModel,
    ConvNextConfig,
    ConvNextForImageClassification,
    PreTrainedModel,
    ResNetConfig,
    ResNetForImageClassification,
    ViTConfig,
    ViTForImageClassification,
    ViTImageProcessor,
    ViTModel,
)

from cnnviz_desktop.core.description import Architecture, NetworkDescription
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import FeatureMaps, HeatMap, Result
from cnnviz_desktop.engine.networks.loaded import LoadedNetwork
from cnnviz_desktop.engine.networks.opening import open_network
from cnnviz_desktop.engine.session import EngineSession
from tests.engine.networks.no_connections import refuse_connections
from tests.engine.networks.official.finishing import finish

NAMES = {0: "cat", 1: "dog", 2: "owl"}
MADE = ("resnet", "convnext", "vit")


@pytest.fixture(autouse=True)
def _no_bars_that_outlive_a_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tqdm.tqdm.monitor_interval", 0)  # save_pretrained shows one, and a thread watches it


def made(kind: str) -> PreTrainedModel:
    """A small image classifier of three classes with random weights."""
    torch.manual_seed(3)
    module: PreTrainedModel
    if kind == "resnet":
        module = ResNetForImageClassification(
            ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], layer_type="basic", id2label=NAMES)
        )
    elif kind == "convnext":
        module = ConvNextForImageClassification(
            ConvNextConfig(hidden_sizes=[8, 8, 8, 16], depths=[1, 1, 1, 1], layer_scale_init_value=1.0, id2label=NAMES)
        )
    else:
        module = ViTForImageClassification(vit())
    with torch.no_grad():
        for part in module.modules():
            if isinstance(part, nn.Conv2d | nn.Linear):
                nn.init.normal_(part.weight, 0, 0.1)
    module.train(mode=False)
    return module


def vit() -> ViTConfig:
    return ViTConfig(
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        image_size=32,
        patch_size=8,
        id2label=NAMES,
    )


def saved(kind: str, folder: Path) -> PreTrainedModel:
    module = made(kind)
    module.save_pretrained(folder)
    ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(folder)
    return module


def described(folder: Path) -> NetworkDescription:
    return NetworkDescription(format=1, name="saved", architecture=Architecture(huggingface=str(folder)))


def opened(folder: Path) -> LoadedNetwork:
    return finish(open_network(described(folder), frozenset(), frozenset()))


def answer(folder: Path, method: str, **fields: object) -> list[Result]:
    request = Request(method=method, network=str(folder), images=("sample:scene_01",), device="cpu", **fields)  # type: ignore[arg-type]  # fields of the request
    return list(EngineSession().run(request))


@pytest.mark.parametrize("kind", MADE)
def test_that_a_folder_gives_the_network_its_classes_and_its_recipe(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    theirs = saved(kind, tmp_path)
    asked = refuse_connections(monkeypatch)
    capfd.readouterr()
    network = opened(tmp_path)
    assert asked == []
    assert capfd.readouterr() == ("", "")
    assert network.class_names == ("cat", "dog", "owl")
    recipe = network.preprocessing
    assert (recipe.resize, recipe.size, recipe.interpolation) == ("stretch", (32, 32), "bilinear")
    assert recipe.mean == recipe.std == (0.5, 0.5, 0.5)
    assert network.notes == ()
    assert len(network.weights_sha256) == 64
    picture = torch.rand(2, 3, 32, 32)
    with torch.no_grad():
        assert torch.allclose(network.module(picture).logits, theirs(picture).logits, atol=1e-6)


@pytest.mark.parametrize("kind", MADE)
def test_that_maps_and_heat_maps_of_it_are_shown(kind: str, tmp_path: Path) -> None:
    saved(kind, tmp_path)
    (outline,) = [each for each in answer(tmp_path, "outline") if isinstance(each, Outline)]
    assert outline.suggested
    assert outline.classes == 3
    maps = [each for each in answer(tmp_path, "feature_maps") if isinstance(each, FeatureMaps)]
    assert maps[0].maps.std() > 0
    (heat_map,) = [each for each in answer(tmp_path, "gradcam") if isinstance(each, HeatMap)]
    assert heat_map.raw.std() > 0
    assert heat_map.explained.class_name in NAMES.values()


def test_that_pickled_weights_are_read_safely(tmp_path: Path) -> None:
    module = saved("resnet", tmp_path)
    (tmp_path / "model.safetensors").unlink()
    torch.save(module.state_dict(), tmp_path / "pytorch_model.bin")
    network = opened(tmp_path)
    picture = torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        assert torch.allclose(network.module(picture).logits, module(picture).logits, atol=1e-6)


class Marks:
    """Leaves a file where it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.path,)


def test_that_nothing_of_pickled_weights_runs(tmp_path: Path) -> None:
    saved("resnet", tmp_path)
    (tmp_path / "model.safetensors").unlink()
    torch.save({"weight": Marks(tmp_path / "ran")}, tmp_path / "pytorch_model.bin")
    with pytest.raises(NetworkError, match="holds more than tensors"):
        opened(tmp_path)
    assert not (tmp_path / "ran").exists()


def test_that_weights_in_several_files_are_read(tmp_path: Path) -> None:
    module = made("vit")
    module.save_pretrained(tmp_path, max_shard_size="10KB")
    assert len(list(tmp_path.glob("*.safetensors"))) > 1
    network = opened(tmp_path)
    picture = torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        assert torch.allclose(network.module(picture).logits, module(picture).logits, atol=1e-6)
    next(tmp_path.glob("*.safetensors")).unlink()
    with pytest.raises(NetworkError, match="not whole"):
        opened(tmp_path)


def test_that_a_folder_without_a_processor_says_how_pictures_are_prepared(tmp_path: Path) -> None:
    made("resnet").save_pretrained(tmp_path)
    assert "as for ImageNet" in " ".join(opened(tmp_path).notes)


def test_that_labels_that_transformers_made_up_are_no_names(tmp_path: Path) -> None:
    ResNetForImageClassification(
        ResNetConfig(embedding_size=8, hidden_sizes=[8], depths=[1], layer_type="basic")
    ).save_pretrained(tmp_path)
    assert opened(tmp_path).class_names == ()


def test_that_code_that_comes_with_a_network_is_not_run(tmp_path: Path) -> None:
    saved("resnet", tmp_path)
    (tmp_path / "modeling_own.py").write_text(f"from pathlib import Path\nPath({str(tmp_path / 'ran')!r}).touch()\n")
    config = json.loads((tmp_path / "config.json").read_text())
    config |= {"model_type": "own", "auto_map": {"AutoModelForImageClassification": "modeling_own.Own"}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(NetworkError, match="auto_map"):
        opened(tmp_path)
    processor = json.loads((tmp_path / "preprocessor_config.json").read_text())
    processor |= {"image_processor_type": "Own", "auto_map": {"AutoImageProcessor": "modeling_own.Own"}}
    made("resnet").save_pretrained(tmp_path)
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(processor))
    assert "cannot be used" in " ".join(opened(tmp_path).notes)
    assert not (tmp_path / "ran").exists()


def test_that_a_network_without_its_classifier_is_refused(tmp_path: Path) -> None:
    ViTModel(vit()).save_pretrained(tmp_path)
    with pytest.raises(NetworkError, match=r"lack classifier\.bias, classifier\.weight"):
        opened(tmp_path)


def test_that_a_network_of_another_kind_is_refused(tmp_path: Path) -> None:
    BertModel(
        BertConfig(hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8, vocab_size=9)
    ).save_pretrained(tmp_path)
    with pytest.raises(NetworkError, match=r"cannot open .* as an image classifier"):
        opened(tmp_path)


@pytest.mark.parametrize(
    ("file", "content", "sentence"),
    [
        ("config.json", b"{", "damaged"),
        ("config.json", b"[]", "no JSON object"),
        ("model.safetensors", None, "no weights"),
        ("model.safetensors", b"\x08\0\0\0\0\0\0\0{}      ", "lack|cannot open"),
        ("model.safetensors", b"nothing of the kind", "cannot open"),
    ],
)
def test_that_a_broken_folder_is_told(file: str, content: bytes | None, sentence: str, tmp_path: Path) -> None:
    saved("resnet", tmp_path)
    if content is None:
        (tmp_path / file).unlink()
    else:
        (tmp_path / file).write_bytes(content)
    with pytest.raises(NetworkError, match=sentence):
        opened(tmp_path)


def test_that_the_words_of_transformers_are_as_loud_as_before(tmp_path: Path) -> None:
    from transformers.utils import logging as words

    saved("resnet", tmp_path)
    before = words.get_verbosity(), words.is_progress_bar_enabled()
    opened(tmp_path)
    assert (words.get_verbosity(), words.is_progress_bar_enabled()) == before
    assert logging.getLogger("transformers").level != logging.CRITICAL


def test_that_without_transformers_it_is_said_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved("resnet", tmp_path)
    monkeypatch.setitem(sys.modules, "transformers", None)
    monkeypatch.setitem(sys.modules, "transformers.utils", None)
    with pytest.raises(NetworkError, match="uv sync --extra huggingface"):
        opened(tmp_path)


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("architecture", {"model_type": "timm_wrapper", "architecture": "hf_hub:somebody/network"}),
        ("checkpoint_path", {"model_type": "timm_wrapper", "model_args": {"checkpoint_path": "elsewhere.pth"}}),
        ("pretrained_cfg_overlay", {"model_type": "timm_wrapper", "model_args": {"pretrained_cfg_overlay": {"a": 1}}}),
        ("attn_implementation", {"attn_implementation": "somebody/kernel"}),
        ("_attn_implementation", {"parts": [{"_attn_implementation": {"": "somebody/kernel"}}]}),
        ("use_pretrained_backbone", {"backbone_config": {"use_pretrained_backbone": True}}),
    ],
)
def test_that_nothing_is_fetched_or_run_from_elsewhere(
    tmp_path: Path, key: str, changes: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    saved("resnet", tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | changes))
    monkeypatch.setattr("transformers.AutoModelForImageClassification.from_pretrained", None)
    with pytest.raises(NetworkError, match=f"“{key}” in config.json names something that does not lie in the folder"):
        opened(tmp_path)


def test_that_a_folder_of_an_adapter_is_refused(tmp_path: Path) -> None:
    saved("resnet", tmp_path)
    (tmp_path / "adapter_config.json").write_text('{"base_model_name_or_path": "somebody/network"}')
    with pytest.raises(NetworkError, match=r"adapter_config\.json names something"):
        opened(tmp_path)
