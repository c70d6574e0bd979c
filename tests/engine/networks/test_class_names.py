from pathlib import Path

import pytest

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.engine.networks.class_names import read_class_names


def _file(folder: Path, content: bytes) -> Path:
    path = folder / "classes.txt"
    path.write_bytes(content)
    return path


def test_that_names_are_read_in_order_from_any_editor(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + "cat\r\n 犬 \r\n\r\ntabby, tabby cat\r\n\r\n".encode()
    assert read_class_names(_file(tmp_path, content)) == ("cat", "犬", "2", "tabby, tabby cat")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "are empty"), (b" \n\n", "are empty"), (b"\xff\xfec\0a\0t\0", "not UTF-8"), (None, "No such file")],
)
def test_that_what_are_no_names_is_refused(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    path = tmp_path / "absent.txt" if content is None else _file(tmp_path, content)
    with pytest.raises(NetworkError, match=sentence):
        read_class_names(path)
