"""Writing of the shipped scenes, class names and network description: `python -m cnnviz_desktop.samples.export`."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from cnnviz_desktop.samples.library import DESCRIPTION_NAME, MEAN, STD, WEIGHTS_NAME, sample_folder
from cnnviz_desktop.samples.scenes import CLASS_NAMES, SIDE, Scene, render

CLASSES_NAME = "sample_classes.txt"

# Seed and number of objects of scene_01, scene_02 and so on; chosen by eye among those the network is right about.
SHIPPED: tuple[tuple[int, int], ...] = (
    (2217, 2),
    (2522, 2),
    (2477, 2),
    (2292, 2),
    (4444, 2),
    (2355, 2),
    (2064, 2),
    (3199, 3),
    (3284, 3),
    (2678, 1),
    (2623, 1),
    (2602, 1),
)


def write_sample(folder: Path) -> None:
    """Write everything but the weights and the training log.

    Args:
        folder: made when missing; files of the same names are replaced.
    """
    masks = folder / "scenes" / "masks"
    masks.mkdir(parents=True, exist_ok=True)
    index = [
        _write_scene(masks.parent, f"scene_{number:02d}", render(seed, objects))
        for number, (seed, objects) in enumerate(SHIPPED, start=1)
    ]
    _write_json(masks.parent / "index.json", index)
    (folder / CLASSES_NAME).write_text("".join(f"{name}\n" for name in CLASS_NAMES), encoding="utf-8")
    _write_json(folder / DESCRIPTION_NAME, description())


def description() -> dict[str, object]:
    """Return the network description of the sample, format 1."""
    return {
        "format": 1,
        "name": "Sample network",
        "architecture": {
            "module": "cnnviz_desktop.samples.network",
            "factory": "build",
            "arguments": {"num_classes": len(CLASS_NAMES)},
        },
        "weights": WEIGHTS_NAME,
        "preprocessing": {"resize": "stretch", "size": [SIDE, SIDE], "mean": list(MEAN), "std": list(STD)},
        "class_names": CLASSES_NAME,
    }


def _write_scene(folder: Path, stem: str, scene: Scene) -> dict[str, object]:
    """Write a scene and its masks and return its entry of the index."""
    Image.fromarray(scene.image).save(folder / f"{stem}.png", optimize=True)
    objects = []
    for item in scene.objects:
        mask = f"masks/{stem}_{item.class_name}.png"
        Image.fromarray(item.mask.astype(np.uint8) * np.uint8(255)).save(folder / mask, optimize=True)
        objects.append({"class": item.class_name, "mask": mask})
    return {"file": f"{stem}.png", "seed": scene.seed, "objects": objects}


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the sample's files from the command line.

    Args:
        arguments: command line without the program's name.
    """
    parser = argparse.ArgumentParser(prog="python -m cnnviz_desktop.samples.export", description=__doc__)
    parser.add_argument("--output", type=Path, default=None, help="folder to write to (the sample's own)")
    write_sample(parser.parse_args(arguments).output or sample_folder())
    return 0


if __name__ == "__main__":
    sys.exit(main())
