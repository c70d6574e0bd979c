from pathlib import Path

import pytest

from cnnviz_desktop.core.errors import OutputError
from cnnviz_desktop.figures.folders import output_folder


def test_that_a_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    with output_folder(tmp_path / "a" / "b") as folder:
        assert folder.is_dir()
        assert not list(folder.iterdir())
        (folder / "result").touch()
    assert (tmp_path / "a" / "b" / "result").is_file()


def test_that_a_folder_made_for_nothing_is_taken_away_again_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(RuntimeError), output_folder(tmp_path / "a" / "b" / "c"):
        raise RuntimeError
    assert (tmp_path / "a").is_dir()
    assert not (tmp_path / "a" / "b").exists()
    with output_folder(tmp_path / "a"):
        pass
    assert (tmp_path / "a").is_dir()


@pytest.mark.parametrize("below", ["", "below", "far/below"])
def test_that_a_file_in_the_way_of_a_folder_is_named(tmp_path: Path, below: str) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(OutputError, match=f"because {tmp_path}/taken is a file"):
        output_folder(tmp_path / "taken" / below).__enter__()


@pytest.mark.parametrize("folder", ["/proc", "/proc/new", "nul\0l"])
def test_that_a_folder_that_takes_no_files_is_one_sentence(folder: str) -> None:
    with pytest.raises(OutputError, match=r"cannot be written to: .*Name another folder\."):
        output_folder(Path(folder)).__enter__()
