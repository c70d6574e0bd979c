"""When Python collects garbage: a collection holds the interpreter, and with it the window."""

import atexit
import gc
import sys
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

_MANY_MODULES = 50


class SparedImports:
    """Leaves what imported modules hold out of collections.

    It is never garbage, and walking it takes a quarter of a second where torch and torchvision are there. Whatever else
    is alive then is left out as well: it still goes when nothing refers to it, but where it refers to itself only by
    `collect`. So that happens only after a large library was imported, and again once a network has outlived its use.
    """

    def __init__(self) -> None:
        self._known = 0
        self._left_out: list[weakref.ref[object]] = []
        atexit.register(gc.unfreeze)  # libraries whose objects outlive the process complain of leaks

    def spare(self, in_use: Iterable[object]) -> None:
        """Leave out what is there now, if many modules have been imported or a network been closed since the last time.

        Args:
            in_use: The networks that are open. One that is not, and was left out, is there because it refers to itself.
        """
        networks = tuple(in_use)
        known = {id(network) for network in networks}
        outlived = any(reference() is not None and id(reference()) not in known for reference in self._left_out)
        if len(sys.modules) >= self._known + _MANY_MODULES or outlived:
            self.collect(networks)
            self._known = len(sys.modules)

    def collect(self, in_use: Iterable[object]) -> None:
        """Collect everything, what was left out before as well, and leave out what is there now.

        Args:
            in_use: The networks that are open.
        """
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        self._left_out = [weakref.ref(network) for network in in_use]

    def forget(self) -> None:
        """Collect everything again, as at the end of the process."""
        gc.unfreeze()
        self._known = 0
        self._left_out = []


@contextmanager
def collection_paused() -> Iterator[None]:
    """No collection inside: for work that makes many small objects and keeps them."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
