"""The text file with one class name a line."""

from pathlib import Path

from cnnviz_desktop.core.errors import NetworkError


def read_class_names(path: Path) -> tuple[str, ...]:
    """Names in the file's order, without surrounding blanks; an empty line between names is a class without a name.

    Such a class is called by its number. Empty lines at the end mean nothing, nor does a byte-order mark.

    Raises:
        NetworkError: The file cannot be read, is no text or has no names.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise NetworkError(f"The class names {path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise NetworkError(
            f"The class names {path} are not UTF-8 text. Write one class name a line and save the file as UTF-8."
        ) from error
    lines = text.rstrip().splitlines()
    if not lines:
        raise NetworkError(f"The class names {path} are empty. Write one class name a line.")
    return tuple(line.strip() or str(index) for index, line in enumerate(lines))
