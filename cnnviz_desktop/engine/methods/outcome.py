"""From what a method found to the result that leaves the engine, with what has to be said beside it."""

from cnnviz_desktop.core.catalog import method
from cnnviz_desktop.core.rendering import why_blank
from cnnviz_desktop.core.requests import UnitTarget
from cnnviz_desktop.core.results import Attribution, Explained, FloatArray, GradientPicture, HeatMap, Picture
from cnnviz_desktop.engine.arrays import frozen_array
from cnnviz_desktop.engine.explanation import Explanation
from cnnviz_desktop.engine.methods.explaining import Found


def attribution_of(found: Found, method_id: str, explanation: Explanation, picture: Picture) -> Attribution:
    """A heat map where `found` is (h, w), a gradient picture where it is (C, H, W)."""
    seen, raw = explanation.seen, frozen_array(found.raw)
    of_layer = seen.notes(found.layer) if found.layer is not None else ()
    own_words = (*_about_layer(found, method_id, explanation), *found.notes, *found.sums)
    notes = dict.fromkeys((*explanation.notes(found.row), *of_layer, *own_words))  # each once
    layer = found.name or (str(found.layer) if found.layer is not None else "")
    explained = explanation.explained(found.row)
    off = () if raw.any() else _why_off(explained)
    if raw.ndim == 3:
        return GradientPicture(
            image=picture.image,
            method=method_id,
            layer=layer,
            explained=explained,
            raw=raw,
            transform=seen.transforms[found.row],
            done=found.done,
            completeness=found.completeness,
            notes=(*notes, *_blank(raw), *off),
        )
    own = found.layer if not found.name else None
    return HeatMap(
        image=picture.image,
        method=method_id,
        layer=layer,
        explained=explained,
        raw=raw,
        geometry=seen.geometry(own, found.row) if own is not None else seen.input_geometry(found.row),
        done=found.done,
        completeness=found.completeness,
        notes=(*notes, *_about_map(raw), *off),
    )


def _about_layer(found: Found, method_id: str, explanation: Explanation) -> tuple[str, ...]:
    """How the layer of a map lies to the one whose unit or region it explains."""
    explained = explanation.objective.layers
    if found.layer is None or not explained or method(method_id).ignores_target:
        return ()
    if found.layer in explained:
        return (
            f"{found.layer} is the layer that is explained itself, so its map shows where that lies, and not what it "
            "rests on: choose a layer before it.",
        )
    return (f"What {', '.join(map(str, explained))} gives is explained in the maps of {found.layer}, before it.",)


def _why_off(explained: Explained) -> tuple[str, ...]:
    """Why there is nothing to see of a unit, a channel or a region that gives 0; nothing of any other."""
    if not isinstance(explained.target, UnitTarget) or explained.score != 0:
        return ()
    return (
        f"{explained.title} is off: it is 0 for this image, and no small change of the image moves it. Choose one with "
        "a value.",
    )


def _about_map(raw: FloatArray) -> tuple[str, ...]:
    blank = _blank(raw)
    if not blank and raw.max() <= 0:
        return ("Nothing in the map is positive, so its positive part is empty.",)
    return blank


def _blank(raw: FloatArray) -> tuple[str, ...]:
    blank = why_blank(raw)
    return (blank,) if blank else ()
