from pathlib import Path

import pytest

from cnnviz_desktop.figures.files import OutputError, output_folder, replacing


def test_that_a_written_file_takes_the_old_ones_place(tmp_path: Path) -> None:
    path = tmp_path / "map.png"
    path.write_bytes(b"old")
    with replacing(path) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
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


def test_that_a_full_disk_is_one_sentence() -> None:
    with pytest.raises(OutputError, match="cannot be written: "), replacing(Path("/proc/map.png")):
        pass


def test_that_a_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    assert output_folder(tmp_path / "a" / "b").is_dir()
    assert not list((tmp_path / "a" / "b").iterdir())


@pytest.mark.parametrize("below", ["", "below", "far/below"])
def test_that_a_file_in_the_way_of_a_folder_is_named(tmp_path: Path, below: str) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(OutputError, match=f"because {tmp_path}/taken is a file"):
        output_folder(tmp_path / "taken" / below)


@pytest.mark.parametrize("folder", ["/proc", "/proc/new", "nul\0l"])
def test_that_a_folder_that_takes_no_files_is_one_sentence(folder: str) -> None:
    with pytest.raises(OutputError, match=r"cannot be written to: .*Name another folder\."):
        output_folder(Path(folder))
