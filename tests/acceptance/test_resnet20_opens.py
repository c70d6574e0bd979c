"""A checkpoint as people have it: DataParallel, saved with its training state, beside the author's own file.

The network is that of github.com/akamaster/pytorch_resnet_cifar10.
"""

import hashlib
from pathlib import Path

import pytest
import torch

from cnnviz_desktop.core.errors import ConsentNeeded
from cnnviz_desktop.engine.networks.opening import open_network
from tests.acceptance.real_data import real_data
from tests.engine.networks.official.finishing import finish


def test_that_the_cifar_resnet20_opens_after_consent_with_its_prefix_taken_off(tmp_path: Path) -> None:
    data = real_data()
    weights = data.folder / "cifar_resnet20.th"
    path = str(data.describe_resnet20(tmp_path))
    with pytest.raises(ConsentNeeded) as caught:
        finish(open_network(path, frozenset(), frozenset()))
    assert caught.value.sha256 == data.program_sha256
    network = finish(open_network(path, {data.program_sha256}, frozenset()))

    assert network.class_names[0] == "airplane"
    assert network.class_names[9] == "truck"
    assert network.weights_sha256 == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert any("“module.” was taken off" in note for note in network.notes)
    assert any("“state_dict”" in note for note in network.notes)
    stored = torch.load(weights, map_location="cpu", weights_only=True)["state_dict"]
    own = network.module.state_dict()
    assert {f"module.{key}" for key in own} == set(stored) | {
        f"module.{key}" for key in own if key.endswith("num_batches_tracked")
    }
    assert all(torch.equal(value, stored[f"module.{key}"]) for key, value in own.items() if f"module.{key}" in stored)
