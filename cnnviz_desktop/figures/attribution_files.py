"""What explains a target as files of a folder: heat maps with their guided gradients, and gradient pictures."""

import numpy as np

from cnnviz_desktop.core.geometry import MapGeometry, Size
from cnnviz_desktop.core.gradient_rendering import guided_map, strongest
from cnnviz_desktop.core.rendering import cam_input, value_range
from cnnviz_desktop.core.results import Attribution, Explained, GradientPicture, HeatMap, Picture
from cnnviz_desktop.figures.manifest import ResultEntry
from cnnviz_desktop.figures.naming import name_part
from cnnviz_desktop.figures.pictures import gradient_picture, overlay, write_png
from cnnviz_desktop.figures.result_folder import ResultFolder


def write_heat_map(
    folder: ResultFolder, picture: Picture, heat: HeatMap, guided: GradientPicture | None = None
) -> ResultEntry:
    """``…_cam.png``, the overlay at the picture's size, and ``….npz`` with the raw map and what it says.

    With the guided backpropagation of the same target also ``…_gb.png``, in colours, ``…_cam_gb.png``, the same where
    the map points, and ``gb`` in the archive.

    Raises:
        OutputError: A file cannot be written.
    """
    endings = {"cam": "_cam.png"} | ({"gb": "_gb.png", "cam_gb": "_cam_gb.png"} if guided else {}) | {"arrays": ".npz"}
    of_guided = [note for note in (guided.notes if guided else ()) if note not in heat.notes]
    notes = (*heat.notes, *(f"Guided backpropagation: {note}" for note in of_guided))
    entry = _named(folder, picture, heat, endings, notes, "_gb.png", "_cam_gb.png")
    files = entry.files
    arrays = {"cam": heat.raw, "cam_input": cam_input(heat.raw, *heat.geometry.transform.input)}
    write_png(folder.path(files["cam"]), overlay(picture.pixels, heat.raw, heat.geometry))
    if guided is not None:
        arrays["gb"] = guided.raw
        transform = guided.transform
        write_png(folder.path(files["gb"]), gradient_picture(guided.raw, transform))
        write_png(folder.path(files["cam_gb"]), gradient_picture(guided_map(heat, guided), transform))
    folder.write_arrays(files["arrays"], **arrays, **_explained_arrays(heat.explained), layer=np.str_(heat.layer))
    return folder.enter(entry)


def write_gradient_picture(folder: ResultFolder, picture: Picture, gradient: GradientPicture) -> ResultEntry:
    """``…_rgb.png``, the picture in colours, ``…_max.png``, its strongest channel as a map, and the raw ``….npz``.

    Raises:
        OutputError: A file cannot be written.
    """
    endings = {"rgb": "_rgb.png", "max": "_max.png", "arrays": ".npz"}
    entry = _named(folder, picture, gradient, endings, gradient.notes)
    files = entry.files
    write_png(folder.path(files["rgb"]), gradient_picture(gradient.raw, gradient.transform))
    over = MapGeometry(gradient.transform, Size(*gradient.raw.shape[1:]))
    write_png(folder.path(files["max"]), overlay(picture.pixels, strongest(gradient.raw), over, opacity=1))
    folder.write_arrays(
        files["arrays"],
        gradient=gradient.raw,
        **_explained_arrays(gradient.explained),
        layer=np.str_(gradient.layer),
    )
    return folder.enter(entry)


def _stem(folder: ResultFolder, result: Attribution) -> str:
    parts = [folder.stem_of(result.image), result.method]
    if folder.makes_several(result.image, result.method):
        parts += [name_part(result.layer)] if result.layer else []
        parts.append(name_part(result.explained.title))
    return "_".join(parts)


def _named(
    folder: ResultFolder,
    picture: Picture,
    result: Attribution,
    endings: dict[str, str],
    notes: tuple[str, ...],
    *others: str,
) -> ResultEntry:
    """What the manifest says of a result, with the names that its files are to have."""
    explained = result.explained
    return folder.named(
        ResultEntry(
            image=picture.image,
            image_sha256=picture.sha256,
            method=result.method,
            layer=result.layer or None,
            target=explained.title,
            class_index=explained.class_index,
            class_name=explained.class_name or None,
            score=explained.score,
            probability=explained.probability,
            range=value_range(result.raw),
            completeness=result.completeness,
            notes=(*picture.notes, *notes),
        ),
        _stem(folder, result),
        endings,
        *others,
    )


def _explained_arrays(explained: Explained) -> dict[str, np.generic]:
    """What is explained, as the fields of an archive."""
    arrays: dict[str, np.generic] = {"target": np.str_(explained.title), "score": np.float32(explained.score)}
    if explained.class_index is not None:
        arrays["class_index"] = np.int64(explained.class_index)
    if explained.probability is not None:
        arrays["probability"] = np.float32(explained.probability)
    return arrays
