import subprocess
import sys
from pathlib import Path

import pytest

from cnnviz_desktop.core.atomic_files import replacing
from cnnviz_desktop.core.errors import OutputError


def test_that_a_written_file_takes_the_old_ones_place(tmp_path: Path) -> None:
    path = tmp_path / "map.png"
    path.write_bytes(b"old")
    with replacing(path) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("failure", [ValueError, FileNotFoundError, KeyboardInterrupt])
def test_that_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path, failure: type[BaseException]) -> None:
    path = tmp_path / "map.png"
    path.write_bytes(b"old")

    def write() -> None:
        with replacing(path) as file:
            file.write(b"half of the n")
            raise failure

    with pytest.raises(failure):
        write()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_that_a_place_that_takes_no_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    for path in (Path("/proc/map.png"), tmp_path / "taken" / "map.png", tmp_path / "missing" / "map.png"):
        with pytest.raises(OutputError, match=f"{path} cannot be written: "), replacing(path):
            pytest.fail("nothing can be written there")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits the size of files as Linux does")
def test_that_a_disk_that_fills_up_is_one_sentence_and_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "map.png"
    path.write_bytes(b"old")
    script = (
        "import pathlib, resource, signal, sys\n"
        "from cnnviz_desktop.core.atomic_files import replacing\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "with replacing(pathlib.Path(sys.argv[1])) as file:\n    file.write(bytes(200_000))\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1].endswith(f"OutputError: {path} cannot be written: File too large.")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_that_the_longest_name_that_a_file_may_have_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("狗" * 83 + ".png")
    with replacing(path) as file:
        file.write(b"new")
    assert len(path.name.encode()) == 253
    assert path.read_bytes() == b"new"


def test_that_a_file_is_as_readable_as_any_other(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    with replacing(tmp_path / "map.png"):
        pass
    assert (tmp_path / "map.png").stat().st_mode == (tmp_path / "other").stat().st_mode
