"""What the user chooses about the explanation: the method, its parameters, its layers and its target."""

from dataclasses import replace

from msgspec import structs
from PySide6.QtCore import QObject, Signal, Slot

from cnnviz_desktop.core import catalog
from cnnviz_desktop.core.requests import ClassTarget, LayerRef, ParameterValue, SimilarityTarget, Target, UnitTarget
from cnnviz_desktop.ui.examiner import Examiner
from cnnviz_desktop.ui.nearby_layers import first_maps, lies_before, maps_before
from cnnviz_desktop.ui.subject import Subject


class Explaining(QObject):
    """Changes how the examiner's image is explained; each change asks for the explanation anew.

    Args:
        examiner: Whose subject is explained.
    """

    refused = Signal(str)  # why what was chosen cannot be
    stood_in = Signal(str)  # why another method explains than was chosen

    def __init__(self, examiner: Examiner) -> None:
        super().__init__(examiner)
        self._examiner = examiner
        self._before = examiner.subject
        examiner.subject_changed.connect(self._on_subject_changed)

    def choose_method(self, method_id: str) -> None:
        """Explain by another method."""
        if method_id != self._examiner.subject.method:
            self._examiner.explain(replace(self._examiner.subject, method=method_id, set_aside=""))

    def set_parameters(self, method_id: str, values: dict[str, ParameterValue]) -> None:
        """Set a method's parameters: those that are not the defaults."""
        before = self._examiner.subject
        if values == before.parameters.get(method_id, {}):
            return
        subject = replace(before, parameters={**before.parameters, method_id: values})
        if method_id == subject.method:
            self._examiner.explain(subject)
        else:
            self._examiner.note(subject)

    def choose_target(self, index: int | None) -> None:
        """Explain a class by the score that is chosen; the likeliest where None."""
        target = self._examiner.subject.target
        self.explain(ClassTarget(index, score=target.score if isinstance(target, ClassTarget) else "logit"))

    def follow_likeliest(self) -> None:
        """Explain whichever class is likeliest for each image."""
        self.choose_target(None)

    def explain(self, target: Target) -> None:
        """Explain a class, a channel, a unit or a region.

        A class activation map of a unit is laid out at a layer before it; that of a class, at the chosen layer again.
        """
        subject = replace(self._examiner.subject, target=target, map_layer=self._layer_for(target))
        self._examiner.explain(subject)

    def compare_with(self, image: str) -> None:
        """Explain how like another image the network finds the one that is looked at."""
        self.explain(SimilarityTarget(image))
        self._examiner.ask_for_answer()

    def explain_region(self, box: tuple[float, float, float, float], channel: int | None) -> None:
        """Explain what the chosen layer sees in a region of the picture; of a segmentation network, the class there.

        Args:
            box: (left, top, right, bottom) in pixels of the picture.
            channel: One channel of the layer; all of them where None.
        """
        subject, outline = self._examiner.subject, self._examiner.outline
        if outline is not None and outline.task == "segmentation":
            before = subject.target if isinstance(subject.target, ClassTarget) else ClassTarget()
            self.explain(structs.replace(before, box=box))
            return
        layer = subject.maps if subject.side == "output" and subject.maps else subject.map_layer
        if layer:
            self.explain(UnitTarget(layer, channel=channel, box=box))
        else:
            self.refused.emit(self.tr("Choose a layer that gives maps first: the region is explained in its maps."))

    def toggle_layer(self, name: str) -> None:
        """Join another layer's maps with those of the chosen one, or leave them out again."""
        outline, subject = self._examiner.outline, self._examiner.subject
        if outline is None:
            return
        added = first_maps(outline.layer(name), "output")
        if not added:
            self.refused.emit(outline.layer(name).why_no_maps)
        elif not subject.map_layer:
            self._join(added, ())
        elif added in (subject.map_layer, *subject.more_layers):
            self.remove_layer(added)
        else:
            self._join(subject.map_layer, (*subject.more_layers, added))

    def remove_layer(self, reference: str) -> None:
        """Leave one of several layers out; the last one stays."""
        subject = self._examiner.subject
        layers = [each for each in (subject.map_layer, *subject.more_layers) if each != reference]
        if layers:
            self._join(layers[0], tuple(layers[1:]))

    @Slot(object)
    def _on_subject_changed(self, subject: Subject) -> None:
        """Say once of a network that another method stands in for the chosen one."""
        before, self._before = self._before, subject
        outline = self._examiner.outline
        is_new = (subject.network, subject.set_aside) != (before.network, before.set_aside)
        if outline is None or not subject.set_aside or not is_new:
            return
        why = self.tr("{0} needs a layer that gives maps, and {1} has none: {2} explains it in its place.")
        chosen = catalog.method(subject.set_aside).title
        self.stood_in.emit(why.format(chosen, outline.name, subject.chosen_method.title))

    def _join(self, layer: str, more: tuple[str, ...]) -> None:
        """Explain by these layers; where the method makes a map of each by itself, their mean is chosen."""
        subject = replace(self._examiner.subject, map_layer=layer, more_layers=more)
        if more and subject.values.get("fuse") == "none":
            own = {**subject.parameters.get(subject.method, {}), "fuse": "mean"}
            subject = replace(subject, parameters={**subject.parameters, subject.method: own})
        self._examiner.explain(subject)

    def _layer_for(self, target: Target) -> str:
        """The layer whose maps explain a target, as `LayerRef` writes it."""
        outline, node, subject = self._examiner.outline, self._examiner.node, self._examiner.subject
        if outline is None or node is None:
            return subject.map_layer
        if isinstance(target, UnitTarget):
            explained = outline.layer(LayerRef.parse(target.layer).name)
            if lies_before(outline, subject.map_layer, explained):
                return subject.map_layer
            return maps_before(outline, explained) or subject.map_layer
        was_unit = isinstance(subject.target, UnitTarget)
        return (first_maps(node, "output") if was_unit else "") or subject.map_layer
