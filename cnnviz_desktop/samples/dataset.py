"""Batches of scenes for training and measuring, rendered ahead in a second process."""

import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cnnviz_desktop.samples.scenes import CLASS_NAMES, SIDE, render

if TYPE_CHECKING:
    from concurrent.futures import Future

# Of ten mixed scenes four hold one object, four two, two three; the seed's last digit decides.
_MIXTURE = (1, 2, 1, 2, 3, 1, 2, 1, 2, 3)

# Batches rendered ahead of the one in use.
_AHEAD = 6


@dataclass(frozen=True, eq=False)
class Batch:
    """Pictures and what is in them.

    Attributes:
        images: (N, 128, 128, 3) uint8, RGB.
        present: (N, classes) bool, true for the classes that are in the picture.
    """

    images: NDArray[np.uint8]
    present: NDArray[np.bool_]


def render_batch(seeds: Sequence[int], objects: int | None = None) -> Batch:
    """Render one scene for each seed.

    Args:
        seeds: seeds of the scenes.
        objects: objects in each scene; None for a mixture of one to three.
    """
    images = np.empty((len(seeds), SIDE, SIDE, 3), np.uint8)
    present = np.zeros((len(seeds), len(CLASS_NAMES)), np.bool_)
    for row, seed in enumerate(seeds):
        scene = render(seed, objects if objects is not None else _MIXTURE[seed % len(_MIXTURE)])
        images[row] = scene.image
        for item in scene.objects:
            present[row, item.class_index] = True
    return Batch(images, present)


def rendered_ahead(orders: Iterable[tuple[Sequence[int], int | None]]) -> Iterator[Batch]:
    """Yield batches in the order asked for, while a second process renders the next ones.

    Args:
        orders: the arguments of `render_batch` for each batch.
    """
    # One thread is fastest for the small matrices of the renderer, and leaves the cores to the training.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        waiting: deque[Future[Batch]] = deque()
        for seeds, objects in orders:
            waiting.append(pool.submit(render_batch, seeds, objects))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
