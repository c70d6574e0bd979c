"""The real pictures and the real trained network that acceptance tests use where they are at hand."""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class RealData:
    """A folder of real pictures and the CIFAR-10 ResNet-20 of its README."""

    folder: Path

    @property
    def classes(self) -> list[str]:
        """CIFAR-10's class names, in order."""
        return (self.folder / "cifar10_classes.txt").read_text("utf-8").split()

    @property
    def program_sha256(self) -> str:
        """Hash of the network's Python file."""
        return hashlib.sha256((self.folder / "cifar_resnet.py").read_bytes()).hexdigest()

    def photo(self, name: str) -> str:
        """Path of a photograph."""
        return str(self.folder / "photos" / name)

    def describe_resnet20(self, folder: Path) -> Path:
        """Write a description of the network, as a user would, and give its path."""
        description = {
            "format": 1,
            "name": "CIFAR ResNet-20",
            "architecture": {
                "file": str(self.folder / "cifar_resnet.py"),
                "factory": "resnet20",
                "arguments": {"num_classes": 10},
            },
            "weights": str(self.folder / "cifar_resnet20.th"),
            "preprocessing": {
                "resize": "stretch",
                "size": [32, 32],
                "mean": [0.485, 0.456, 0.406],
                "std": [0.229, 0.224, 0.225],
            },
            "class_names": str(self.folder / "cifar10_classes.txt"),
        }
        path = folder / "NET.cnnviz-network.json"
        path.write_text(json.dumps(description), "utf-8")
        return path


def real_data() -> RealData:
    """The folder that CNNVIZ_REAL_DATA names; the test is skipped where it names none."""
    named = os.environ.get("CNNVIZ_REAL_DATA")
    if not named:
        pytest.skip("CNNVIZ_REAL_DATA names no folder with the real pictures and network")
    return RealData(Path(named))
