"""The training, in a few steps."""

import logging
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from cnnviz_desktop.samples import train
from cnnviz_desktop.samples.dataset import render_batch
from cnnviz_desktop.samples.evaluation import HELD_OUT_SEED, as_input, grad_cam
from cnnviz_desktop.samples.network import build
from cnnviz_desktop.samples.scenes import CLASS_NAMES, render
from cnnviz_desktop.samples.training import Settings, augmented, fit, loss_of, planned


def test_that_the_program_trains_and_writes_weights_and_a_log(tmp_path: Path) -> None:
    assert train.main(["--output", str(tmp_path), "--scenes", "40", "--batch", "10", "--held-out", "4"]) == 0
    weights = load_file(tmp_path / "sample_weights.safetensors")
    build(len(CLASS_NAMES)).load_state_dict(weights)
    assert weights["stem.norm.num_batches_tracked"] == 4
    log = (tmp_path / "training_log.txt").read_text(encoding="utf-8")
    assert "100 %" in log
    assert "accuracy" in log
    assert str(tmp_path) not in log
    assert {path.name for path in tmp_path.iterdir()} == {"sample_weights.safetensors", "training_log.txt"}


def test_that_the_same_seed_trains_the_same_network() -> None:
    settings = Settings(seed=3, scenes=20, batch=10, threads=torch.get_num_threads())
    first, second = (fit(settings, logging.getLogger("quiet")).state_dict() for _ in range(2))
    for name, tensor in first.items():
        torch.testing.assert_close(tensor, second[name])


def test_that_no_scene_is_trained_on_twice_and_none_is_held_out() -> None:
    _, orders = planned(Settings(seed=5))
    seeds = [seed for order, _ in orders for seed in order]
    assert len(set(seeds)) == len(seeds)
    assert max(seeds) < HELD_OUT_SEED


def test_that_steps_on_one_batch_lower_the_loss() -> None:
    torch.manual_seed(0)
    network = build(len(CLASS_NAMES)).train()
    pictures, present = augmented(render_batch(range(8)), 64, torch.Generator().manual_seed(0))
    optimizer = torch.optim.AdamW(network.parameters(), 1e-3)
    losses = []
    for _ in range(8):
        loss = loss_of(network(pictures), present)
        losses.append(float(loss.detach()))
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
    assert losses[-1] < 0.5 * losses[0]


def test_that_a_batch_says_what_is_in_its_scenes() -> None:
    batch = render_batch(range(4, 9), 2)
    for row, seed in enumerate(range(4, 9)):
        scene = render(seed, 2)
        assert np.array_equal(batch.images[row], scene.image)
        assert set(np.nonzero(batch.present[row])[0]) == {item.class_index for item in scene.objects}


def test_that_grad_cam_is_the_class_activation_map_of_a_linear_head() -> None:
    """With a mean and one linear layer behind it, Grad-CAM is that layer's weights on the maps, over their number."""
    network = build(len(CLASS_NAMES)).eval()
    image = render(0, 2).image
    with torch.no_grad():
        maps = network.stage3(network.stage2(network.stage1(network.stem(as_input(image[None])))))[0]
        expected = torch.einsum("k,khw->hw", network.head.fc.weight[4], maps).relu() / maps[0].numel()
        expected = torch.nn.functional.interpolate(expected[None, None], (128, 128), mode="bilinear")[0, 0]
    np.testing.assert_allclose(grad_cam(network, image, [4])[0], expected.numpy(), rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("side", [64, 96, 128])
def test_that_augmentation_keeps_the_targets_and_takes_the_side(side: int) -> None:
    batch = render_batch(range(3))
    pictures, present = augmented(batch, side, torch.Generator().manual_seed(1))
    assert pictures.shape == (3, 3, side, side)
    assert np.array_equal(present.numpy() > 0.5, batch.present)
