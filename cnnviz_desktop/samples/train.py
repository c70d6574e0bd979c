"""Training of the sample network: `python -m cnnviz_desktop.samples.train`."""

import argparse
import logging
import os
import platform
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save

from cnnviz_desktop.samples.evaluation import measure
from cnnviz_desktop.samples.library import WEIGHTS_NAME, sample_folder
from cnnviz_desktop.samples.training import PHASES, Settings, fit

LOG_NAME = "training_log.txt"


def train(settings: Settings, output: Path, held_out: int, log: logging.Logger) -> None:
    """Train, measure, and write the weights.

    Args:
        settings: what fixes the run.
        output: folder to write to.
        held_out: scenes in each measure.
        log: told of the progress and of what was reached.
    """
    versions = {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__}
    log.info("versions: %s", versions)
    log.info("settings: %s", asdict(settings))
    log.info("phases: %s", [asdict(phase) for phase in PHASES])
    wall, cpu = time.perf_counter(), time.process_time()
    network = fit(settings, log)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    parameters = sum(parameter.numel() for parameter in network.parameters())
    log.info("trained %d parameters in %.1f min of wall time", parameters, wall / 60)
    rendering = os.times().children_user + os.times().children_system
    log.info("CPU time: training %.1f min, rendering %.1f min", cpu / 60, rendering / 60)
    log.info("held-out scenes, %d in each measure: %s", held_out, measure(network, held_out))
    tensors = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
    unfinished = output / (WEIGHTS_NAME + ".part")
    # Not `save_file`: its files can be read by their owner alone.
    unfinished.write_bytes(save(tensors))
    unfinished.replace(output / WEIGHTS_NAME)
    log.info("wrote %s, %.2f MB", WEIGHTS_NAME, (output / WEIGHTS_NAME).stat().st_size / 1e6)


@contextmanager
def _log_to(path: Path) -> Iterator[logging.Logger]:
    """Yield a logger that writes to stderr and to a file, which takes its name when all went well."""
    log = logging.getLogger("cnnviz_desktop.samples.train")
    unfinished = path.with_name(path.name + ".part")
    file = logging.FileHandler(unfinished, "w", encoding="utf-8")
    handlers: tuple[logging.Handler, ...] = (logging.StreamHandler(sys.stderr), file)
    level = log.level
    log.setLevel(logging.INFO)
    for handler in handlers:
        log.addHandler(handler)
    try:
        yield log
    finally:
        for handler in handlers:
            log.removeHandler(handler)
        log.setLevel(level)
        file.close()
    unfinished.replace(path)


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
    parser.add_argument("--batch", type=int, default=defaults.batch, help="scenes per step")
    parser.add_argument("--held-out", type=int, default=500, help="scenes in each measure at the end")
    parser.add_argument("--threads", type=int, default=defaults.threads, help="threads of torch")
    options = parser.parse_args(arguments)
    output = options.output or sample_folder()
    output.mkdir(parents=True, exist_ok=True)
    settings = Settings(options.seed, options.scenes, options.batch, threads=options.threads)
    with _log_to(output / LOG_NAME) as log:
        train(settings, output, options.held_out, log)
    return 0


if __name__ == "__main__":
    sys.exit(main())
