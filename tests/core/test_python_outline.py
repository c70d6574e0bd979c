import inspect
from pathlib import Path
from textwrap import dedent

import pytest
import torchvision.models.resnet
import torchvision.models.vgg

from cnnviz_desktop.core.python_outline import Factory, NotPython, Parameter, factories_in

NETS = dedent('''
    """Networks of mine."""
    import enum
    from torch import nn
    from torch.utils.data import Dataset
    from .others import Elsewhere, _hidden, helper as renamed
    from . import *

    class Size(enum.Enum):
        SMALL = 1

    class Pictures(Dataset):
        def __init__(self, folder): ...

    class Plain:
        def forward(self, x): ...

    class Block(nn.Module):
        """A part."""
        def __init__(self, width): ...

    class Base(nn.Module):
        def __init__(self, width=8, *, depth: int, act=nn.ReLU(inplace=True), **more): ...

    class Net(Base):
        """The network.

        More about it."""
        def forward(self, x): return Block(3)(x)

        class Small(nn.Module):
            pass

    class Odd(Elsewhere):
        pass

    class _Private(nn.Module):
        pass

    class Loop(Loop):
        def forward(self): ...

    def helper(x, /, y, z=[1, 2]): return y

    def build(num_classes: int = 10, *rest, name: str) -> "nn.Module":
        """Make it."""

    def make():
        net = Net(depth=1)
        net.eval()
        return net

    async def later(): return Net()
    def _inner(): return Net()

    ready = Net(depth=3)
    other = ready
    if True:
        conditional = nn.Sequential(nn.ReLU())
    try:
        def tried(): return Net()
    except ImportError:
        tried = None
    if __name__ == "__main__":
        script = Net()
''')


def test_that_likely_factories_come_first_and_what_is_no_network_is_left_out() -> None:
    names = [factory.name for factory in factories_in(NETS)]
    assert names[:5] == ["build", "make", "ready", "conditional", "tried"]
    assert names[5:8] == ["Net", "Net.Small", "Loop"]
    assert names[8:10] == ["Block", "Base"]
    assert names[10:] == ["Odd", "Elsewhere", "renamed", "helper"]


def test_that_parameters_are_told_with_their_defaults_as_they_are_written() -> None:
    found = {factory.name: factory for factory in factories_in(NETS)}
    inherited = (Parameter("width", "8"), Parameter("depth"), Parameter("act", "nn.ReLU(inplace=True)"))
    assert found["Net"] == Factory("Net", inherited, is_class=True, summary="The network.")
    assert found["build"] == Factory("build", (Parameter("num_classes", "10"), Parameter("name")), summary="Make it.")
    assert found["helper"].parameters == (Parameter("y"), Parameter("z", "[1, 2]"))
    assert found["ready"] == Factory("ready")


@pytest.mark.parametrize("module", [torchvision.models.resnet, torchvision.models.vgg])
def test_that_what_is_read_agrees_with_what_python_says_of_the_module(module: object) -> None:
    """An independent answer: inspect, on a module that has run."""
    source = Path(inspect.getfile(module)).read_bytes()  # type: ignore[arg-type]  # both are modules
    found = {factory.name: factory for factory in factories_in(source)}
    networks = [name for name in module.__all__ if inspect.isfunction(getattr(module, name))]  # type: ignore[attr-defined]
    assert networks
    likeliest = [factory.name for factory in factories_in(source)][: len(networks)]
    assert sorted(likeliest) == sorted(networks)
    for name, factory in found.items():
        value = getattr(module, name)
        if name not in module.__all__:  # type: ignore[attr-defined]  # as above
            continue
        assert inspect.isclass(value) == factory.is_class
        signature = inspect.signature(inspect.unwrap(value))
        wanted = [
            (each.name, each.default is inspect.Parameter.empty)
            for each in signature.parameters.values()
            if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)
        ]
        assert [(each.name, each.default is None) for each in factory.parameters] == wanted


@pytest.mark.parametrize("source", [b"def (", b"\0", b"# -*- coding: nothing -*-", "(" * 100_000])
def test_that_what_is_no_python_is_told(source: bytes | str) -> None:
    with pytest.raises(NotPython, match=r".+"):
        factories_in(source)


def test_that_nothing_of_the_file_runs(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    factories_in(
        f"open({str(marker)!r}, 'w')\nx = [open({str(marker)!r}, 'w')]\ndef f(y=open({str(marker)!r}, 'w')): ..."
    )
    assert not marker.exists()
