import os
from pathlib import Path

import pytest

from cnnviz_desktop.core.bounded_files import read_whole


def test_that_a_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"12345")
    assert read_whole(path, 5) == b"12345"
    with pytest.raises(OSError, match="too large"):
        read_whole(path, 4)


def test_that_a_folder_and_a_missing_file_are_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        read_whole(tmp_path, 5)
    with pytest.raises(FileNotFoundError):
        read_whole(tmp_path / "none", 5)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such files")
def test_that_nothing_without_an_end_is_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero")):
        with pytest.raises(OSError, match="no ordinary file"):
            read_whole(path, 5)
