"""A checkpoint as people have it: DataParallel, saved with its training state, beside the author's own file.

CNNVIZ_REAL_DATA names a folder with cifar_resnet.py, cifar_resnet20.th (github.com/akamaster/pytorch_resnet_cifar10)
and cifar10_classes.txt.
"""

import hashlib
import json
import os
from pathlib import Path

import pytest
import torch

from cnnviz_desktop.core.errors import ConsentNeeded
from cnnviz_desktop.engine.networks.opening import open_network
from tests.engine.networks.finishing import finish


@pytest.fixture
def real_data() -> Path:
    folder = os.environ.get("CNNVIZ_REAL_DATA")
    if not folder:
        pytest.skip("CNNVIZ_REAL_DATA is not set")
    return Path(folder)


def test_that_the_cifar_resnet20_opens_after_consent_with_its_prefix_taken_off(real_data: Path, tmp_path: Path) -> None:
    description = {
        "format": 1,
        "name": "CIFAR ResNet-20",
        "architecture": {
            "file": str(real_data / "cifar_resnet.py"),
            "factory": "resnet20",
            "arguments": {"num_classes": 10},
        },
        "weights": str(real_data / "cifar_resnet20.th"),
        "preprocessing": {"size": [32, 32]},
        "class_names": str(real_data / "cifar10_classes.txt"),
    }
    path = tmp_path / "resnet20.cnnviz-network.json"
    path.write_text(json.dumps(description))
    with pytest.raises(ConsentNeeded) as caught:
        finish(open_network(str(path), frozenset(), frozenset()))
    network = finish(open_network(str(path), {caught.value.sha256}, frozenset()))

    assert network.class_names[0] == "airplane"
    assert network.class_names[9] == "truck"
    assert network.weights_sha256 == hashlib.sha256((real_data / "cifar_resnet20.th").read_bytes()).hexdigest()
    assert any("“module.” was taken off" in note for note in network.notes)
    assert any("“state_dict”" in note for note in network.notes)
    stored = torch.load(real_data / "cifar_resnet20.th", map_location="cpu", weights_only=True)["state_dict"]
    own = network.module.state_dict()
    assert {f"module.{key}" for key in own} == set(stored) | {
        f"module.{key}" for key in own if key.endswith("num_batches_tracked")
    }
    assert all(torch.equal(value, stored[f"module.{key}"]) for key, value in own.items() if f"module.{key}" in stored)
