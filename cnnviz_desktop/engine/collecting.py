"""When Python collects garbage: a collection holds the interpreter, and with it the window."""

import atexit
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_MANY_MODULES = 50


class SparedImports:
    """Leaves what imported modules hold out of collections.

    It is never garbage, and walking it takes a quarter of a second where torch and torchvision are there. Whatever else
    is alive then is left out as well: it still goes when nothing refers to it, but not where it refers to itself. So
    that happens only after a large library was imported.
    """

    def __init__(self) -> None:
        self._known = 0

    def spare(self) -> None:
        """Leave out what is there now, if many modules have been imported since this was last done."""
        if len(sys.modules) < self._known + _MANY_MODULES:
            return
        gc.collect()
        gc.freeze()
        atexit.register(gc.unfreeze)  # libraries whose objects outlive the process complain of leaks
        self._known = len(sys.modules)

    def forget(self) -> None:
        """Collect everything again, as at the end of the process."""
        gc.unfreeze()
        self._known = 0


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
