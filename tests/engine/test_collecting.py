"""Collections of garbage leave imports out, and pause where they are told to."""

import gc
import sys
import types
import weakref

import pytest
from torch import nn

from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.engine.collecting import SparedImports, collection_paused
from cnnviz_desktop.engine.networks import torchvision_models
from cnnviz_desktop.engine.session import EngineSession


class Ring:
    """Refers to itself: only a collection frees it."""

    def __init__(self) -> None:
        self.me = self


def test_that_what_was_imported_is_left_out_until_it_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    frozen, spared = gc.get_freeze_count(), SparedImports()
    try:
        spared.spare(())
        first = gc.get_freeze_count()
        assert first > frozen
        spared.spare(())
        assert gc.get_freeze_count() <= first, "nothing was imported since"
        many = {f"made_{number}": types.ModuleType("made") for number in range(60)}
        monkeypatch.setattr(sys, "modules", {**sys.modules, **many})
        spared.spare(())
        assert gc.get_freeze_count() > first
    finally:
        spared.forget()
    assert gc.get_freeze_count() == 0


def test_that_what_was_left_out_is_collected_once_it_is_in_use_no_more() -> None:
    spared, ring = SparedImports(), Ring()
    gone = weakref.ref(ring)
    try:
        spared.spare((ring,))
        spared.spare((ring,))
        del ring
        gc.collect()
        assert gone() is not None, "left out"
        spared.spare(())
        assert gone() is None
    finally:
        spared.forget()


def test_that_a_closed_network_that_refers_to_itself_goes_when_the_next_one_opens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def build(*_: object) -> nn.Module:
        module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        object.__setattr__(module, "itself", module)
        return module

    monkeypatch.setattr(torchvision_models, "build_torchvision", build)
    session = EngineSession()
    try:
        gone = []
        for name in ("alexnet", "vgg11", "vgg13", "vgg16"):
            list(session.run(Request(method="outline", network=f"torchvision:{name}@random", device="cpu")))
            gone.append(weakref.ref(next(reversed(session._benches.values())).module))
        assert [module() is None for module in gone] == [True, False, False, False]
    finally:
        session.close()


def test_that_garbage_of_later_goes_as_ever() -> None:
    spared = SparedImports()
    try:
        spared.spare(())
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
