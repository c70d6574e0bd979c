"""Connects what the parts of the window say to what others do."""

from pathlib import PurePath

from msgspec import structs
from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow

from cnnviz_desktop.core.description import Task
from cnnviz_desktop.core.geometry import Box
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import ClassTarget, LayerRef, UnitTarget
from cnnviz_desktop.core.resources import SAMPLE_PREFIX
from cnnviz_desktop.jobs.events import Cancelled, Event, Failed
from cnnviz_desktop.jobs.runner import JobRunner
from cnnviz_desktop.ui.examiner import OPENING
from cnnviz_desktop.ui.parts import Parts
from cnnviz_desktop.ui.subject import Subject
from cnnviz_desktop.ui.telling.message_list import Message


class Connections(QObject):
    """Every connection between two parts, and the few answers that concern several of them.

    Args:
        window: Whose parts they are; its title tells what is looked at.
        runner: Runs the requests.
        parts: What is connected.
    """

    def __init__(self, window: QMainWindow, runner: JobRunner, parts: Parts) -> None:
        super().__init__(window)
        self._window = window
        self._runner = runner
        self._parts = parts
        self._told: tuple[str, ...] = ()
        self._connect_examiner()
        self._connect_results()
        self._connect_messages()
        self._connect_opening()
        self._connect_method()
        self._connect_table()
        self._connect_actions()
        self._show_explanation(parts.examiner.subject)

    def _connect_examiner(self) -> None:
        parts, examiner = self._parts, self._parts.examiner
        self._runner.happened.connect(self._on_event)
        examiner.network_opened.connect(self._on_network_opened)
        examiner.network_opened.connect(parts.remembered.on_network_opened)
        examiner.subject_changed.connect(parts.remembered.on_subject_changed)
        examiner.subject_changed.connect(self._on_subject_changed)
        examiner.asked.connect(parts.results.show_request)
        examiner.not_there.connect(parts.results.show_absence)
        examiner.heat_map_wanted.connect(parts.results.feature_maps.forget_choice)
        parts.tree.layer_chosen.connect(examiner.choose_layer)
        parts.strip.current_changed.connect(self._on_image_chosen)

    def _connect_results(self) -> None:
        results, examiner, explaining = self._parts.results, self._parts.examiner, self._parts.explaining
        results.predictions.target_chosen.connect(explaining.choose_target)
        results.predictions.likeliest_chosen.connect(explaining.follow_likeliest)
        results.predictions.explanation_wanted.connect(explaining.explain)
        results.predictions.vector_wanted.connect(self._on_vector_wanted)
        results.answers.classes_wanted.connect(self._on_classes_wanted)
        results.answer_changed.connect(self._parts.answers.show_answer)
        self._parts.answers.wanted.connect(explaining.explain)
        self._parts.strip.comparison_wanted.connect(explaining.compare_with)
        explaining.refused.connect(self._parts.messages.warning)
        explaining.stood_in.connect(self._parts.messages.info)
        results.feature_maps.side_chosen.connect(examiner.choose_side)
        results.part_wanted.connect(examiner.choose_part)
        results.layer_wanted.connect(examiner.choose_layer)

    def _connect_method(self) -> None:
        parts, explaining = self._parts, self._parts.explaining
        parts.method.methods.chosen.connect(explaining.choose_method)
        parts.method.form.changed.connect(explaining.set_parameters)
        parts.comparing.page.about_to_fill.connect(parts.method.form.settle)
        parts.method.layers.removed.connect(explaining.remove_layer)
        parts.method.help_wanted.connect(self._on_method_help_wanted)
        parts.help.method_wanted.connect(self._on_method_wanted)
        parts.tree.layer_toggled.connect(explaining.toggle_layer)
        parts.target_line.likeliest_wanted.connect(explaining.follow_likeliest)
        parts.results.units.wanted.connect(explaining.explain)
        parts.canvas.region_drawn.connect(self._on_region_drawn)
        parts.actions.find_method.triggered.connect(self._on_find_method)

    def _connect_table(self) -> None:
        comparing = self._parts.comparing
        comparing.enlarging.connect(self._parts.results.feature_maps.forget_choice)
        comparing.enlarged_changed.connect(self._show_target)

    def _connect_messages(self) -> None:
        parts, messages = self._parts, self._parts.messages
        parts.results.said.connect(messages.info)
        parts.results.failed.connect(messages.error)
        parts.canvas.picture_actions.done.connect(messages.info)
        parts.canvas.picture_actions.failed.connect(messages.error)
        parts.remembered.problem.connect(messages.warning)
        parts.opener.refused.connect(messages.warning)
        parts.preprocessing.view.picture_actions.done.connect(messages.info)
        parts.preprocessing.view.picture_actions.failed.connect(messages.error)
        messages.arrived.connect(self._on_message)

    def _connect_opening(self) -> None:
        parts = self._parts
        parts.responder.trusted.connect(parts.preferences.trust)
        parts.responder.keys_shown.connect(self._on_keys_shown)
        parts.responder.keys_wanted.connect(self._on_keys_wanted)
        parts.responder.weights_needed.connect(parts.weights.ask)
        parts.weights.ready.connect(parts.responder.open_anew)
        parts.opener.images_chosen.connect(parts.images.open)
        parts.opener.images_chosen.connect(parts.remembered.on_images_opened)
        parts.opener.network_chosen.connect(parts.examiner.open_network)
        parts.opener.files_chosen.connect(parts.picking.choose_for)
        parts.picking.dropped.connect(parts.opener.open_data)
        parts.picking.description_wanted.connect(parts.descriptions.ask)
        parts.descriptions.saved.connect(parts.messages.info)
        parts.descriptions.failed.connect(parts.messages.error)

    def _connect_actions(self) -> None:
        parts, actions, opener = self._parts, self._parts.actions, self._parts.opener
        for action, slot in (
            (actions.open_images, opener.ask_for_images),
            (actions.open_folder, opener.ask_for_folder),
            (actions.open_network, parts.picking.choose),
            (actions.save_network, self._on_save_network),
            (actions.preprocessing, self._on_preprocessing_wanted),
            (actions.paste, opener.paste),
            (actions.preferences, parts.preferences.open),
            (actions.quit, self._window.close),
            (actions.reset_layout, parts.docks.reset),
            (actions.sample, parts.images.open_scenes),
            (actions.weights, parts.weights.show_stored),
        ):
            action.triggered.connect(slot)
        actions.devices.triggered.connect(self._on_device_chosen)
        actions.recent_images.chosen.connect(self._on_recent_image)
        actions.recent_networks.chosen.connect(parts.examiner.open_network)

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        if isinstance(event, Failed | Cancelled) and event.job.view == OPENING:
            self._parts.actions.mark_device(self._parts.examiner.subject.device)

    @Slot(object)
    def _on_network_opened(self, outline: Outline) -> None:
        parts = self._parts
        parts.tree.show_outline(outline)
        parts.results.show_outline(outline)
        parts.docks.put_away(parts.keys)
        parts.actions.save_network.setEnabled(True)
        parts.canvas.clear_map()
        parts.answers.show_outline(outline)
        parts.strip.compare_action.setEnabled(outline.task in ("classification", "embedding"))
        parts.device.setText(outline.device.upper())
        parts.device.setToolTip(outline.device_reason)
        parts.device.setAccessibleName(self.tr("Device: {0}. {1}").format(outline.device, outline.device_reason))
        self._tell_notes(outline)

    def _tell_notes(self, outline: Outline) -> None:
        """Tell what there is to know of a network; what was told when it was opened the last time need not be."""
        told, self._told = self._told, tuple(f"{outline.name}: {note}" for note in outline.notes)
        for sentence in self._told:
            if sentence not in told:
                self._parts.messages.info(sentence)

    @Slot()
    def _on_save_network(self) -> None:
        outline = self._parts.examiner.outline
        if outline is not None:
            self._parts.descriptions.ask(outline.description, self._window)

    @Slot(object)
    def _on_subject_changed(self, subject: Subject) -> None:
        tree, outline = self._parts.tree, self._parts.examiner.outline
        if tree.chosen != subject.layer:
            tree.choose(subject.layer)
        self._parts.results.show_parts(self._parts.examiner.parts, subject.maps)
        self._show_explanation(subject)
        name = PurePath(subject.image.removeprefix(SAMPLE_PREFIX)).name
        self._window.setWindowTitle(" – ".join(filter(None, (name, outline.name if outline is not None else ""))))

    def _show_explanation(self, subject: Subject) -> None:
        """Show everywhere what is chosen to be explained, and how."""
        parts = self._parts
        parts.method.show_subject(subject)
        parts.tree.show_joined([LayerRef.parse(layer).name for layer in subject.more_layers])
        parts.results.predictions.show_target(subject.target)
        parts.answers.show_target(subject.target)
        self._show_target()

    @Slot()
    def _show_target(self) -> None:
        """Name what the map over the image explains: a cell of the table, where that lies there."""
        parts = self._parts
        enlarged = parts.comparing.enlarged
        target = enlarged.target if enlarged is not None else parts.examiner.subject.target
        parts.target_line.show_target(target, parts.examiner.outline)
        region = target.box if isinstance(target, UnitTarget | ClassTarget) else None
        parts.canvas.on_picture.show_region(Box(*region) if region is not None else None)

    @Slot(object)
    def _on_region_drawn(self, region: Box) -> None:
        parts = self._parts
        channel = parts.results.units.chosen_channel(parts.examiner.subject.maps)
        parts.explaining.explain_region((region.left, region.top, region.right, region.bottom), channel)

    @Slot()
    def _on_preprocessing_wanted(self) -> None:
        self._parts.docks.bring_up(self._parts.results)
        self._parts.results.setCurrentWidget(self._parts.preprocessing)
        self._parts.preprocessing.view.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def _on_vector_wanted(self) -> None:
        self._open_for("embedding")

    @Slot()
    def _on_classes_wanted(self) -> None:
        self._open_for("classification")

    def _open_for(self, task: Task) -> None:
        """Open the same network again, as one for another task."""
        examiner = self._parts.examiner
        if examiner.outline is not None:
            described = structs.replace(examiner.outline.description, task=task)
            examiner.open_network(described, examiner.subject.allowed_keys)

    @Slot()
    def _on_find_method(self) -> None:
        self._parts.docks.bring_up(self._parts.method)
        self._parts.method.focus_search()

    @Slot()
    def _on_method_help_wanted(self) -> None:
        self._parts.help.show_methods(self._parts.examiner.subject.method)
        self._parts.docks.bring_up(self._parts.help)

    @Slot(str)
    def _on_method_wanted(self, method_id: str) -> None:
        self._parts.docks.bring_up(self._parts.method)
        self._parts.explaining.choose_method(method_id)

    @Slot(str)
    def _on_image_chosen(self, reference: str) -> None:
        parts = self._parts
        parts.strip.setVisible(bool(reference))
        parts.examiner.show_image(reference)
        if not reference:
            parts.canvas.clear()
            parts.results.clear_image()

    @Slot(str)
    def _on_recent_image(self, reference: str) -> None:
        self._parts.opener.open_paths([reference])

    @Slot(object)
    def _on_message(self, message: Message) -> None:
        if message.kind == "info":
            self._parts.notice.tell(message.text)
        else:
            self._parts.docks.bring_up(self._parts.messages)

    @Slot(QAction)
    def _on_device_chosen(self, action: QAction) -> None:
        self._parts.examiner.choose_device(action.data())

    @Slot()
    def _on_keys_shown(self) -> None:
        self._parts.docks.bring_up(self._parts.keys, for_now=True)

    @Slot()
    def _on_keys_wanted(self) -> None:
        self._parts.docks.bring_up(self._parts.keys)
