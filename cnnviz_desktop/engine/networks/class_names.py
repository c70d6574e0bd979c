"""Class names, in whatever form people keep them: lines of text, JSON, one column of CSV, or a folder a class."""

import csv
import io
import json
from pathlib import Path
from typing import Any

from cnnviz_desktop.core.bounded_files import read_whole
from cnnviz_desktop.core.description import IMAGENET, NetworkDescription
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.file_kinds import image_files

_MOST_CLASSES = 1_000_000
_MOST_DIGITS = 20
_MOST_BYTES = 1 << 24
_HEADINGS = ("name", "names", "class", "classes", "class_name", "label", "labels")
_EXAMPLE = 'Write a list of names, {"0": "cat", "1": "dog"} or {"cat": 0, "dog": 1}.'


def read_class_names(path: Path) -> tuple[str, ...]:
    """Names of all classes, in order, without surrounding blanks. A class without a name is called by its number.

    A folder names a class by each folder in it, sorted as torchvision's ``ImageFolder`` sorts them. JSON is a list of
    names, names by number (ImageNet's ``{"0": ["n01440764", "tench"]}`` among them) or numbers by name, as Keras and
    torchvision's ``class_to_idx`` have it. CSV has one column of names, or one of numbers and one of names. Any other
    file is text with one name a line; empty lines at its end mean nothing, nor does a byte-order mark.

    Raises:
        NetworkError: It cannot be read, or it holds no names.
    """
    if path.is_dir():
        return _names_of_folders(path)
    try:
        text = read_whole(path, _MOST_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise NetworkError(f"The class names {path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise NetworkError(
            f"The class names {path} are not UTF-8 text. Write one class name a line and save the file as UTF-8."
        ) from error
    if path.suffix.lower() == ".json" or _is_json(text):
        names = _names_in_json(path, text)
    elif path.suffix.lower() in (".csv", ".tsv"):
        names = _names_in_table(path, text)
    else:
        names = tuple(line.strip() for line in text.rstrip().splitlines())
    if not any(names):
        raise NetworkError(f"The class names {path} are empty. Write one class name a line.")
    return tuple(name or str(index) for index, name in enumerate(names))


def class_names_of(description: NetworkDescription) -> tuple[str, ...] | None:
    """The names that a description gives; empty where its classes are numbers, None where it gives none.

    Raises:
        NetworkError: They cannot be read.
    """
    given = description.class_names
    if given == IMAGENET:
        return imagenet_names()
    return read_class_names(Path(given)) if isinstance(given, str) else given


def imagenet_names() -> tuple[str, ...]:
    """The 1000 classes of ImageNet, from the metadata of torchvision's own weights. Imports torchvision."""
    from torchvision import models

    return tuple(models.ResNet18_Weights.IMAGENET1K_V1.meta["categories"])


def _names_of_folders(folder: Path) -> tuple[str, ...]:
    try:
        names = sorted(each.name for each in folder.iterdir() if each.is_dir() and not each.name.startswith("."))
        holds_images = not names and bool(image_files(folder))
    except OSError as error:
        raise NetworkError(f"The folder {folder} cannot be read: {error.strerror or error}.") from error
    if not names:
        said = "holds images, but no folders" if holds_images else "holds no folders"
        raise NetworkError(
            f"{folder} {said}: a folder gives class names by the folders in it, one for each class, as ImageFolder "
            "reads them."
        )
    return tuple(names)


def _is_json(text: str) -> bool:
    if text.lstrip()[:1] not in ("{", "["):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False  # a name may begin with a bracket
    return True


def _names_in_json(path: Path, text: str) -> tuple[str, ...]:
    try:
        content: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NetworkError(f"The class names {path} are not JSON: {error}. {_EXAMPLE}") from error
    if isinstance(content, dict):
        named = _numbered(content)
        if named is not None:
            return _in_order(path, named)
    elif isinstance(content, list):
        names = [_name(each) for each in content]
        if all(name is not None for name in names):
            return tuple(name or "" for name in names)
    raise NetworkError(f"The JSON in {path} gives no class names. {_EXAMPLE}")


def _numbered(content: dict[str, Any]) -> list[tuple[int, str]] | None:
    """(number, name) of every entry, whichever of the two is the key; None where there are none.

    One level of nesting is looked through, as Hugging Face's ``{"id2label": {"0": "cat"}}`` has it.
    """
    for key in ("id2label", "class_to_idx", "label2id", "classes", "class_names"):
        inner = content.get(key)
        if isinstance(inner, dict):
            return _numbered(inner)
        if isinstance(inner, list) and all(isinstance(each, str) for each in inner):
            return list(enumerate(inner))
    numbers = [_index(key) for key in content]
    names = [_name(value) for value in content.values()]
    if content and None not in numbers and None not in names:
        return [(number or 0, name or "") for number, name in zip(numbers, names, strict=True)]
    if content and all(isinstance(value, int) and not isinstance(value, bool) for value in content.values()):
        return [(value, key.strip()) for key, value in content.items()]
    return None


def _name(value: object) -> str | None:
    """A name: a text, or the last of ImageNet's (identifier, name); None where it is neither."""
    if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
        return str(value[-1]).strip()
    return value.strip() if isinstance(value, str) else None


def _index(text: str) -> int | None:
    digits = text.strip()
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= _MOST_DIGITS else None


def _in_order(path: Path, named: list[tuple[int, str]]) -> tuple[str, ...]:
    """The names in the order of their numbers, a gap being a class without a name."""
    by_number: dict[int, str] = {}
    for number, name in named:
        if not 0 <= number < _MOST_CLASSES:
            raise NetworkError(f"The class names {path} give “{name}” the number {number}: classes count from 0.")
        if number in by_number:
            raise NetworkError(
                f"The class names {path} give the number {number} to both “{by_number[number]}” and “{name}”."
            )
        by_number[number] = name
    return tuple(by_number.get(number, "") for number in range(max(by_number) + 1))


def _names_in_table(path: Path, text: str) -> tuple[str, ...]:
    delimiter = "\t" if path.suffix.lower() == ".tsv" or "\t" in text.partition("\n")[0] else ","
    if ";" in text.partition("\n")[0] and "," not in text.partition("\n")[0]:
        delimiter = ";"
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
    except csv.Error as error:
        raise NetworkError(f"The class names {path} are no table: {error}. Write one class name a line.") from error
    columns = max(map(len, rows), default=1)
    if columns > 2 or any(len(row) != columns for row in rows):
        raise NetworkError(
            f"The class names {path} have {columns} columns. Leave one with the names, or two: numbers, then names."
        )
    if columns == 1:
        names = tuple(row[0] for row in rows)
        return names[1:] if names and names[0].casefold() in _HEADINGS else names
    body = rows if _index(rows[0][0]) is not None else rows[1:]  # without its heading
    numbers = [_index(row[0]) for row in body]
    if not body or None in numbers:
        raise NetworkError(f"The class names {path} have two columns, but the first holds no numbers.")
    return _in_order(path, [(number or 0, row[1]) for number, row in zip(numbers, body, strict=True)])
