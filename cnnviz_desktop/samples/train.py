"""Training of the sample network: `python -m cnnviz_desktop.samples.train`."""

import argparse
import logging
import math
import platform
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional

from cnnviz_desktop.samples.dataset import Batch, rendered_ahead
from cnnviz_desktop.samples.evaluation import HELD_OUT_SEED, as_input, measure
from cnnviz_desktop.samples.library import WEIGHTS_NAME, sample_folder
from cnnviz_desktop.samples.network import SampleNetwork, build
from cnnviz_desktop.samples.scenes import CLASS_NAMES, SIDE

_LOG = logging.getLogger(__name__)

LOG_NAME = "training_log.txt"

# Seeds of one run are far from those of the next.
_SEEDS_PER_RUN = 1_000_000


@dataclass(frozen=True)
class Phase:
    """A part of the training.

    Attributes:
        share: of all scenes, 0 to 1.
        side: pixels a side that the scenes are reduced to.
        objects: objects in each scene; None for a mixture of one to three.
    """

    share: float
    side: int
    objects: int | None


# Small pictures of single things first: a network learns more from a second of these.
PHASES = (Phase(0.3, 64, 1), Phase(0.3, 96, None), Phase(0.4, SIDE, None))


@dataclass(frozen=True)
class Settings:
    """What fixes a training run.

    Attributes:
        seed: of the first weights, the scenes and the augmentation.
        scenes: scenes rendered in all; each is shown once.
        batch: scenes per step.
        learning_rate: highest rate of the one-cycle schedule.
        weight_decay: of AdamW.
        threads: of torch.
    """

    seed: int = 0
    scenes: int = 128_000
    batch: int = 32
    learning_rate: float = 2.5e-3
    weight_decay: float = 0.05
    threads: int = 2


def augmented(batch: Batch, side: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return normalised pictures (N, 3, side, side), flipped and changed in contrast and brightness, and targets.

    Args:
        batch: rendered scenes.
        side: pixels a side of the answer.
        generator: source of randomness.
    """
    pictures = as_input(batch.images)
    if side != SIDE:
        pictures = functional.interpolate(pictures, (side, side), mode="bilinear", antialias=True)
    count = len(pictures)
    flipped = torch.rand(count, generator=generator) < 0.5
    pictures = torch.where(flipped.view(-1, 1, 1, 1), pictures.flip(3), pictures)
    contrast = 1 + (torch.rand(count, 1, 1, 1, generator=generator) - 0.5) * 0.4
    brightness = (torch.rand(count, 1, 1, 1, generator=generator) - 0.5) * 0.6
    pictures = (pictures * contrast + brightness).contiguous(memory_format=torch.channels_last)
    return pictures, torch.from_numpy(batch.present).float()


def loss_of(logits: Tensor, present: Tensor) -> Tensor:
    """Return the binary cross-entropy, summed over classes: each class is found for itself, whatever else is there."""
    return functional.binary_cross_entropy_with_logits(logits, present, reduction="sum") / len(logits)


def planned(settings: Settings) -> tuple[list[int], list[tuple[range, int | None]]]:
    """Return, for every step, the side of its pictures, and the seeds and number of objects of its scenes."""
    sides: list[int] = []
    orders: list[tuple[range, int | None]] = []
    seed = (settings.seed * _SEEDS_PER_RUN) % HELD_OUT_SEED
    for phase in PHASES:
        for _ in range(round(settings.scenes * phase.share / settings.batch)):
            sides.append(phase.side)
            orders.append((range(seed, seed + settings.batch), phase.objects))
            seed += settings.batch
    return sides, orders


def fit(settings: Settings) -> SampleNetwork:
    """Train a network on freshly rendered scenes and return it.

    Args:
        settings: what fixes the run.
    """
    torch.manual_seed(settings.seed)
    torch.set_num_threads(settings.threads)
    generator = torch.Generator().manual_seed(settings.seed)
    network = build(len(CLASS_NAMES)).to(memory_format=torch.channels_last)
    network.train()
    sides, orders = planned(settings)
    steps = len(orders)
    optimizer = torch.optim.AdamW(network.parameters(), settings.learning_rate, weight_decay=settings.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, settings.learning_rate, steps + 1, pct_start=0.15)
    progress = _Progress(steps)
    for side, batch in zip(sides, rendered_ahead(orders), strict=True):
        pictures, present = augmented(batch, side, generator)
        loss = loss_of(network(pictures), present)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        schedule.step()
        progress.step(float(loss.detach()))
    return network


class _Progress:
    """Logs twenty lines in a run: share done, mean loss since the last line, time left."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._every = math.ceil(steps / 20)
        self._done = 0
        self._losses: list[float] = []
        self._start = time.perf_counter()

    def step(self, loss: float) -> None:
        """Count one step."""
        self._done += 1
        self._losses.append(loss)
        if self._done % self._every and self._done != self._steps:
            return
        spent = time.perf_counter() - self._start
        left = spent / self._done * (self._steps - self._done)
        mean = sum(self._losses) / len(self._losses)
        share = self._done / self._steps
        _LOG.info("%4.0f %%  loss %.4f  %4.0f s spent, %4.0f s left", share * 100, mean, spent, left)
        self._losses.clear()


def train(settings: Settings, output: Path) -> None:
    """Train, measure, and write the weights into the folder `output`."""
    versions = {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__}
    _LOG.info("versions: %s", versions)
    _LOG.info("settings: %s", asdict(settings))
    wall, cpu = time.perf_counter(), time.process_time()
    network = fit(settings)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    parameters = sum(parameter.numel() for parameter in network.parameters())
    _LOG.info("trained %d parameters in %.1f min; the process used %.1f min of CPU", parameters, wall / 60, cpu / 60)
    _LOG.info("held-out scenes: %s", measure(network))
    tensors = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    unfinished = output / (WEIGHTS_NAME + ".part")
    save_file(tensors, unfinished)
    unfinished.replace(output / WEIGHTS_NAME)
    _LOG.info("wrote %s, %.2f MB", WEIGHTS_NAME, (output / WEIGHTS_NAME).stat().st_size / 1e6)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the training from the command line.

    Args:
        arguments: command line without the program's name.
    """
    defaults = Settings()
    parser = argparse.ArgumentParser(prog="python -m cnnviz_desktop.samples.train", description=__doc__)
    parser.add_argument("--output", type=Path, default=None, help="folder for weights and log (the sample's own)")
    parser.add_argument("--seed", type=int, default=defaults.seed)
    parser.add_argument("--scenes", type=int, default=defaults.scenes, help="scenes to train on")
    parser.add_argument("--threads", type=int, default=defaults.threads)
    options = parser.parse_args(arguments)
    output = options.output or sample_folder()
    output.mkdir(parents=True, exist_ok=True)
    unfinished = output / (LOG_NAME + ".part")
    handlers: list[logging.Handler] = [
        logging.StreamHandler(sys.stderr),
        logging.FileHandler(unfinished, "w", encoding="utf-8"),
    ]
    logging.basicConfig(level=logging.INFO, format="%(message)s", handlers=handlers)
    train(Settings(seed=options.seed, scenes=options.scenes, threads=options.threads), output)
    logging.shutdown()
    unfinished.replace(output / LOG_NAME)
    return 0


if __name__ == "__main__":
    sys.exit(main())
