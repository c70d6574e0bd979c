"""What holds for the whole code: who imports whom, how long a file may be, which names a file may not have."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted(path for folder in ("cnnviz_desktop", "tests") for path in (ROOT / folder).rglob("*.py"))
LONGEST = 300
NAMELESS = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}


def test_that_every_import_contract_is_kept() -> None:
    command = [
        str(Path(sys.executable).with_name("lint-imports")),
        "--no-cache",
        "--config",
        str(ROOT / "pyproject.toml"),
    ]
    answer = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert " 0 broken" in answer.stdout


def test_that_the_jobs_need_no_part_of_qt_but_its_core() -> None:
    imported = set[str]()
    for path in (ROOT / "cnnviz_desktop/jobs").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module)
    assert {name for name in imported if name.startswith("PySide6")} == {"PySide6.QtCore"}


def test_that_no_file_is_too_long_to_read() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in SOURCES}
    assert len(lengths) > 50
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_that_every_file_is_named_after_what_it_holds() -> None:
    assert [path for path in SOURCES if path.stem.lower() in NAMELESS] == []


@pytest.mark.parametrize(
    ("module", "kept_out"),
    [
        (
            "cnnviz_desktop.ui.main_window",
            {"torch", "torchvision", "cv2", "pytorch_grad_cam", "pyqtgraph", "matplotlib"},
        ),
        ("cnnviz_desktop.app", {"torch", "torchvision", "cv2", "pytorch_grad_cam", "pyqtgraph", "matplotlib"}),
        ("cnnviz_desktop.cli", {"PySide6", "torch", "torchvision", "cv2", "pytorch_grad_cam"}),
        ("cnnviz_desktop.doctor", {"PySide6", "torch", "torchvision", "cv2", "pytorch_grad_cam", "matplotlib"}),
        ("cnnviz_desktop.engine.session", {"PySide6", "torch", "torchvision", "cv2", "pytorch_grad_cam"}),
        ("cnnviz_desktop.figures", {"PySide6", "torch", "torchvision", "pytorch_grad_cam"}),
        ("cnnviz_desktop.core", {"PySide6", "torch", "PIL", "cv2", "matplotlib"}),
    ],
)
def test_that_a_fresh_process_imports_nothing_heavy(module: str, kept_out: set[str]) -> None:
    script = f"import sys, {module}; print(*sorted({kept_out} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.split() == []
