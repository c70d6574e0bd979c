"""What a tutorial's script does for the same heat map: torch, torchvision, pytorch-grad-cam and matplotlib."""

import io
import json
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image
from pytorch_grad_cam import GradCAM
from pytorch_grad_cam.utils.image import show_cam_on_image
from safetensors.torch import load_file
from torchvision import transforms

from cnnviz_desktop.samples.network import build

SAMPLE = Path(__file__).parents[2] / "resources" / "sample"


def main() -> None:
    """Draw the sample's first heat map to a file in memory."""
    description = json.loads((SAMPLE / "sample.cnnviz-network.json").read_text("utf-8"))
    network = build(**description["architecture"]["arguments"]).eval()
    network.load_state_dict(load_file(SAMPLE / description["weights"]))
    image = Image.open(SAMPLE / "scenes" / "scene_01.png").convert("RGB")
    preprocessing = description["preprocessing"]
    steps = [transforms.Resize(preprocessing["size"]), transforms.ToTensor()]
    batch = transforms.Compose([*steps, transforms.Normalize(preprocessing["mean"], preprocessing["std"])])(image)[None]
    layer = [part for part in network.modules() if type(part).__name__ == "ResidualBlock"][-1]
    with GradCAM(model=network, target_layers=[layer]) as cam:
        heat = cam(input_tensor=batch, targets=None)[0]
    figure, axes = plt.subplots(1, 2)
    axes[0].imshow(image)
    axes[1].imshow(show_cam_on_image(np.asarray(image, dtype=np.float32) / 255, heat, use_rgb=True))
    figure.savefig(io.BytesIO(), format="png")


if __name__ == "__main__":
    main()
