"""An image for every test of the engine."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def image(tmp_path: Path) -> str:
    pixels = np.random.default_rng(0).integers(0, 256, (32, 24, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "noise.png")
    return str(tmp_path / "noise.png")
