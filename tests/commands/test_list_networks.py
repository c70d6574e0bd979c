import json
from collections.abc import Iterator

import pytest
from torchvision import models

from cnnviz_desktop import cli


@pytest.fixture(scope="module", autouse=True)
def _cache_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def listed(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, object]]:
    assert cli.main(["list", "networks", *words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, list)
    return found


def test_that_every_network_of_torchvision_is_listed_with_what_opens_it(capsys: pytest.CaptureFixture[str]) -> None:
    references = [network["reference"] for network in listed(capsys)]
    assert references[0] == "sample"
    for module in (models, models.segmentation, models.detection):
        assert {f"torchvision:{name}@random" for name in models.list_models(module=module)} <= set(references)


def test_that_all_words_of_a_search_are_looked_for(capsys: pytest.CaptureFixture[str]) -> None:
    found = listed(capsys, "ResNet50 segmentation")
    assert [network["name"] for network in found] == ["deeplabv3_resnet50", "fcn_resnet50"]
    assert found[0]["parameters"] == 42_004_074


def test_that_the_text_gives_weights_that_can_be_copied(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "networks", "wide_resnet50_2 torchvision"]) == 0
    text = capsys.readouterr().out
    assert "torchvision:wide_resnet50_2" in text
    assert "IMAGENET1K_V2, IMAGENET1K_V1" in text
    assert "68.9 M" in text


def test_that_a_search_in_vain_says_what_may_have_been_meant(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "networks", "resnet51x"]) == 2
    assert "No network is found by “resnet51x”. Did you mean " in capsys.readouterr().err
