import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from cnnviz_desktop.core import program_text as program_text_module
from cnnviz_desktop.core.covered import covered_sha256
from cnnviz_desktop.core.program_text import ProgramChanged, is_saved_program, program_text


def archive(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_that_all_files_of_a_python_program_are_shown_under_their_names(tmp_path: Path) -> None:
    main, other = tmp_path / "nets" / "net.py", tmp_path / "common.py"
    main.parent.mkdir()
    main.write_text("from ..common import x")
    other.write_text("x = 'ä'", encoding="utf-8")
    covered = covered_sha256(main.read_bytes(), {"../common.py": other.read_bytes()})
    assert not is_saved_program(main)
    text = program_text(main, covered, ["../common.py"])
    assert text == "from ..common import x\n\n# ──── ../common.py ────\n\nx = 'ä'"
    other.write_text("x = 2")
    with pytest.raises(ProgramChanged):
        program_text(main, covered, ["../common.py"])


def test_that_the_code_of_torchscript_is_shown(tmp_path: Path) -> None:
    code = {
        "a/code/__torch__.py": b"def forward(): ...",
        "a/code/__torch__.py.debug_pkl": b"\x80",
        "a/data.pkl": b"\x80",
    }
    path = archive(tmp_path / "a.pt", code)
    assert is_saved_program(path)
    assert program_text(path, sha256(path)) == "# ──── code/__torch__.py ────\n\ndef forward(): ..."


@pytest.mark.parametrize("name", ["a/models/model.json", "serialized_exported_program.json"])
def test_that_the_operations_of_a_graph_are_counted_and_listed_in_order(tmp_path: Path, name: str) -> None:
    graph = [{"target": "relu"}, {"inputs": [{"target": "conv"}]}, {"target": "relu", "more": 3}]
    path = archive(tmp_path / "a.pt2", {name: json.dumps({"nodes": graph}).encode()})
    text = program_text(path, sha256(path))
    assert text.endswith("# 2 × relu\n# 1 × conv\n\nrelu\nconv\nrelu")


@pytest.mark.parametrize("content", [b"{", b"[" * 100_000, b"\xff"])
def test_that_a_graph_that_cannot_be_read_is_left_out(tmp_path: Path, content: bytes) -> None:
    path = archive(tmp_path / "a.pt2", {"a/models/model.json": content})
    assert "conv" not in program_text(path, sha256(path))


def test_that_a_changed_or_broken_archive_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = archive(tmp_path / "a.pt2", {"a/code/x.py": b"x"})
    with pytest.raises(ProgramChanged):
        program_text(path, "ab" * 32)
    monkeypatch.setattr(program_text_module, "LARGEST_HASHED", 0)
    assert program_text(path, "ab" * 32).endswith("x"), "too large to be hashed while somebody waits"
    path.write_bytes(b"PK\x03\x04 and nothing")
    assert program_text(path, sha256(path)) == ""
    with pytest.raises(OSError, match="absent"):
        program_text(tmp_path / "absent.py", "ab" * 32)


def test_that_a_long_program_is_cut_and_says_so_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program_text_module, "LARGEST_SHOWN", 10)
    monkeypatch.setattr(program_text_module, "LARGEST_WHOLE", 18)
    names = ["b.py", "c.py", "d.py"]
    for name in ("a.py", *names):
        (tmp_path / name).write_text(name[0] * 12)
    main = tmp_path / "a.py"
    beside = {name: (tmp_path / name).read_bytes() for name in names}
    text = program_text(main, covered_sha256(main.read_bytes(), beside), names)
    assert text.startswith("# ──── CUT: 30 of 48 bytes are not shown here ────\n\n" + 10 * "a" + "\n")
    assert (text.count("aaaaa") * 5, "b" * 8 in text, "b" * 9 in text) == (10, True, False)
    assert [line for line in text.splitlines() if "bytes more" in line] == [
        "# ──── cut: 2 bytes more ────",
        "# ──── cut: 4 bytes more ────",
    ]
    assert text.endswith("# ──── 2 more files are not shown ────")


def test_that_a_large_part_of_an_archive_is_cut_and_not_left_out(tmp_path: Path) -> None:
    large = program_text_module.LARGEST_SHOWN + 5
    path = archive(tmp_path / "a.pt", {"a/code/x.py": b"x" * large, "a/code/y.py": b"y = 1"})
    text = program_text(path, sha256(path))
    assert text.startswith("# ──── CUT: 5 of 1,000,010 bytes are not shown here ────")
    assert text.endswith("y = 1")
    assert "x" * 1000 in text
