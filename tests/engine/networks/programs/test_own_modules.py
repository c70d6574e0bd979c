"""Modules of a program that its network imports only when it runs."""

import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.engine.networks.programs.program import Program, program_of_file
from cnnviz_desktop.engine.networks.programs.python_file import build

NET = """
from torch import nn
class Net(nn.Module):
    def forward(self, x):
        {imports}
        return x * {factor}
"""

WAYS = {
    "a module beside it": ("from lazily import factor", "factor", {"lazily.py": "factor = 7"}),
    "a module that imports another": (
        "import lazily", "lazily.factor", {"lazily.py": "from further import factor", "further.py": "factor = 7"},
    ),
    "a part of a package": (
        "import lazy.deep", "lazy.deep.factor()",
        {"lazy/__init__.py": "", "lazy/deep.py": "def factor():\n    from . import far\n    return far.factor",
         "lazy/far.py": "factor = 7"},
    ),
    "a relative import": (
        "from .models.lazily import factor", "factor", {"__init__.py": "", "models/lazily.py": "factor = 7"},
    ),
}  # fmt: skip


def written(folder: Path, imports: str, factor: str, others: dict[str, str]) -> Program:
    for name, source in {**others, "net.py": NET.format(imports=imports, factor=factor)}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(source)
    return program_of_file(folder / "net.py", "Net", {})


def answer(module: nn.Module) -> float:
    return float(module(torch.ones(1)))


@pytest.mark.parametrize("way", WAYS)
def test_that_a_forward_finds_what_it_imports_and_leaves_no_trace(tmp_path: Path, way: str) -> None:
    module = build(written(tmp_path / "project", *WAYS[way])).module
    modules, path, finders = dict(sys.modules), sys.path.copy(), sys.meta_path.copy()
    assert [answer(module), answer(module)] == [7, 7]
    assert (sys.modules, sys.path, sys.meta_path) == (modules, path, finders)


def test_that_two_networks_import_modules_of_one_name_each_from_its_own_folder(tmp_path: Path) -> None:
    networks = [
        build(written(tmp_path / str(factor), "import lazily", "lazily.factor", {"lazily.py": f"factor = {factor}"}))
        for factor in (3, 5)
    ]
    assert [answer(each.module) for each in (*networks, *networks)] == [3, 5, 3, 5]


def test_that_a_module_is_the_same_one_before_and_after(tmp_path: Path) -> None:
    others = {"lazily.py": "factor = 7\nruns = open({ran!r}, 'a').write('ran ')".format(ran=str(tmp_path / "ran"))}
    program = written(tmp_path, "import lazily", "lazily.factor", others)
    source = (tmp_path / "net.py").read_text()
    (tmp_path / "net.py").write_text(f"import lazily\n{source}")
    module = build(program_of_file(Path(program.path), "Net", {})).module
    assert answer(module) == 7
    assert (tmp_path / "ran").read_text() == "ran "


@pytest.mark.parametrize("inside", ["lazily.py", "lazily/deep.py"])
def test_that_exactly_the_hashed_bytes_run_also_later(tmp_path: Path, inside: str) -> None:
    name = inside.removesuffix(".py").replace("/", ".")
    others = {"lazily/__init__.py": "", inside: "factor = 7"} if "/" in inside else {inside: "factor = 7"}
    program = written(tmp_path, f"import {name} as lazily", "lazily.factor", others)
    module = build(program).module
    marker = tmp_path / "marker"
    (tmp_path / inside).write_text(f"open({str(marker)!r}, 'w')")
    assert answer(module) == 7
    assert not marker.exists()


def test_that_what_nobody_was_asked_about_does_not_run_later(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    hidden = "from lazily import factor; __import__('uncovered')"
    others = {"lazily.py": "factor = 7\n__import__('uncovered')", "uncovered.py": f"open({str(marker)!r}, 'w')"}
    module = build(written(tmp_path, hidden, "factor", others)).module
    with pytest.raises(NetworkError, match="could not be seen beforehand"):
        answer(module)
    assert not marker.exists()
    assert not {"lazily", "uncovered"} & set(sys.modules)
