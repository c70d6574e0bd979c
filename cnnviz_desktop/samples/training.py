"""How the sample network is trained: phases, augmentation, loss and the loop."""

import logging
import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from cnnviz_desktop.samples.dataset import Batch, rendered_ahead
from cnnviz_desktop.samples.evaluation import HELD_OUT_SEED, as_input
from cnnviz_desktop.samples.network import SampleNetwork, build
from cnnviz_desktop.samples.scenes import CLASS_NAMES, SIDE

if TYPE_CHECKING:
    from torch import Tensor

# Seeds of one run are far from those of the next.
_SEEDS_PER_RUN = 1_000_000

_REPORTS = 20


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
    scenes: int = 96_000
    batch: int = 32
    learning_rate: float = 2.5e-3
    weight_decay: float = 0.05
    threads: int = 2


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


def augmented(batch: Batch, side: int, generator: torch.Generator) -> "tuple[Tensor, Tensor]":
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


def loss_of(logits: "Tensor", present: "Tensor") -> "Tensor":
    """Return the binary cross-entropy, summed over classes: each class is found for itself, whatever else is there."""
    return functional.binary_cross_entropy_with_logits(logits, present, reduction="sum") / len(logits)


def fit(settings: Settings, log: logging.Logger) -> SampleNetwork:
    """Train a network on freshly rendered scenes and return it.

    Args:
        settings: what fixes the run.
        log: told of the progress.
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
    progress = _Progress(steps, log)
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
    """Reports the share done, the mean loss since the last report and the time left."""

    def __init__(self, steps: int, log: logging.Logger) -> None:
        self._steps = steps
        self._log = log
        self._every = math.ceil(steps / _REPORTS)
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
        percent = self._done / self._steps * 100
        self._log.info("%4.0f %%  loss %.4f  %4.0f s spent, %4.0f s left", percent, mean, spent, left)
        self._losses.clear()
