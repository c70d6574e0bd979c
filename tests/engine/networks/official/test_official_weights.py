"""Official weights on their way into a network: asked for, found, checked on every use."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from cnnviz_desktop.core.description import NetworkDescription
from cnnviz_desktop.core.errors import NetworkError, WeightsNeeded
from cnnviz_desktop.core.references import described
from cnnviz_desktop.core.weights_folder import noted_sha256
from cnnviz_desktop.engine.networks.official import pretrained
from cnnviz_desktop.engine.networks.official.pretrained import official_weights
from cnnviz_desktop.engine.networks.opening import open_network
from tests.engine.networks.official.finishing import finish

REFERENCE = "torchvision:squeezenet1_1@IMAGENET1K_V1"


@pytest.fixture
def kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of random weights that lies where torchvision's own would, under the hash that it has."""
    from torchvision import models

    folder.mkdir(parents=True)
    path = folder / "squeezenet1_1-b8a52dc0.pth"
    torch.save(models.squeezenet1_1().state_dict(), path)
    digits = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    official = replace(official_weights(described(REFERENCE)), digits=digits)
    own = pretrained.trained_weights

    def trained(description: NetworkDescription) -> pretrained.TrainedWeights:
        told = own(description)
        assert told.official.file_name == path.name
        return replace(told, official=official)

    monkeypatch.setattr(pretrained, "trained_weights", trained)
    return path


@pytest.mark.usefixtures("folder")
def test_that_weights_that_are_not_here_are_asked_for_and_nothing_is_downloaded(folder: Path) -> None:
    with pytest.raises(WeightsNeeded) as caught:
        finish(open_network(REFERENCE, frozenset(), frozenset()))
    assert caught.value.weights.url == "https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth"
    assert (caught.value.weights.digits, caught.value.folder) == ("b8a52dc0", str(folder))
    assert not folder.exists()


def test_that_using_weights_notes_their_hash_and_refuses_them_once_they_change(kept: Path) -> None:
    sha256 = hashlib.sha256(kept.read_bytes()).hexdigest()
    network = finish(open_network(REFERENCE, frozenset(), frozenset()))
    assert network.weights_sha256 == noted_sha256(kept) == sha256
    weights = torch.load(kept)
    weights["classifier.1.bias"][0] += 1
    torch.save(weights, kept)
    with pytest.raises(NetworkError, match="is not what its publisher offers"):
        finish(open_network(REFERENCE, frozenset(), frozenset()))
