"""Collections of garbage leave imports out, and pause where they are told to."""

import gc
import sys
import types
import weakref

import pytest

from cnnviz_desktop.engine.collecting import SparedImports, collection_paused


class Ring:
    """Refers to itself: only a collection frees it."""

    def __init__(self) -> None:
        self.me = self


def test_that_what_was_imported_is_left_out_until_it_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    frozen, spared = gc.get_freeze_count(), SparedImports()
    try:
        spared.spare()
        first = gc.get_freeze_count()
        assert first > frozen
        spared.spare()
        assert gc.get_freeze_count() <= first, "nothing was imported since"
        many = {f"made_{number}": types.ModuleType("made") for number in range(60)}
        monkeypatch.setattr(sys, "modules", {**sys.modules, **many})
        spared.spare()
        assert gc.get_freeze_count() > first
    finally:
        spared.forget()
    assert gc.get_freeze_count() == 0


def test_that_garbage_of_later_goes_as_ever() -> None:
    spared = SparedImports()
    try:
        spared.spare()
        gone = weakref.ref(Ring())
        gc.collect()
        assert gone() is None
    finally:
        spared.forget()


def test_that_a_pause_ends_even_when_the_work_fails() -> None:
    def fail() -> None:
        with collection_paused():
            assert not gc.isenabled()
            raise ValueError("work")

    with pytest.raises(ValueError, match="work"):
        fail()
    assert gc.isenabled()
    gc.disable()
    try:
        with collection_paused():
            pass
        assert not gc.isenabled(), "it was off before"
    finally:
        gc.enable()
