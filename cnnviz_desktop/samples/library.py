"""Where the sample's files are; imports neither torch nor the renderer."""

from typing import TYPE_CHECKING

from cnnviz_desktop.core.resources import resource_path

if TYPE_CHECKING:
    from pathlib import Path

WEIGHTS_NAME = "sample_weights.safetensors"
DESCRIPTION_NAME = "sample.cnnviz-network.json"

# Pictures from 0 to 1 are normalised with these before the network sees them; one number for each channel.
MEAN = (0.5, 0.5, 0.5)
STD = (0.25, 0.25, 0.25)


def sample_folder() -> "Path":
    """Return the folder that holds the sample network's files and `scenes/`."""
    return resource_path("sample")


def network_description() -> "Path":
    """Return the network description that opens the sample network."""
    return sample_folder() / DESCRIPTION_NAME


def scenes_folder() -> "Path":
    """Return the folder of the shipped scenes: `index.json`, `scene_01.png` and so on, and `masks/`."""
    return sample_folder() / "scenes"
