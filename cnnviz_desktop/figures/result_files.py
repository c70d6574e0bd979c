"""Results as files of one folder, each with its entry for the manifest."""

import csv
import io
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from cnnviz_desktop.core.atomic_files import replacing
from cnnviz_desktop.core.errors import OutputError
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.rendering import cam_input, value_range
from cnnviz_desktop.core.resources import image_path
from cnnviz_desktop.core.results import (
    ChannelSummary,
    Explained,
    FeatureMaps,
    FloatArray,
    HeatMap,
    Kernels,
    Picture,
    Predictions,
)
from cnnviz_desktop.figures.manifest import ResultEntry
from cnnviz_desktop.figures.naming import Names, name_part
from cnnviz_desktop.figures.pictures import overlay, write_png


class ResultFiles:
    """Writes results into a folder.

    Attributes:
        entries: One for each result written, in order.
        notes: What could not be drawn as it should be.
        seed: What the entries written from now on say of it.

    Args:
        folder: An existing folder.
        stems: Stem of the file names of each image reference.
        several: (image, method) of which more than one result comes: their file names carry layer and class.
        inputs: Files that are read for these results, beside the images: no result takes their place either.
    """

    def __init__(
        self,
        folder: Path,
        stems: Mapping[str, str],
        several: Collection[tuple[str, str]] = (),
        inputs: Collection[Path] = (),
    ) -> None:
        self.entries: list[ResultEntry] = []
        self.notes: list[str] = []
        self.seed: int | None = None
        self._folder = folder
        self._stems = stems
        self._several = several
        self._names = Names()
        self._inputs = frozenset(filter(None, map(_identity, (*map(image_path, stems), *inputs))))

    def path(self, name: str) -> Path:
        """Path of a file of that name in the folder.

        Raises:
            OutputError: It is one of the files that the results are made from.
        """
        path = self._folder / name
        if _identity(path) in self._inputs:
            raise OutputError(
                f"{path} is one of the files to read and would be overwritten. Name another folder for the results."
            )
        return path

    def write_heat_map(self, picture: Picture, heat: HeatMap) -> ResultEntry:
        """``…_cam.png``, the overlay at the picture's size, and ``….npz`` with the raw map and what it says."""
        stem = f"{self._stems[heat.image]}_{heat.method}"
        if (heat.image, heat.method) in self._several:
            stem += f"_{name_part(heat.layer)}_{name_part(heat.explained.title)}"
        stem = self._names.take(stem)
        files = {"cam": f"{stem}_cam.png", "arrays": f"{stem}.npz"}
        write_png(self.path(files["cam"]), overlay(picture.pixels, heat.raw, heat.geometry))
        self._write_arrays(
            files["arrays"],
            cam=heat.raw,
            cam_input=cam_input(heat.raw, *heat.geometry.transform.input),
            **_explained_arrays(heat.explained),
            layer=np.str_(heat.layer),
        )
        return self._entered(
            ResultEntry(
                image=picture.image,
                image_sha256=picture.sha256,
                method=heat.method,
                layer=heat.layer,
                class_index=heat.explained.class_index,
                class_name=heat.explained.title,
                score=heat.explained.score,
                probability=heat.explained.probability,
                range=_range(heat.raw),
                files=files,
                notes=(*picture.notes, *heat.notes),
            )
        )

    def write_predictions(self, picture: Picture, predictions: Predictions) -> ResultEntry:
        """``…_predictions.csv``: every class, likeliest first, with its probability and logit."""
        stem = self._names.take(f"{self._stems[predictions.image]}_predictions")
        order = predictions.top(len(predictions.logits))
        table = io.StringIO()
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(("rank", "class_index", "class_name", "probability", "logit"))
        for rank, index in enumerate(order, start=1):
            numbers = predictions.probabilities[index], predictions.logits[index]
            writer.writerow((rank, index, predictions.class_names[index], *(f"{number:.6g}" for number in numbers)))
        with replacing(self.path(f"{stem}.csv")) as file:
            file.write(table.getvalue().encode())
        first = order[0]
        return self._entered(
            ResultEntry(
                image=picture.image,
                image_sha256=picture.sha256,
                method="predictions",
                class_index=first,
                class_name=predictions.class_names[first],
                score=float(predictions.logits[first]),
                probability=float(predictions.probabilities[first]),
                range=_range(predictions.logits),
                files={"table": f"{stem}.csv"},
                notes=(*picture.notes, *predictions.notes),
            )
        )

    def write_feature_maps(self, picture: Picture, parts: list[FeatureMaps], summary: ChannelSummary) -> ResultEntry:
        """``…_feature_maps_LAYER.npz`` with all channels, their sum and mean, and a mosaic of them as a PNG sheet."""
        from cnnviz_desktop.figures.result_panels import feature_maps_panel
        from cnnviz_desktop.figures.sheets import write_sheet

        stem = self._names.take(f"{self._stems[summary.image]}_feature_maps_{name_part(summary.layer)}")
        maps = np.concatenate([part.maps for part in parts])
        files = {"maps": f"{stem}.png", "arrays": f"{stem}.npz"}
        self._write_arrays(
            files["arrays"], maps=maps, sum=summary.total, mean=summary.mean, layer=np.str_(summary.layer)
        )
        title = f"Feature maps of {self._stems[summary.image]}"
        panel = feature_maps_panel(maps, summary.layer)
        self.notes += write_sheet(self.path(files["maps"]), title, [[panel]], side=6.5)
        return self._entered(
            ResultEntry(
                image=picture.image,
                image_sha256=picture.sha256,
                method="feature_maps",
                layer=summary.layer,
                range=_range(maps),
                files=files,
                notes=picture.notes,
            )
        )

    def write_kernels(self, parts: list[Kernels]) -> ResultEntry:
        """``kernels_LAYER.npz`` with the weights, and a mosaic of them as a PNG sheet."""
        from cnnviz_desktop.figures.result_panels import kernels_panel
        from cnnviz_desktop.figures.sheets import write_sheet

        first = parts[0]
        stem = self._names.take(f"kernels_{name_part(first.layer)}")
        weights = np.concatenate([part.weights for part in parts])
        biases = [part.bias for part in parts if part.bias is not None]
        arrays = {"weights": weights, "norms": np.concatenate([part.norms for part in parts])}
        if biases:
            arrays["bias"] = np.concatenate(biases)
        files = {"kernels": f"{stem}.png", "arrays": f"{stem}.npz"}
        self._write_arrays(files["arrays"], **arrays, layer=np.str_(first.layer), kind=np.str_(first.kind))
        panel = kernels_panel(weights, first.layer, first.kind)
        self.notes += write_sheet(self.path(files["kernels"]), "Kernels", [[panel]], side=5.0)
        return self._entered(ResultEntry(method="kernels", layer=first.layer, range=_range(weights), files=files))

    def write_picture(self, picture: Picture) -> ResultEntry:
        """``…_picture.png``: the picture as the program read it."""
        name = f"{self._names.take(f'{self._stems[picture.image]}_picture')}.png"
        write_png(self.path(name), picture.pixels)
        return self._entered(
            ResultEntry(
                image=picture.image,
                image_sha256=picture.sha256,
                method="picture",
                files={"picture": name},
                notes=picture.notes,
            )
        )

    def write_outline(self, outline: Outline) -> ResultEntry:
        """``outline.json``: the network with all its layers."""
        name = f"{self._names.take('outline')}.json"
        with replacing(self.path(name)) as file:
            file.write(msgspec.json.format(msgspec.json.encode(outline), indent=2))
        return self._entered(ResultEntry(method="outline", files={"outline": name}, notes=outline.notes))

    def _write_arrays(self, name: str, **arrays: Any) -> None:  # noqa: ANN401 - as np.savez takes them
        with replacing(self.path(name)) as file:
            np.savez(file, **arrays)

    def _entered(self, entry: ResultEntry) -> ResultEntry:
        entered = msgspec.structs.replace(entry, seed=self.seed)
        self.entries.append(entered)
        return entered


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells a file from every other, however it is spelt or linked to; None where there is none."""
    try:
        status = path.stat()
    except (OSError, ValueError):  # ValueError: a NUL character in the path
        return None
    return status.st_dev, status.st_ino


def _explained_arrays(explained: Explained) -> dict[str, np.generic]:
    """What is explained, as the fields of an archive."""
    arrays: dict[str, np.generic] = {"target": np.str_(explained.title), "score": np.float32(explained.score)}
    if explained.class_index is not None:
        arrays["class_index"] = np.int64(explained.class_index)
    if explained.probability is not None:
        arrays["probability"] = np.float32(explained.probability)
    return arrays


def _range(values: FloatArray) -> tuple[float, float]:
    low, high = value_range(values)
    return low, high
