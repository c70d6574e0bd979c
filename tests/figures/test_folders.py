from pathlib import Path

import pytest

from cnnviz_desktop.core.errors import OutputError
from cnnviz_desktop.figures.folders import output_folder


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
