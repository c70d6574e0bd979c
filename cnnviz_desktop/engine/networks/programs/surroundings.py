"""What code from outside may change in the process while a network is built, and how it is put back."""

import contextlib
import io
import os
import random
import sys
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import torch

from cnnviz_desktop.engine.networks.programs.program import Program

SEED = 0
"""Networks without a weights file are drawn with this seed, so that a reference always gives the same network."""


@contextmanager
def seeded() -> Iterator[None]:
    """Random generators of Python, numpy and torch start at `SEED` inside and are what they were outside."""
    with ExitStack() as restore:
        restore.callback(random.setstate, random.getstate())
        restore.callback(np.random.set_state, np.random.get_state())
        restore.callback(torch.set_rng_state, torch.get_rng_state())
        if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]  # torch gives it no types
            restore.callback(torch.cuda.set_rng_state_all, torch.cuda.get_rng_state_all())
        random.seed(SEED)
        np.random.seed(SEED)
        torch.default_generator.manual_seed(SEED)  # torch.manual_seed would reach CUDA, which cannot be undone
        yield


@contextmanager
def visiting(program: Program) -> Iterator[io.StringIO]:
    """Python code from outside may run inside; afterwards the process is as it was.

    Put back are the module search path, the working folder, arguments and environment of the process, filters of
    warnings, torch's defaults and the random generators.

    Args:
        program: The code; its file is what ``sys.argv`` holds inside.

    Yields:
        What the code prints.
    """
    printed = io.StringIO()
    with ExitStack() as restore:
        restore.enter_context(seeded())
        restore.enter_context(_torch_defaults())
        restore.enter_context(_process())
        restore.enter_context(warnings.catch_warnings(action="ignore"))
        restore.enter_context(contextlib.redirect_stdout(printed))
        sys.argv = [program.path]
        yield printed


@contextmanager
def _torch_defaults() -> Iterator[None]:
    dtype, device, threads = torch.get_default_dtype(), torch.get_default_device(), torch.get_num_threads()
    with torch.enable_grad():  # leaving it restores what a torch.set_grad_enabled inside has changed
        try:
            yield
        finally:
            torch.set_default_dtype(dtype)
            if torch.get_default_device() != device:
                torch.set_default_device(device)
            if torch.get_num_threads() != threads:
                torch.set_num_threads(threads)


@contextmanager
def _process() -> Iterator[None]:
    path, arguments, bytecode = sys.path.copy(), sys.argv, sys.dont_write_bytecode
    environment, folder = dict(os.environ), _working_folder()
    sys.dont_write_bytecode = True  # a network's folder may be anybody's: nothing is written there
    try:
        yield
    finally:
        sys.path[:], sys.argv, sys.dont_write_bytecode = path, arguments, bytecode
        for key in set(os.environ) - set(environment):
            del os.environ[key]
        os.environ.update({key: value for key, value in environment.items() if os.environ.get(key) != value})
        if folder is not None and folder != _working_folder():
            os.chdir(folder)


def _working_folder() -> Path | None:
    try:
        return Path.cwd()
    except FileNotFoundError:  # it was deleted after the program had started there
        return None
