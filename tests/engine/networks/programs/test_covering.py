import importlib
import py_compile
import sys
from pathlib import Path

import pytest
from torch import nn

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.engine.networks.programs.program import Program, program_of_file
from cnnviz_desktop.engine.networks.programs.python_file import build

NET = "from layers import WIDTH\nfrom torch import nn\ndef build(): return nn.Linear(2, WIDTH)"


@pytest.fixture
def program(tmp_path: Path) -> Program:
    (tmp_path / "layers.py").write_text("WIDTH = 3")
    (tmp_path / "net.py").write_text(NET)
    return program_of_file(tmp_path / "net.py", "build", {})


def _width(program: Program) -> int:
    module = build(program).module
    assert isinstance(module, nn.Linear)
    return module.out_features


def test_that_the_hashed_bytes_of_the_files_beside_it_run(program: Program, tmp_path: Path) -> None:
    (tmp_path / "layers.py").write_text("WIDTH = 4")
    assert _width(program) == 3


def test_that_compiled_files_beside_it_do_not_run(program: Program, tmp_path: Path) -> None:
    (tmp_path / "layers.py").write_text("WIDTH = 9")
    compiled = py_compile.compile(str(tmp_path / "layers.py"), doraise=True)
    assert compiled is not None
    assert _width(program) == 3


@pytest.mark.parametrize("intruder", ["layers/__init__.py", "layers.pyc"])
def test_that_what_python_would_find_instead_does_not_run(program: Program, tmp_path: Path, intruder: str) -> None:
    (tmp_path / intruder).parent.mkdir(exist_ok=True)
    (tmp_path / intruder).write_text("raise SystemExit")
    if intruder.endswith("pyc"):
        (tmp_path / "layers.py").unlink()
    with pytest.raises(NetworkError, match=r"net.py imports .*layers.* not run"):
        build(program)


@pytest.mark.parametrize(
    "source",
    [
        "import importlib\nimportlib.import_module('hidden')",
        "__import__('hid' + 'den')",
        "import importlib\nimportlib.import_module('inner.hidden')",
        "import sys, os\nsys.path.append(os.path.join(os.path.dirname(__file__), 'inner'))\nimport nested",
        "import sys\nsys.path.append({elsewhere!r})\nimport strange",
        "import sys\nsys.path.append({elsewhere!r})\nimport space.strange",
    ],
)
def test_that_a_file_that_the_consent_does_not_cover_does_not_run(tmp_path: Path, source: str) -> None:
    folder, elsewhere = tmp_path / "mine", tmp_path / "elsewhere"
    mark = f"open({str(tmp_path / 'ran')!r}, 'w').close()"
    for file in ("mine/hidden.py", "mine/inner/hidden.py", "mine/inner/nested.py", "elsewhere/strange.py"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(mark)
    (elsewhere / "space").mkdir()
    (elsewhere / "space" / "strange.py").write_text(mark)
    (folder / "net.py").write_text(source.format(elsewhere=str(elsewhere)) + "\ndef build(): ...")
    made = program_of_file(folder / "net.py", "build", {})
    assert made.beside == {}
    finders = sys.meta_path.copy()
    with pytest.raises(NetworkError, match=r"net.py imports “\S+” \(.*\) in a way .*use a plain import statement"):
        build(made)
    assert not (tmp_path / "ran").exists()
    assert sys.meta_path == finders


def test_that_a_covered_module_may_be_imported_in_any_way_and_under_any_path(tmp_path: Path) -> None:
    (tmp_path / "layers.py").write_text("def build(): import torch; return torch.nn.Linear(2, 5)")
    source = "import sys, importlib\nsys.path.insert(0, '.')\nif 0: import layers\n"
    (tmp_path / "net.py").write_text(source + "build = importlib.import_module('layers').build")
    assert _width(program_of_file(tmp_path / "net.py", "build", {})) == 5


def test_that_what_a_file_beside_it_has_only_imported_is_not_called(tmp_path: Path) -> None:
    (tmp_path / "layers.py").write_text("from os import system")
    (tmp_path / "net.py").write_text("from layers import system")
    marker = tmp_path / "called"
    with pytest.raises(NetworkError, match="what the file or one beside it defines"):
        build(program_of_file(tmp_path / "net.py", "system", {"command": f"touch {marker}"}))
    assert not marker.exists()


def test_that_the_folder_is_the_programs_even_where_python_looks_anyway(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hidden.py").write_text("")
    (tmp_path / "net.py").write_text("import importlib\nimportlib.import_module('hidden')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", str(tmp_path), *sys.path])
    importlib.invalidate_caches()
    with pytest.raises(NetworkError, match="in a way that could not be seen"):
        build(program_of_file(tmp_path / "net.py", "build", {}))


def test_that_packages_that_were_imported_before_can_go_on_importing_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cnnviz_before").mkdir()
    for name in ("__init__", "later"):
        (tmp_path / "cnnviz_before" / f"{name}.py").write_text("")
    (tmp_path / "net.py").write_text(
        "import importlib\nfrom torch import nn\n"
        "def build():\n    importlib.import_module('cnnviz_before.later')\n    return nn.Linear(2, 7)"
    )
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    importlib.invalidate_caches()
    importlib.import_module("cnnviz_before")
    assert _width(program_of_file(tmp_path / "net.py", "build", {})) == 7
    for name in ("cnnviz_before", "cnnviz_before.later"):
        del sys.modules[name]
