import hashlib
from pathlib import Path

import pytest

from cnnviz_desktop.core.covered import covered_sha256
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.engine.networks.programs.program import program_of_file
from cnnviz_desktop.engine.networks.programs.project import project_of


def _files(folder: Path, **sources: str) -> None:
    for name, source in sources.items():
        path = folder / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)


def _beside(folder: Path, source: str) -> set[str]:
    path = folder / "net.py"
    path.write_text(source)
    found = project_of(source.encode(), path).beside
    assert all(found[name] == (folder / name).read_bytes() for name in found)
    return set(found)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    _files(tmp_path, layers="import deep", deep="import net", other="raise SystemExit", broken="def (")
    _files(tmp_path, blocks__stem="from . import sizes\nfrom .. import outside", blocks__sizes="", blocks__unused="")
    _files(
        tmp_path, parts__inner__one="from ..two import x\nfrom .three import *", parts__two="", parts__inner__three=""
    )
    (tmp_path / "blocks" / "__init__.py").write_text("from layers import thing")
    return tmp_path


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import os, torch, no_such_thing", set()),
        ("import layers", {"layers.py", "deep.py"}),
        ("from layers import anything", {"layers.py", "deep.py"}),
        ("def build():\n    if x:\n        import deep as d", {"deep.py"}),
        ("import blocks", {"blocks/__init__.py", "layers.py", "deep.py"}),
        (
            "from blocks import stem",
            {"blocks/__init__.py", "blocks/stem.py", "blocks/sizes.py", "layers.py", "deep.py"},
        ),
        ("import parts.inner.one", {"parts/inner/one.py", "parts/inner/three.py", "parts/two.py"}),
        ("from . import layers", {"layers.py", "deep.py"}),
        (
            "from .blocks import stem, unused",
            {"blocks/__init__.py", "blocks/stem.py", "blocks/sizes.py", "blocks/unused.py", "layers.py", "deep.py"},
        ),
        ("from . import nothing_there", set()),
        ("import net", set()),
        ("import broken", {"broken.py"}),
        ("import layers\ndef (", set()),
        ("import layers\0", set()),
    ],
)
def test_that_the_files_beside_are_those_that_imports_lead_to(folder: Path, source: str, expected: set[str]) -> None:
    assert _beside(folder, source) == expected


def test_that_a_folder_full_of_imported_files_is_refused(tmp_path: Path) -> None:
    _files(tmp_path, **{f"m{number}": f"import m{number + 1}" for number in range(310)})
    with pytest.raises(NetworkError, match="more than 300 files"):
        _beside(tmp_path, "import m0")


def test_that_the_hash_is_the_files_own_or_changes_with_any_byte_and_name_beside_it(tmp_path: Path) -> None:
    assert covered_sha256(b"x", {}) == hashlib.sha256(b"x").hexdigest()
    variants = [
        ({}, b"x"),
        ({"a.py": b""}, b"x"),
        ({"a.py": b"1"}, b"x"),
        ({"b.py": b"1"}, b"x"),
        ({"a.py": b"1"}, b""),
    ]
    variants += [({"a.py": b"1", "b.py": b"2"}, b"x"), ({"a.py": b"2", "b.py": b"1"}, b"x")]
    assert len({covered_sha256(source, beside) for beside, source in variants}) == len(variants)
    assert covered_sha256(b"x", {"a": b"1", "b": b"2"}) == covered_sha256(b"x", {"b": b"2", "a": b"1"})


def test_that_the_hash_is_the_same_wherever_the_files_lie(tmp_path: Path) -> None:
    hashes = set()
    for name in ("one", "two"):
        _files(tmp_path / name, net="import layers", layers="")
        hashes.add(program_of_file(tmp_path / name / "net.py", "build", {}).sha256)
    assert len(hashes) == 1
