import random
import sys
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.engine.networks.programs.program import program_of_file, program_of_module
from cnnviz_desktop.engine.networks.programs.python_file import Built, build

NET = """\
from torch import nn

def build(num_classes=10):
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.Dropout(), nn.Flatten(), nn.Linear(4, num_classes))
"""


def _build(folder: Path, source: str, factory: str = "build", **arguments: object) -> Built:
    path = folder / "net.py"
    path.write_text(dedent(source), encoding="utf-8")
    return build(program_of_file(path, factory, arguments))


def test_that_the_factory_builds_the_network_in_evaluation_mode(tmp_path: Path) -> None:
    module, notes = _build(tmp_path, NET, num_classes=3)
    assert isinstance(module, nn.Sequential)
    assert module[3].out_features == 3
    assert not any(part.training for part in module.modules())
    assert notes == ()


def test_that_the_bytes_that_were_hashed_are_those_that_run(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(NET)
    program = program_of_file(path, "build", {})
    path.write_text("raise RuntimeError('changed after the consent')")
    assert isinstance(build(program).module, nn.Module)


def test_that_random_weights_are_the_same_each_time_and_the_random_state_stays(tmp_path: Path) -> None:
    source = """
        import random, numpy, torch
        from torch import nn
        def build():
            module = nn.Linear(3, 3)
            module.register_buffer("drawn", torch.tensor([random.random(), numpy.random.rand()]))
            torch.manual_seed(99), random.seed(99), numpy.random.seed(99)
            return module
    """
    before = torch.get_rng_state(), random.getstate(), tuple(np.random.get_state())[1]
    one = _build(tmp_path, source).module.state_dict()
    assert torch.equal(torch.get_rng_state(), before[0])
    assert random.getstate() == before[1]
    assert np.array_equal(tuple(np.random.get_state())[1], before[2])
    torch.rand(1), random.random(), np.random.rand()
    other = _build(tmp_path, source).module.state_dict()
    assert all(torch.equal(one[key], other[key]) for key in one)


def test_that_the_process_is_afterwards_as_it_was(tmp_path: Path) -> None:
    source = """
        import os, sys, torch
        from torch import nn
        sys.path.append("/nowhere"); sys.argv.append("x"); os.environ["CNNVIZ_TEST"] = "1"; os.chdir("/")
        del os.environ["PATH"]
        torch.set_grad_enabled(False); torch.set_default_dtype(torch.float64); torch.set_default_device("meta")
        torch.set_num_threads(torch.get_num_threads() + 1)
        def build():
            torch.set_default_device("cpu")
            return nn.Linear(2, 2)
    """
    import os

    def state() -> list[object]:
        defaults = [torch.is_grad_enabled(), torch.get_default_dtype(), torch.get_num_threads()]
        process = [sys.path.copy(), sys.argv.copy(), dict(os.environ), Path.cwd(), sys.stdout, sys.dont_write_bytecode]
        return [*defaults, torch.zeros(1).device, *process]

    before = state()
    module = _build(tmp_path, source).module
    assert state() == before
    assert all(parameter.requires_grad for parameter in module.parameters())


def test_that_modules_beside_the_file_are_its_own_and_shadow_nobodys(tmp_path: Path) -> None:
    for name, channels in (("one", 4), ("two", 8)):
        folder = tmp_path / name
        (folder / "blocks").mkdir(parents=True)
        (folder / "layers.py").write_text(f"CHANNELS = {channels}")
        (folder / "blocks" / "__init__.py").write_text("")
        (folder / "blocks" / "stem.py").write_text(
            "from torch import nn\nfrom layers import CHANNELS\ndef stem(): return nn.Conv2d(3, CHANNELS, 3)"
        )
        source = "import layers\ndef build():\n    from blocks.stem import stem\n    return stem()"
        before = set(sys.modules)
        module = _build(folder, source).module
        assert isinstance(module, nn.Conv2d)
        assert module.out_channels == channels
        assert not {name for name in set(sys.modules) - before if not name.startswith("_cnnviz_program_")}
        assert not list(folder.rglob("__pycache__"))


def test_that_libraries_below_the_folder_stay_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packages = tmp_path / ".venv" / "site-packages"
    packages.mkdir(parents=True)
    (packages / "cnnviz_test_library.py").write_text("")
    monkeypatch.syspath_prepend(str(packages))
    _build(tmp_path, "import cnnviz_test_library\n" + NET)
    assert sys.modules.pop("cnnviz_test_library").__file__ == str(packages / "cnnviz_test_library.py")


def test_that_classes_can_be_dataclasses_and_the_factory_a_class_or_a_network(tmp_path: Path) -> None:
    source = """
        from __future__ import annotations
        from dataclasses import dataclass
        from torch import nn
        @dataclass
        class Sizes:
            out: int = 4
        class Net(nn.Module):
            def __init__(self, sizes: Sizes | None = None) -> None:
                super().__init__()
                self.conv = nn.Conv2d(3, (sizes or Sizes()).out, 3)
        model = Net()
    """
    assert type(_build(tmp_path, source, "Net").module).__name__ == "Net"
    assert type(_build(tmp_path, source, "model").module).__name__ == "Net"


@pytest.mark.parametrize(
    ("source", "arguments"),
    [
        ("from os import system as build", {"command": "touch {marker}"}),
        ("import functools, os\nbuild = functools.partial(os.system)", {"command": "touch {marker}"}),
        ("import pathlib\nbuild = pathlib.Path('{marker}').touch", {}),
        ("from pathlib import Path as build", {}),
    ],
)
def test_that_what_a_file_only_imports_is_not_called(tmp_path: Path, source: str, arguments: dict[str, str]) -> None:
    marker = tmp_path / "called"
    filled = {key: value.format(marker=marker) for key, value in arguments.items()}
    with pytest.raises(NetworkError, match=r"“build” in net.py comes from .*Define a function there"):
        _build(tmp_path, source.format(marker=marker), **filled)
    assert not marker.exists()


def test_that_a_partial_of_the_files_own_function_and_a_network_of_another_library_are_taken(tmp_path: Path) -> None:
    source = "import functools\n" + NET + "small = functools.partial(build, num_classes=2)\nready = nn.Linear(4, 2)"
    assert _build(tmp_path, source, "small").module[3].out_features == 2  # type: ignore[index]
    assert isinstance(_build(tmp_path, source, "ready").module, nn.Linear)
    with pytest.raises(NetworkError, match=r"“ready” in net.py is a built network and takes no arguments"):
        _build(tmp_path, source, "ready", width=3)


def test_that_what_is_printed_is_told_and_stays_off_standard_output(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    notes = _build(tmp_path, "print('hello', 3)\n" + NET + "\nprint('é' * 500)").notes
    assert capfd.readouterr().out == ""
    assert notes[0].startswith("net.py printed: hello 3 éé")
    assert len(notes[0]) < 300


def test_that_wrappers_around_the_network_are_taken_off(tmp_path: Path) -> None:
    source = """
        import torch
        from torch import nn
        def build():
            return nn.DataParallel(torch.compile(nn.Linear(2, 2)))
    """
    module, notes = _build(tmp_path, source)
    assert type(module) is nn.Linear
    assert [note.split()[0] for note in notes] == ["DataParallel", "OptimizedModule"]


SYNTAX = "def build(:\n    pass"
SIBLING = "def broken():\n    raise KeyError('depth')"
PROBLEMS = {
    "raises": ("\n\nraise ValueError('no weights\\nhere')", r"net.py could not build the network:.*\(line 3 of net.py"),
    "divides": (
        "def build():\n    x = 1\n    return 1 / 0",
        r"ZeroDivisionError: division by zero \(line 3 .* in build",
    ),
    "syntax": (SYNTAX, r"SyntaxError: .*\(line 1 of net.py\)"),
    "null bytes": ("x = 1\0", "could not build"),
    "exits": ("import sys\nsys.exit(3)", r"ends the program \(sys.exit\) \(line 2 .*__main__"),
    "exits late": ("def build():\n    raise SystemExit", "ends the program"),
    "strange exception": ("class Stop(BaseException): pass\nraise Stop('now')", "Stop: now"),
    "parses arguments": (
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('data')\np.parse_args()",
        "exit",
    ),
    "not installed": ("import no_such_library", "needs the module “no_such_library”.*line 1"),
    "sibling": ("from broken import broken\ndef build():\n    broken()", r"KeyError: 'depth' \(line 2 of broken.py"),
    "relative": ("from .layers import x", "relative import.*Put it back in its place"),
    "no factory": ("import os\ndef make(): ...\nclass Net: ...", "has no “build”. It has Net, make"),
    "nothing": ("", "no functions or classes at all"),
    "not callable": ("build = 3", "is an object of type int and cannot be called"),
    "gives none": ("def build(): pass", r"gives nothing \(None\), not a torch.nn.Module"),
    "gives dict": ("def build(): return {}", "gives an object of type dict"),
    "gives class": ("from torch import nn\ndef build(): return nn.Linear", "gives the class Linear itself"),
    "gives meta": ("from torch import nn\ndef build(): return nn.Linear(1, 1, device='meta')", "device “meta”"),
    "needs arguments": ("def build(width): ...", r"missing a required argument: 'width'. It is build\(width\)"),
    "eval fails": (
        "from torch import nn\nclass build(nn.Module):\n  def eval(self): 1 / 0",
        "ZeroDivisionError.*line 3",
    ),
}


@pytest.mark.parametrize("case", PROBLEMS)
def test_that_a_file_that_builds_no_network_is_told_in_one_sentence(tmp_path: Path, case: str) -> None:
    source, sentence = PROBLEMS[case]
    (tmp_path / "broken.py").write_text(SIBLING)
    before = sys.path.copy(), torch.get_rng_state()
    with pytest.raises(NetworkError, match=sentence) as caught:
        _build(tmp_path, source)
    assert "net.py" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert sys.path == before[0]
    assert torch.equal(torch.get_rng_state(), before[1])
    assert "broken" not in sys.modules


def test_that_arguments_the_factory_does_not_take_are_told_with_those_it_takes(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match=r"unexpected keyword argument 'classes'. It is build\(num_classes=10\)"):
        _build(tmp_path, NET, classes=3)


def test_that_a_torchscript_program_is_refused(tmp_path: Path) -> None:
    source = """
        import torch
        from torch import nn
        def build():
            return torch.jit.trace(nn.Linear(2, 2), torch.zeros(1, 2))
    """
    with pytest.raises(NetworkError, match="TorchScript program"):
        _build(tmp_path, source)


def test_that_an_installed_module_can_import_from_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "cnnviz_test_package"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "sizes.py").write_text("CHANNELS = 6")
    (folder / "nets.py").write_text(
        "from torch import nn\nfrom .sizes import CHANNELS\ndef build(): return nn.Conv2d(3, CHANNELS, 3)"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    module = build(program_of_module("cnnviz_test_package.nets", "build", {})).module
    assert isinstance(module, nn.Conv2d)
    assert module.out_channels == 6
    for name in [name for name in sys.modules if name.startswith("cnnviz_test_package")]:
        del sys.modules[name]
