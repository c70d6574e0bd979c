"""The small network and a photograph as files."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.commands.made import CLASSES, NETWORK, layers


@pytest.fixture
def network(tmp_path: Path) -> str:
    folder = tmp_path / "network"
    folder.mkdir()
    (folder / "net.py").write_text(NETWORK, encoding="utf-8")
    (folder / "classes.txt").write_text("\n".join(CLASSES), encoding="utf-8")
    torch.save(layers().state_dict(), folder / "net.pth")
    description = {
        "format": 1,
        "name": "Small network",
        "architecture": {"file": "net.py", "factory": "build"},
        "weights": "net.pth",
        "preprocessing": {"size": [24, 32], "mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25]},
        "class_names": "classes.txt",
    }
    path = folder / "net.cnnviz-network.json"
    path.write_text(json.dumps(description), encoding="utf-8")
    return str(path)


@pytest.fixture
def photo(tmp_path: Path) -> str:
    path = tmp_path / "photos" / "dog.png"
    path.parent.mkdir()
    pixels = np.random.default_rng(2).integers(0, 256, (48, 96, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return str(path)
