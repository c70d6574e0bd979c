"""What networks that are no classifiers say, as files of a folder: label maps, boxes and vectors."""

import csv
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from cnnviz_desktop.core.answers import Detections, Embedding, Segmentation
from cnnviz_desktop.core.atomic_files import replacing
from cnnviz_desktop.core.label_colours import label_colour, label_table, labels_over
from cnnviz_desktop.core.rendering import blend, value_range
from cnnviz_desktop.core.resources import image_name
from cnnviz_desktop.core.results import ByteArray, Picture
from cnnviz_desktop.figures.manifest import ResultEntry
from cnnviz_desktop.figures.pictures import strips, write_png
from cnnviz_desktop.figures.result_folder import ResultFolder

_LABEL_OPACITY = 0.6
_METHOD = "predictions"


def write_segmentation(folder: ResultFolder, picture: Picture, found: Segmentation) -> ResultEntry:
    """``…_segmentation.png``, the classes over the picture; ``….csv``, their areas and colours; ``….npz``, the labels.

    Raises:
        OutputError: A file cannot be written.
    """
    present = found.present()
    first = present[0] if present else None
    entry = folder.named(
        ResultEntry(
            image=picture.image,
            image_sha256=picture.sha256,
            method=_METHOD,
            class_index=first,
            class_name=None if first is None else found.class_names[first],
            notes=(*picture.notes, *found.notes),
        ),
        f"{folder.stem_of(found.image)}_segmentation",
        {"labels": ".png", "table": ".csv", "arrays": ".npz"},
    )
    write_png(folder.path(entry.files["labels"]), _labelled(picture.pixels, found))
    rows = [
        (
            index,
            found.class_names[index],
            f"{found.shares[index]:.6g}",
            "#{:02x}{:02x}{:02x}".format(*label_colour(index)),
        )
        for index in present
    ]
    _write_table(folder, entry.files["table"], ("class_index", "class_name", "share_of_area", "colour"), rows)
    folder.write_arrays(entry.files["arrays"], labels=found.labels, shares=found.shares)
    return folder.enter(entry)


def write_detections(folder: ResultFolder, picture: Picture, found: Detections) -> ResultEntry:
    """``…_detections.png``, the boxes on the picture with their numbers, and ``….csv`` with all that is known of them.

    Raises:
        OutputError: A file cannot be written.
    """
    surest = next(iter(found.surest()), None)
    score = None if surest is None else float(found.scores[surest])
    entry = folder.named(
        ResultEntry(
            image=picture.image,
            image_sha256=picture.sha256,
            method=_METHOD,
            class_index=None if surest is None else int(found.labels[surest]),
            class_name=None if surest is None else found.class_names[surest],
            score=score,
            probability=score,
            notes=(*picture.notes, *found.notes),
        ),
        f"{folder.stem_of(found.image)}_detections",
        {"boxes": ".png", "table": ".csv"},
    )
    write_png(folder.path(entry.files["boxes"]), _boxed(picture.pixels, found))
    rows = [
        (
            index,
            int(found.labels[index]),
            found.class_names[index],
            f"{found.scores[index]:.6g}",
            *map("{:.2f}".format, found.box(index)),
        )
        for index in range(len(found))
    ]
    header = ("number", "class_index", "class_name", "score", "left", "top", "right", "bottom")
    _write_table(folder, entry.files["table"], header, rows)
    return folder.enter(entry)


def write_embedding(folder: ResultFolder, picture: Picture, found: Embedding) -> ResultEntry:
    """``…_embedding.npz``: the vector, its length, and how like another image's it is, where there is one.

    Raises:
        OutputError: The file cannot be written.
    """
    compared = bool(found.compared_with)
    entry = folder.named(
        ResultEntry(
            image=picture.image,
            image_sha256=picture.sha256,
            method=_METHOD,
            target=f"similarity to {image_name(found.compared_with)}" if compared else None,
            score=found.similarity,
            range=value_range(found.vector),
            notes=(*picture.notes, *found.notes),
        ),
        f"{folder.stem_of(found.image)}_embedding",
        {"arrays": ".npz"},
    )
    others = {"similarity": np.float32(found.similarity), "compared_with": np.str_(found.compared_with)}
    arrays = {"vector": found.vector, "norm": np.float32(found.norm)} | (others if compared else {})
    folder.write_arrays(entry.files["arrays"], **arrays)
    return folder.enter(entry)


def _labelled(pixels: ByteArray, found: Segmentation) -> ByteArray:
    """(H, W, 3) uint8: each class in its colour over the picture."""
    table, drawn = label_table(found.class_names), np.empty_like(pixels)
    for rows in strips(found.geometry.transform.original):
        colours = table[labels_over(found, rows)]  # −1, for no class, is the table's last
        opacity = colours[..., 3].astype(np.float32) * np.float32(_LABEL_OPACITY / 255)
        drawn[rows] = blend(pixels[rows], colours[..., :3], opacity)
    return drawn


def _boxed(pixels: ByteArray, found: Detections) -> ByteArray:
    """(H, W, 3) uint8: the boxes on the picture, the surest on top, each with its number."""
    image = Image.fromarray(pixels)
    pen = ImageDraw.Draw(image)
    line = max(1, round(min(image.size) / 200))
    size = max(10, round(min(image.size) / 30))
    for index in reversed(found.surest()):
        left, top, right, bottom = found.box(index)
        colour = label_colour(int(found.labels[index]))
        pen.rectangle((left, top, max(left, right), max(top, bottom)), outline=colour, width=line)
        place = (left + line, top + line)
        pen.rectangle(pen.textbbox(place, str(index), font_size=size), fill=colour)
        pen.text(place, str(index), fill=(0, 0, 0) if sum(colour) > 380 else (255, 255, 255), font_size=size)
    return np.asarray(image)


def _write_table(folder: ResultFolder, name: str, header: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> None:
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    with replacing(folder.path(name)) as file:
        file.write(table.getvalue().encode())
