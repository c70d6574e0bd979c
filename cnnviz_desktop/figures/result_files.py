"""Predictions, feature maps, kernels, pictures and outlines as files of a folder, each with its manifest entry."""

import csv
import io

import msgspec
import numpy as np

from cnnviz_desktop.core.atomic_files import replacing
from cnnviz_desktop.core.network_input import NetworkInput
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.rendering import value_range
from cnnviz_desktop.core.results import ChannelSummary, FeatureMaps, Kernels, Picture, Predictions
from cnnviz_desktop.figures.manifest import ResultEntry
from cnnviz_desktop.figures.naming import name_part
from cnnviz_desktop.figures.pictures import write_png
from cnnviz_desktop.figures.result_folder import ResultFolder


def write_predictions(folder: ResultFolder, picture: Picture, predictions: Predictions) -> ResultEntry:
    """``…_predictions.csv``: every class, likeliest first, with its probability and logit."""
    order = predictions.top(len(predictions.logits))
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(("rank", "class_index", "class_name", "probability", "logit"))
    for rank, index in enumerate(order, start=1):
        numbers = predictions.probabilities[index], predictions.logits[index]
        writer.writerow((rank, index, predictions.class_names[index], *(f"{number:.6g}" for number in numbers)))
    first = order[0]
    entry = folder.named(
        ResultEntry(
            image=picture.image,
            image_sha256=picture.sha256,
            method="predictions",
            class_index=first,
            class_name=predictions.class_names[first],
            score=float(predictions.logits[first]),
            probability=float(predictions.probabilities[first]),
            range=value_range(predictions.logits),
            notes=(*picture.notes, *predictions.notes),
        ),
        f"{folder.stem_of(predictions.image)}_predictions",
        {"table": ".csv"},
    )
    with replacing(folder.path(entry.files["table"])) as file:
        file.write(table.getvalue().encode())
    return folder.enter(entry)


def write_feature_maps(
    folder: ResultFolder, picture: Picture, parts: list[FeatureMaps], summary: ChannelSummary
) -> ResultEntry:
    """``…_feature_maps_LAYER.npz`` with all channels, their sum and mean, and a mosaic of them as a PNG sheet."""
    from cnnviz_desktop.figures.result_panels import feature_maps_panel
    from cnnviz_desktop.figures.sheets import write_sheet

    maps = np.concatenate([part.maps for part in parts])
    entry = folder.named(
        ResultEntry(
            image=picture.image,
            image_sha256=picture.sha256,
            method="feature_maps",
            layer=summary.layer,
            range=value_range(maps),
            notes=picture.notes,
        ),
        f"{folder.stem_of(summary.image)}_feature_maps_{name_part(summary.layer)}",
        {"maps": ".png", "arrays": ".npz"},
    )
    files = entry.files
    folder.write_arrays(files["arrays"], maps=maps, sum=summary.total, mean=summary.mean, layer=np.str_(summary.layer))
    title = f"Feature maps of {folder.stem_of(summary.image)}"
    panel = feature_maps_panel(maps, summary.layer)
    folder.notes += write_sheet(folder.path(files["maps"]), title, [[panel]], side=6.5)
    return folder.enter(entry)


def write_kernels(folder: ResultFolder, parts: list[Kernels]) -> ResultEntry:
    """``kernels_LAYER.npz`` with the weights, and a mosaic of them as a PNG sheet."""
    from cnnviz_desktop.figures.result_panels import kernels_panel
    from cnnviz_desktop.figures.sheets import write_sheet

    first = parts[0]
    weights = np.concatenate([part.weights for part in parts])
    entry = folder.named(
        ResultEntry(method="kernels", layer=first.layer, range=value_range(weights)),
        f"kernels_{name_part(first.layer)}",
        {"kernels": ".png", "arrays": ".npz"},
    )
    files = entry.files
    biases = [part.bias for part in parts if part.bias is not None]
    arrays = {"weights": weights, "norms": np.concatenate([part.norms for part in parts])}
    if biases:
        arrays["bias"] = np.concatenate(biases)
    folder.write_arrays(files["arrays"], **arrays, layer=np.str_(first.layer), kind=np.str_(first.kind))
    panel = kernels_panel(weights, first.layer, first.kind)
    folder.notes += write_sheet(folder.path(files["kernels"]), "Kernels", [[panel]], side=5.0)
    return folder.enter(entry)


def write_picture(folder: ResultFolder, picture: Picture) -> ResultEntry:
    """``…_picture.png``: the picture as the program read it."""
    entry = folder.named(
        ResultEntry(image=picture.image, image_sha256=picture.sha256, method="picture", notes=picture.notes),
        f"{folder.stem_of(picture.image)}_picture",
        {"picture": ".png"},
    )
    write_png(folder.path(entry.files["picture"]), picture.pixels)
    return folder.enter(entry)


def write_network_input(folder: ResultFolder, picture: Picture, given: NetworkInput) -> ResultEntry:
    """``…_input.png``: the network's input with the normalisation undone; ``…_input.npz``: its numbers, (C, H, W)."""
    entry = folder.named(
        ResultEntry(
            image=picture.image,
            image_sha256=picture.sha256,
            method="input",
            range=value_range(given.raw),
            notes=picture.notes,
        ),
        f"{folder.stem_of(given.image)}_input",
        {"input": ".png", "arrays": ".npz"},
    )
    write_png(folder.path(entry.files["input"]), given.pixels)
    recipe, seen = given.preprocessing, given.transform.seen
    folder.write_arrays(
        entry.files["arrays"],
        input=given.raw,
        channels=np.array(given.channel_names),
        mean=np.array(recipe.mean),
        std=np.array(recipe.std),
        scale=np.float64(recipe.scale),
        seen=np.array(seen),  # left, top, right, bottom in pixels of the picture
    )
    return folder.enter(entry)


def write_outline(folder: ResultFolder, outline: Outline) -> ResultEntry:
    """``outline.json``: the network with all its layers."""
    entry = folder.named(ResultEntry(method="outline", notes=outline.notes), "outline", {"outline": ".json"})
    with replacing(folder.path(entry.files["outline"])) as file:
        file.write(msgspec.json.format(msgspec.json.encode(outline), indent=2))
    return folder.enter(entry)
