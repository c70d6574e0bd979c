"""Files that belong to a project: whatever of it runs is covered by the hash, and exactly those bytes run."""

import sys
from pathlib import Path
from textwrap import dedent

import pytest
from torch import nn

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.engine.networks.programs.program import Program, program_of_file, program_of_module
from cnnviz_desktop.engine.networks.programs.python_file import build

NOTE = "open({ran!r}, 'a').write(__file__ + chr(10))\n"
WIDTH = 7
BUILD = f"from torch import nn\ndef build(): return nn.Conv2d(3, stem.WIDTH, 3) if stem.WIDTH == {WIDTH} else None\n"


def lay_out(folder: Path, **sources: str) -> Path:
    """Files of a project, ``a__b`` for a/b.py; each notes in the file ``ran`` that it has run."""
    for name, source in sources.items():
        path = folder / (name.replace("__", "/").replace("//", "__") + ".py")
        path = path.with_name("__init__.py") if path.stem == "init" else path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(NOTE.format(ran=str(folder / "ran")) + dedent(source))
    return folder


def ran(folder: Path) -> set[Path]:
    noted = folder / "ran"
    return {Path(line).resolve() for line in noted.read_text().splitlines()} if noted.exists() else set()


def covered(program: Program) -> set[Path]:
    main = Path(program.path)
    return {main, *((main.parent / name).resolve() for name in program.beside)}


def assert_it_builds(folder: Path, program: Program, *files: str) -> None:
    """Its network is built by exactly these files, all of them covered, and nothing is left behind."""
    modules, path = dict(sys.modules), sys.path.copy()
    assert ran(folder) == set()
    module = build(program).module
    assert isinstance(module, nn.Conv2d)
    assert module.out_channels == WIDTH
    assert ran(folder) == covered(program) == {folder / file for file in files}
    assert sys.path == path
    left = [name for name in set(sys.modules) - set(modules) if not name.startswith("_cnnviz_program_")]
    assert not [name for name in left if str(getattr(sys.modules[name], "__file__", "")).startswith(str(folder))]
    assert all(sys.modules[name] is module for name, module in modules.items())


def test_that_a_package_is_found_by_walking_up_and_its_own_parts_run(tmp_path: Path) -> None:
    folder = lay_out(
        tmp_path,
        mine__init="",
        mine__common="from .depth import DEPTH\nWIDTH = DEPTH",
        mine__depth=f"DEPTH = {WIDTH}",
        mine__unused="raise SystemExit",
        mine__models__init="from .net import build",
        mine__models__stem="from ..common import WIDTH",
        mine__models__net="from . import stem\n" + BUILD,
    )
    program = program_of_file(folder / "mine" / "models" / "net.py", "build", {})
    assert (program.package, program.folders) == ("mine.models", (str(folder),))
    assert set(program.beside) == {"__init__.py", "stem.py", "../__init__.py", "../common.py", "../depth.py"}
    files = ("__init__", "common", "depth", "models/__init__", "models/stem", "models/net")
    assert_it_builds(folder, program, *(f"mine/{file}.py" for file in files))
    assert len((folder / "ran").read_text().splitlines()) == len(files), "each ran once"


def test_that_folders_without_an_init_are_packages_as_far_as_imports_lead(tmp_path: Path) -> None:
    folder = lay_out(
        tmp_path,
        outer__mine__sizes=f"WIDTH = {WIDTH}",
        outer__far="from .further.sizes import WIDTH",
        outer__further__sizes=f"WIDTH = {WIDTH}",
        outer__mine__models__stem="from ..sizes import WIDTH\nfrom ...far import WIDTH",
        outer__mine__models__net="from . import stem\n" + BUILD,
    )
    program = program_of_file(folder / "outer" / "mine" / "models" / "net.py", "build", {})
    assert program.package.endswith("outer.mine.models")
    files = ("mine/sizes", "far", "further/sizes", "mine/models/stem", "mine/models/net")
    assert_it_builds(folder, program, *(f"outer/{file}.py" for file in files))


@pytest.mark.parametrize("marker", [".git", "pyproject.toml"])
def test_that_a_script_deep_in_a_project_finds_what_runs_from_its_top(tmp_path: Path, marker: str) -> None:
    project = lay_out(
        tmp_path / "project",
        cnnviz_utilities__layers=f"import beside\nWIDTH = {WIDTH}",
        models__beside="from models import further",
        models__further="",
        models__net="from cnnviz_utilities import layers as stem\n" + BUILD,
    )
    lay_out(tmp_path, cnnviz_above="")
    (project / marker).touch()
    program = program_of_file(project / "models" / "net.py", "build", {})
    assert program.package == ""
    assert (program.folders, program.fallbacks) == ((str(project / "models"),), (str(project),))
    files = ("cnnviz_utilities/layers.py", "models/beside.py", "models/further.py", "models/net.py")
    assert_it_builds(project, program, *files)


def test_that_a_search_ends_at_the_top_of_the_project(tmp_path: Path) -> None:
    lay_out(tmp_path, cnnviz_above="")
    project = lay_out(tmp_path / "project", net="import cnnviz_above as stem\n" + BUILD)
    (project / "setup.py").write_text("")
    program = program_of_file(project / "net.py", "build", {})
    assert covered(program) == {project / "net.py"}
    with pytest.raises(NetworkError, match=r"needs the module “cnnviz_above” \(line 2 of net.py.*, which is neither"):
        build(program)


