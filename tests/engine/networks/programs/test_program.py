import hashlib
import sys
from pathlib import Path

import pytest

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.engine.networks.programs.program import program_of_file, program_of_module


def test_that_a_files_program_is_its_bytes_and_imports_start_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_bytes(b"# -*- coding: latin-1 -*-\r\nname = '\xe9'\r\n")
    program = program_of_file(path, "build", {"n": 1})
    assert program.source == path.read_bytes()
    assert program.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (program.path, program.folders, program.package) == (str(path), (str(tmp_path),), "")


@pytest.mark.parametrize("name", ["absent.py", ""])
def test_that_a_missing_file_and_a_folder_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(NetworkError, match="cannot be read"):
        program_of_file(tmp_path / name, "build", {})


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package whose every part would leave a mark if it ran."""
    folder = tmp_path / "some_nets"
    (folder / "deep").mkdir(parents=True)
    for path in (folder / "__init__.py", folder / "deep" / "__init__.py", folder / "deep" / "nets.py"):
        path.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    monkeypatch.syspath_prepend(str(tmp_path))
    return folder


@pytest.mark.parametrize(
    ("module", "file", "parent"),
    [
        ("some_nets", "__init__.py", "some_nets"),
        ("some_nets.deep", "deep/__init__.py", "some_nets.deep"),
        ("some_nets.deep.nets", "deep/nets.py", "some_nets.deep"),
    ],
)
def test_that_a_module_is_found_without_running_any_package(package: Path, module: str, file: str, parent: str) -> None:
    program = program_of_module(module, "build", {})
    assert (program.path, program.package, program.folders) == (str(package / file), parent, ())
    assert not (package.parent / "ran").exists()
    assert not [name for name in sys.modules if name.startswith("some_nets")]


def test_that_a_module_below_packages_without_a_file_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "cnnviz_space" / "deep" / "deeper" / "nets.py"
    path.parent.mkdir(parents=True)
    path.write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert program_of_module("cnnviz_space.deep.deeper.nets", "build", {}).path == str(path)


@pytest.mark.parametrize("module", ["no_such_package", "some_nets.other", "some_nets.deep.nets.more", "", "..", "a b"])
def test_that_a_missing_module_is_told(package: Path, module: str) -> None:
    with pytest.raises(NetworkError, match="There is no module"):
        program_of_module(module, "build", {})


def test_that_a_module_without_a_python_file_is_refused() -> None:
    with pytest.raises(NetworkError, match="not one Python file"):
        program_of_module("torch._C", "build", {})


@pytest.mark.parametrize("module", ["math", "os", "os.path", "subprocess", "importlib.util"])
def test_that_a_module_of_pythons_own_is_refused(module: str) -> None:
    with pytest.raises(NetworkError, match="is Python's own"):
        program_of_module(module, "system", {})


def test_that_consent_to_an_installed_module_covers_how_it_is_called(package: Path) -> None:
    calls = [("build", {"command": "a"}), ("build", {"command": "b"}), ("run", {"command": "a"}), ("build", {})]
    programs = [program_of_module("some_nets.deep.nets", *call) for call in calls]
    assert len({program.sha256 for program in programs}) == len(calls)
    assert list(programs[0].covered) == ["called as build(command='a')"]
    own = [program_of_module("some_nets.deep.nets", *call, folder=package.parent) for call in calls]
    assert len({program.sha256 for program in own}) == 1, "a file of the user's own is trusted whatever it is asked"


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="the system has no file without an end")
def test_that_a_file_without_an_end_is_refused() -> None:
    with pytest.raises(NetworkError, match="no ordinary file"):
        program_of_file(Path("/dev/zero"), "build", {})
