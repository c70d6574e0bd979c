"""Turns what the user chooses into requests, and results into signals: the way of a click, there and back."""

from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot

from cnnviz_desktop.core.description import NetworkRef, as_built
from cnnviz_desktop.core.outline import LayerNode, Outline
from cnnviz_desktop.core.requests import ClassTarget, DetectionTarget, Device, LayerRef, Request
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.jobs.events import Event, Failed, Produced
from cnnviz_desktop.jobs.runner import JobRunner
from cnnviz_desktop.ui.nearby_layers import first_maps, stacks, with_kernels, with_maps
from cnnviz_desktop.ui.subject import ATTRIBUTION, Side, Subject

OPENING = "opening"
"""The view of the job that opens a network; that of the job that explains the target is `ATTRIBUTION`, those of the
others are the ids of their methods."""
OF_IMAGE = ("picture", "predictions", ATTRIBUTION, "feature_maps")
VIEWS = (OPENING, *OF_IMAGE, "kernels")


class Examiner(QObject):
    """Holds what is looked at, asks the runner about it, and hands on what comes back.

    A network is looked at from the moment its outline arrives: while it opens, and where it fails to, the one before
    stays. Until then only pictures are asked for.
    """

    network_opened = Signal(object)  # its Outline
    subject_changed = Signal(object)  # the Subject
    asked = Signal(object)  # the Request, of every method but picture and outline
    produced = Signal(object)  # any other Result but Progress
    failed = Signal(object, object)  # the Job, its Failure
    not_there = Signal(str, str, object)  # a method, why the chosen layer has nothing for it, names of layers that have
    heat_map_wanted = Signal()  # the user asks for the attribution, in place of whatever lies over the image

    def __init__(self, runner: JobRunner, first: Subject, parent: QObject | None = None) -> None:
        """`first` says where to compute and how to explain until something else is chosen."""
        super().__init__(parent)
        self._runner = runner
        self._subject = first
        self._outline: Outline | None = None
        self._first_opening: Request | None = None
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

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """(reference, words) of every tensor on the chosen side of the chosen layer that is a stack of maps."""
        node = self.node
        return stacks(node, self._subject.side) if node is not None else ()

    @property
    def why_unexplained(self) -> str:
        """Why nothing can be explained as it was chosen, in one sentence; empty where it can, or nothing is open."""
        subject, outline = self._subject, self._outline
        if outline is None or not subject.image:
            return ""
        if isinstance(subject.target, ClassTarget) and outline.task == "embedding":
            why = self.tr(
                "{0} gives a vector. Choose “Compare with this image” in the context menu of an image below, or "
                "explain a channel of a layer."
            )
            return why.format(outline.name)
        if isinstance(subject.target, ClassTarget) and not outline.has_classes:
            why = self.tr("{0} gives no class scores. Explain a channel of a layer, or draw a region.")
            return why.format(outline.name)
        if subject.chosen_method.needs_layer and not outline.suggested:
            why = self.tr("{0} needs a layer that gives maps, and {1} has none. Choose a gradient picture instead.")
            return why.format(subject.chosen_method.title, outline.name)
        if subject.chosen_method.needs_layer and not subject.map_layer:
            return self.tr("{0} needs a layer that gives maps. Choose one.").format(subject.chosen_method.title)
        return ""

    def open_network(
        self, reference: NetworkRef, allowed_keys: tuple[str, ...] = (), device: Device | None = None
    ) -> None:
        """Open a network beside the one that is looked at, and look at it once it is open.

        Args:
            reference: The network, in short or by its description.
            allowed_keys: Weights' keys that need not fit.
            device: Where to compute from then on; where it is computed now if None.
        """
        request = Request(
            method="outline",
            network=reference,
            device=device or self._subject.device,
            allowed_keys=allowed_keys,
        )
        if self._outline is None:
            self._first_opening = request
        self._runner.submit(OPENING, request)

    def show_image(self, reference: str) -> None:
        """Look at another image; nothing where empty."""
        # An object is one of an image: of another one, the surest is explained.
        of_image = isinstance(self._subject.target, DetectionTarget)
        target = ClassTarget() if of_image else self._subject.target
        self._look_at(replace(self._subject, image=reference, target=target))
        if not reference:
            self._cancel(OF_IMAGE)
            return
        self._read_picture()
        self._ask_about_image()

    def choose_layer(self, name: str) -> None:
        """Look at another layer: its kernels if it has any, its maps if it gives any."""
        if self._outline is None:
            return
        node, was = self._outline.layer(name), self._subject
        subject = replace(was, layer=name, maps=first_maps(node, was.side))
        if given := first_maps(node, "output"):
            subject = replace(subject, map_layer=given, more_layers=())
        self._look_at(subject)
        self._ask_about_layer(node)

    def choose_side(self, side: Side) -> None:
        """Look at what goes into the chosen layer, or at what comes out; the heat map is always of what comes out."""
        node = self.node
        if node is not None:
            self._look_at(replace(self._subject, side=side, maps=first_maps(node, side)))
            self._ask_for_maps()

    def choose_part(self, reference: str) -> None:
        """Look at another of the chosen layer's tensors: its maps, and its heat map where it comes out of the layer."""
        gives_out = LayerRef.parse(reference).side == "output"
        self._look_at(
            replace(self._subject, maps=reference, map_layer=reference if gives_out else self._subject.map_layer)
        )
        if gives_out:
            self._ask_for_heat_map()
        self._ask_for_maps()

    def explain(self, subject: Subject) -> None:
        """Look at the same network and image, explained in another way."""
        self._look_at(subject)
        self.show_heat_map()

    def note(self, subject: Subject) -> None:
        """Keep what changes nothing of what is shown: it is for later."""
        self._look_at(subject)

    def show_heat_map(self) -> None:
        """Lay the attribution over the image, where it can be had."""
        self.heat_map_wanted.emit()
        self._ask_for_heat_map()

    def ask_for_answer(self) -> None:
        """Ask what the network says about the image, where it says anything."""
        if self._outline is not None and self._outline.gives_predictions and self._subject.image:
            self._ask("predictions")

    def choose_device(self, device: Device) -> None:
        """Open the network again on another device, and compute there once it is open."""
        opening = next((job.request for job in self._runner.live if job.view == OPENING), None)
        if opening is not None:
            self.open_network(opening.network, opening.allowed_keys, device)
        elif self._outline is not None:
            self.open_network(self._subject.network, self._subject.allowed_keys, device)
        else:
            self._look_at(replace(self._subject, device=device))

    def ask_again(self) -> None:
        """Open the network and read the image again, then compute everything that is shown."""
        if self._outline is not None:
            self.open_network(self._subject.network, self._subject.allowed_keys)
        elif self._first_opening is not None:
            self._runner.submit(OPENING, self._first_opening)
        if self._subject.image:
            self._read_picture()

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
        before = self._outline.description if self._outline is not None else None
        same = before is not None and as_built(before) == as_built(outline.description)
        names = {layer.name for layer in outline.layers}
        keeps = same and self._subject.layer in names
        subject = replace(
            self._subject, network=request.network, device=request.device, allowed_keys=request.allowed_keys
        )
        if not keeps:
            layer = outline.suggested
            maps = first_maps(outline.layer(layer), "output") if layer else ""
            subject = replace(
                subject, layer=layer, side="output", maps=maps, map_layer=maps, more_layers=(), target=ClassTarget()
            )
        self._cancel((*OF_IMAGE[1:], "kernels"))  # they were asked of the network before
        self._outline = outline
        self.network_opened.emit(outline)
        self._look_at(subject.suited_to(outline))
        self._ask_about_image()
        if self.node is not None:
            self._ask_for_kernels(self.node)

    def _ask_about_image(self) -> None:
        if self._outline is None or not self._subject.image:
            return
        self.ask_for_answer()
        self._ask_for_heat_map()
        self._ask_for_maps()

    def _ask_about_layer(self, node: LayerNode) -> None:
        if node.gives_maps:
            self._ask_for_heat_map()
        self._ask_for_maps()
        self._ask_for_kernels(node)

    def _ask_for_heat_map(self) -> None:
        """Ask for the attribution, where it can be had."""
        if self._outline is None or not self._subject.image:
            return
        if self.why_unexplained:
            self._runner.cancel(ATTRIBUTION)
            self.not_there.emit(ATTRIBUTION, self.why_unexplained, ())
        else:
            self._ask(ATTRIBUTION)

    def _ask_for_maps(self) -> None:
        """Ask for the chosen layer's feature maps; where it has none, say why."""
        node = self.node
        if node is None or self._outline is None:
            return
        if not self._subject.maps:
            self._runner.cancel("feature_maps")
            self.not_there.emit("feature_maps", self._why_no_maps(node), with_maps(self._outline, node))
        elif self._subject.image:
            self._ask("feature_maps")

    def _ask_for_kernels(self, node: LayerNode) -> None:
        if node.kernel_shape:
            self._ask("kernels")
        elif self._outline is not None:
            self._runner.cancel("kernels")
            why = self.tr("{0} ({1}) has no kernels of its own. Convolutions and linear layers have.")
            self.not_there.emit("kernels", why.format(node.name, node.type), with_kernels(self._outline, node))

    def _why_no_maps(self, node: LayerNode) -> str:
        why = node.why_no_maps
        if self._subject.side == "input":
            why = self.tr("{0} ({1}) takes in no maps.").format(node.name, node.type)
        if node.kernel_shape:
            why += " " + self.tr("Its weights stand under Kernels.")
        if self._outline is not None and self._outline.gives_predictions:
            why += " " + self.tr("What the network says in the end stands under Predictions.")
        return why

    def _read_picture(self) -> None:
        self._runner.submit("picture", self._subject.request("picture"))

    def _ask(self, view: str) -> None:
        request = self._subject.request(view)
        self.asked.emit(request)
        self._runner.submit(view, request)

    def _cancel(self, views: Iterable[str]) -> None:
        for view in views:
            self._runner.cancel(view)

    def _look_at(self, subject: Subject) -> None:
        self._subject = subject
        self.subject_changed.emit(subject)