def test_that_an_installed_module_goes_before_one_further_up(tmp_path: Path) -> None:
    project = lay_out(tmp_path, msgspec__init="raise SystemExit", nets__net="import msgspec")
    assert program_of_file(project / "nets" / "net.py", "build", {}).beside == {}


def test_that_a_module_is_found_in_a_folder_before_the_installed_ones(tmp_path: Path) -> None:
    folder = lay_out(
        tmp_path,
        msgspec__init="",
        msgspec__stem=f"WIDTH = {WIDTH}",
        msgspec__nets="from msgspec import stem\n" + BUILD,
    )
    program = program_of_module("msgspec.nets", "build", {}, folder)
    assert_it_builds(folder, program, "msgspec/__init__.py", "msgspec/stem.py", "msgspec/nets.py")
    plain = lay_out(tmp_path / "plain", stem=f"WIDTH = {WIDTH}", nets="import stem\n" + BUILD)
    assert_it_builds(plain, program_of_module("nets", "build", {}, plain), "stem.py", "nets.py")
    assert program_of_module("msgspec.json", "build", {}, plain).folders == ()


def test_that_a_package_with_the_name_of_one_that_the_program_is_made_of_is_told(tmp_path: Path) -> None:
    folder = lay_out(tmp_path, torch__init="", torch__stem="WIDTH = 7", torch__net="from . import stem\n" + BUILD)
    with pytest.raises(NetworkError, match=r"net.py belongs to a package called “torch”"):
        build(program_of_file(folder / "torch" / "net.py", "build", {}))
    assert not ran(folder)


@pytest.mark.parametrize("changed", ["__init__", "common", "models/__init__", "models/stem", "models/net"])
def test_that_any_covered_file_changes_the_hash_and_what_was_hashed_runs(tmp_path: Path, changed: str) -> None:
    folder = lay_out(
        tmp_path,
        mine__init="",
        mine__common=f"WIDTH = {WIDTH}",
        mine__models__init="",
        mine__models__stem="from ..common import WIDTH",
        mine__models__net="from . import stem\n" + BUILD,
    )
    main = folder / "mine" / "models" / "net.py"
    before = program_of_file(main, "build", {})
    (folder / "mine" / f"{changed}.py").write_text(f"open({str(folder / 'changed')!r}, 'w')\nraise SystemExit")
    assert program_of_file(main, "build", {}).sha256 != before.sha256
    assert isinstance(build(before).module, nn.Conv2d)
    assert not (folder / "changed").exists()


def test_that_the_hash_is_the_same_wherever_the_project_lies(tmp_path: Path) -> None:
    hashes = set()
    for name in ("here", "there"):
        folder = lay_out(tmp_path / name, mine__init="", mine__common="", mine__models__net="from ..common import x")
        for path in folder.rglob("*.py"):
            path.write_text(path.read_text().replace(str(folder), ""))
        hashes.add(program_of_file(folder / "mine" / "models" / "net.py", "build", {}).sha256)
    assert len(hashes) == 1


def test_that_a_file_of_the_package_that_was_not_seen_does_not_run(tmp_path: Path) -> None:
    folder = lay_out(
        tmp_path,
        mine__init="",
        mine__hidden="",
        mine__net="from . import *\nimport importlib\nimportlib.import_module('.hid' + 'den', __package__)\n",
    )
    program = program_of_file(folder / "mine" / "net.py", "build", {})
    assert program.package == "mine"
    with pytest.raises(NetworkError, match=r"net.py imports “mine.hidden” \(mine/hidden.py\) in a way that could not"):
        build(program)
    assert folder / "mine" / "hidden.py" not in ran(folder)


@pytest.mark.parametrize("name", ["Outer.Small", "shapes.Wide", "Registry.make", "shapes.ready", "small"])
def test_that_nested_names_lead_to_factories_and_networks(tmp_path: Path, name: str) -> None:
    shapes = """
        from torch import nn
        class Wide(nn.Conv2d):
            def __init__(self): super().__init__(3, 7, 3)
        ready = nn.Conv2d(3, 7, 1)
    """
    source = """
        import shapes, functools
        from torch import nn
        class Outer:
            class Small(nn.Conv2d):
                def __init__(self, width=7): super().__init__(3, width, 3)
        class Registry:
            @classmethod
            def make(cls): return Outer.Small()
        small = functools.partial(Outer.Small, width=7)
    """
    folder = lay_out(tmp_path, shapes=shapes, net=source)
    module = build(program_of_file(folder / "net.py", name, {})).module
    assert isinstance(module, nn.Conv2d)
    assert module.out_channels == WIDTH


@pytest.mark.parametrize("name", ["os.system", "shapes.os.system", "os.nothing", "Outer.Small.nothing"])
def test_that_nested_names_lead_to_nothing_that_is_not_its_own(tmp_path: Path, name: str) -> None:
    folder = lay_out(tmp_path, shapes="import os", net="import os, shapes\nclass Outer:\n    class Small: ...")
    marker = tmp_path / "called"
    with pytest.raises(NetworkError, match=r"Define a function there|has no “"):
        build(program_of_file(folder / "net.py", name, {"command": f"touch {marker}"}))
    assert not marker.exists()


def test_that_a_site_customisation_in_the_folder_does_not_run(tmp_path: Path) -> None:
    folder = lay_out(
        tmp_path, sitecustomize="", usercustomize="", conftest="", stem=f"WIDTH = {WIDTH}", net="import stem\n" + BUILD
    )
    assert_it_builds(folder, program_of_file(folder / "net.py", "build", {}), "stem.py", "net.py")
