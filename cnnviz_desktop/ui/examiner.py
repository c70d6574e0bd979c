"""Turns what the user chooses into requests, and results into signals: the way of a click, there and back."""

from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot

from cnnviz_desktop.core.outline import LayerNode, Outline
from cnnviz_desktop.core.requests import Device, LayerRef, Request
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.jobs.events import Event, Failed, Produced
from cnnviz_desktop.jobs.runner import JobRunner
from cnnviz_desktop.ui.subject import Subject

OPENING = "opening"
"""The view of the job that opens a network; the views of the other jobs are the ids of their methods."""
OF_IMAGE = ("picture", "predictions", "gradcam", "feature_maps")
VIEWS = (OPENING, *OF_IMAGE, "kernels")

NOTHING = Subject(network="sample")


class Examiner(QObject):
    """Holds what is looked at, asks the runner about it, and hands on what comes back.

    A network is looked at from the moment its outline arrives: while it opens, and where it fails to, the one before
    stays. Until then only pictures are asked for.
    """

    network_opened = Signal(object)  # its Outline
    subject_changed = Signal(object)  # the Subject
    produced = Signal(object)  # any other Result but Progress
    failed = Signal(object, object)  # the Job, its Failure

    def __init__(self, runner: JobRunner, device: Device, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._subject = replace(NOTHING, device=device)
        self._outline: Outline | None = None
        runner.happened.connect(self._on_event)

    @property
    def subject(self) -> Subject:
        """What is looked at."""
        return self._subject

    @property
    def outline(self) -> Outline | None:
        """The open network; None until the first one is open."""
        return self._outline

    @property
    def node(self) -> LayerNode | None:
        """The chosen layer; None where there is none."""
        if self._outline is None or not self._subject.layer:
            return None
        return self._outline.layer(self._subject.layer)

    def open_network(self, reference: str, allowed_keys: tuple[str, ...] = ()) -> None:
        """Open a network beside the one that is looked at, and look at it once it is open."""
        request = Request(method="outline", network=reference, device=self._subject.device, allowed_keys=allowed_keys)
        self._runner.submit(OPENING, request)

    def show_image(self, reference: str) -> None:
        """Look at another image; nothing where empty."""
        self._look_at(replace(self._subject, image=reference))
        if not reference:
            self._cancel(OF_IMAGE)
            return
        self._ask("picture")
        self._ask_about_image()

    def choose_layer(self, name: str) -> None:
        """Look at another layer: its kernels if it has any, its maps if it gives any."""
        if self._outline is None:
            return
        node = self._outline.layer(name)
        maps = _first_maps(node) or self._subject.maps
        self._look_at(replace(self._subject, layer=name, maps=maps))
        self._ask_about_layer(node)

    def choose_maps(self, reference: str) -> None:
        """Look at another tensor of the layer: what goes in, or another part of what comes out."""
        self._look_at(replace(self._subject, maps=reference))
        self._ask_for_maps()

    def choose_target(self, index: int | None) -> None:
        """Explain another class; the likeliest where None."""
        self._look_at(replace(self._subject, target=index))
        self._ask_for_heat_map()

    def choose_device(self, device: Device) -> None:
        """Compute elsewhere from now on: the network is opened again there."""
        if device != self._subject.device:
            self._look_at(replace(self._subject, device=device))
            if self._outline is not None:
                self.open_network(self._subject.network, self._subject.allowed_keys)

    def ask_again(self) -> None:
        """Open the network and read the image again, then compute everything that is shown."""
        if self._outline is not None:
            self.open_network(self._subject.network, self._subject.allowed_keys)
        if self._subject.image:
            self._ask("picture")

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        if event.job.view not in VIEWS:
            return
        if isinstance(event, Failed):
            if event.job.view == "picture":
                self._cancel(OF_IMAGE)  # each would fail for the same reason
            self.failed.emit(event.job, event.failure)
        elif isinstance(event, Produced):
            if isinstance(event.result, Outline):
                self._on_opened(event.result, event.job.request)
            elif not isinstance(event.result, Progress):
                self.produced.emit(event.result)

    def _on_opened(self, outline: Outline, request: Request) -> None:
        same = self._outline is not None and self._outline.network == outline.network
        names = {layer.name for layer in outline.layers}
        keeps = same and self._subject.layer in names
        subject = replace(self._subject, network=request.network, allowed_keys=request.allowed_keys)
        if not keeps:
            layer = outline.suggested
            maps = _first_maps(outline.layer(layer)) if layer else ""
            subject = replace(subject, layer=layer, maps=maps, target=None)
        self._outline = outline
        self.network_opened.emit(outline)
        self._look_at(subject)
        self._ask_about_image()
        if self.node is not None and self.node.kernel_shape:
            self._ask("kernels")

    def _ask_about_image(self) -> None:
        if self._outline is None or not self._subject.image:
            return
        if self._outline.classes:
            self._ask("predictions")
        self._ask_for_heat_map()
        self._ask_for_maps()

    def _ask_about_layer(self, node: LayerNode) -> None:
        if node.gives_maps:
            self._ask_for_heat_map()
            self._ask_for_maps()
        if node.kernel_shape:
            self._ask("kernels")
        else:
            self._runner.cancel("kernels")

    def _ask_for_heat_map(self) -> None:
        if self._outline is not None and self._outline.classes and self._subject.image and self._subject.maps:
            self._ask("gradcam")

    def _ask_for_maps(self) -> None:
        if self._outline is not None and self._subject.image and self._subject.maps:
            self._ask("feature_maps")

    def _ask(self, method_id: str) -> None:
        self._runner.submit(method_id, self._subject.request(method_id))

    def _cancel(self, views: Iterable[str]) -> None:
        for view in views:
            self._runner.cancel(view)

    def _look_at(self, subject: Subject) -> None:
        self._subject = subject
        self.subject_changed.emit(subject)


def map_tensors(node: LayerNode) -> tuple[tuple[LayerRef, tuple[int, ...]], ...]:
    """Every tensor of a layer that is a stack of maps, with its shape (C, h, w): outputs, then inputs."""
    found = [(LayerRef(node.name, part=part), shape) for part, shape in enumerate(node.outputs)]
    found += [(LayerRef(node.name, "input", part), shape) for part, shape in enumerate(node.inputs)]
    return tuple((reference, shape) for reference, shape in found if len(shape) == 3)


def _first_maps(node: LayerNode) -> str:
    outputs = [str(reference) for reference, _ in map_tensors(node) if reference.side == "output"]
    return outputs[0] if outputs else ""
