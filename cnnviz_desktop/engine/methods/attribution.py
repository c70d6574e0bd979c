"""Every method that explains a target: one forward pass, one backward pass a target, and each method's formula."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

import torch

from cnnviz_desktop.core import catalog
from cnnviz_desktop.core.requests import LayerRef
from cnnviz_desktop.core.resources import image_name
from cnnviz_desktop.core.results import Attribution, Picture, Progress
from cnnviz_desktop.engine.aims import layers_of, objective_of
from cnnviz_desktop.engine.augmentation import COPIES, ORIGINAL, unmirrored
from cnnviz_desktop.engine.batches import Batches
from cnnviz_desktop.engine.explanation import Explanation
from cnnviz_desktop.engine.methods.explainers import explainer
from cnnviz_desktop.engine.methods.explaining import Asked, Explainer, Found
from cnnviz_desktop.engine.methods.fusing import fused
from cnnviz_desktop.engine.methods.outcome import attribution_of
from cnnviz_desktop.engine.passes import Wanted
from cnnviz_desktop.engine.session import Task
from cnnviz_desktop.engine.similarity import references_for


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """One method of a request, with what carries it out."""

    asked: Asked
    explainer: Explainer
    needs: Wanted

    @property
    def smoothed(self) -> bool:
        return self.asked.flag("aug_smooth")


def attribution(task: Task) -> Iterator[Attribution | Progress]:
    """Every method × layer × target × image of a request. Signed, at the layer's resolution or the input's.

    Images go through the network together as the memory allows; methods that need many passes come last.

    Raises:
        LayerError: A layer gives no maps, or the score does not depend on it.
        TargetError: The network has no such class or unit.
        CnnvizError: A method does not apply; the sentence says why.
    """
    plans = sorted(_plans(task), key=_order)
    of_targets = Wanted(frozenset[LayerRef]().union(*map(layers_of, task.request.targets)))
    for layer in of_targets.layers:
        task.bench.node(layer)  # refused before any image is seen
    # A unit is explained by gradients too: its tensor must be a node of the graph.
    of_targets |= Wanted(gradients=of_targets.layers)
    references = references_for(task.request.targets, task.bench, task.read, task.request.seed)
    total, done = len(task.request.images) * len(task.request.targets) * len(plans), 0
    for (_, smoothed), part in groupby(plans, key=_order):
        alike = list(part)
        wanted = of_targets
        for plan in alike:
            wanted |= plan.needs
        batches = Batches(task.bench, wanted, task.request.seed, smoothed)
        for pictures, seen in batches.over(task.pictures(), len(task.request.images)):
            for target in task.request.targets:
                objective = objective_of(target, task.bench.outline, seen, references)
                explanation = Explanation(task.bench, seen, objective, wanted)
                for plan in alike:
                    text = f"{image_name(pictures[0].image)}: {plan.asked.method.title}"
                    yield from task.progress(done, total, text)
                    yield from _results(plan, explanation, pictures)
                    done += len(pictures)
                del objective, explanation
            del seen  # its graph goes before the next one comes


def _plans(task: Task) -> Iterator[_Plan]:
    for method_id in task.request.methods:
        method = catalog.method(method_id)
        layers = tuple(task.bench.map_layers(task.request.layers)) if method.needs_layer else ()
        asked = Asked(method, task.parameters_of(method_id), layers, task.bench, task.request.seed)
        carried_out_by = explainer(method_id)
        yield _Plan(asked, carried_out_by, carried_out_by.needs(asked))


def _order(plan: _Plan) -> tuple[bool, bool]:
    """Methods of many passes come last, and those that see the same rows go together."""
    return plan.asked.method.streams, plan.smoothed


def _results(plan: _Plan, explanation: Explanation, pictures: list[Picture]) -> Iterator[Attribution]:
    found = plan.explainer.explain(plan.asked, explanation)
    if plan.smoothed:
        found = _averaged(found)
    if plan.asked.choice("fuse") in ("mean", "max") and len(plan.asked.layers) > 1:
        found = fused(found, plan.asked, explanation.seen)
    copies = explanation.seen.copies
    for each in found:
        yield attribution_of(each, plan.asked.method.id, explanation, pictures[each.row // copies])


def _averaged(found: Iterator[Found]) -> Iterator[Found]:
    """The mean map over each image's copies, as it lies on the image."""
    gathered: defaultdict[tuple[int, LayerRef | None], list[Found]] = defaultdict(list)
    for each in found:
        if each.done < 1:
            continue
        image, copy = divmod(each.row, len(COPIES))
        copies = gathered[image, each.layer]
        copies.append(replace(each, raw=unmirrored(copy, each.raw)))
        if len(copies) == len(COPIES):
            mean = torch.stack([one.raw for one in copies]).mean(dim=0)
            notes = tuple(dict.fromkeys(note for one in copies for note in one.notes))
            # Each copy's terms add up to something of their own: those of the image itself stand for the others.
            itself = copies[ORIGINAL]
            sums = tuple(f"In the copy that is the image itself, {told[0].lower()}{told[1:]}" for told in itself.sums)
            yield replace(itself, raw=mean, completeness=None, notes=notes, sums=sums)
