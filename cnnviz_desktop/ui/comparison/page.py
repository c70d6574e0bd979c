"""The page of the comparison table: what is compared, how it is drawn, the table, and what is said about it."""

from pathlib import PurePath

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from cnnviz_desktop.core.geometry import Point
from cnnviz_desktop.core.resources import image_name
from cnnviz_desktop.core.results import Picture
from cnnviz_desktop.jobs.runner import JobRunner
from cnnviz_desktop.ui.comparison.answers import Answers
from cnnviz_desktop.ui.comparison.asking import commands_of
from cnnviz_desktop.ui.comparison.cell_words import value_at
from cnnviz_desktop.ui.comparison.comparison import Comparison, Place
from cnnviz_desktop.ui.comparison.enlarged import Enlarged
from cnnviz_desktop.ui.comparison.filling import Filler
from cnnviz_desktop.ui.comparison.look import TableLook
from cnnviz_desktop.ui.comparison.look_controls import LookControls
from cnnviz_desktop.ui.comparison.sheet import table_picture
from cnnviz_desktop.ui.comparison.subject_controls import SubjectControls
from cnnviz_desktop.ui.comparison.table_scene import TableScene
from cnnviz_desktop.ui.comparison.table_view import TableView
from cnnviz_desktop.ui.comparison.titles import BETWEEN, title_of
from cnnviz_desktop.ui.eliding_label import ElidingLabel
from cnnviz_desktop.ui.picture_export import PictureActions, ShownPicture

MOST_TOLD = 5


class ComparisonPage(QWidget):
    """Compares methods, layers, classes and images.

    Signals:
        about_to_fill: The table is filled next: what it is to be computed by must be said now.
        readout_changed: What lies under the mouse, in words; empty for nothing.
        enlarged: The cell, an `Enlarged`, that the user wants to see over its image.
        enlarged_anew: The same cell, which has something else to show by now, or will not become sharper.
        said: What was done, in words.
        failed: What is the program's own fault: a sentence and a traceback.

    Attributes:
        subject: What is compared.
        look: How it is drawn.
        view: The table.
        picture_actions: Copying and saving the table.
        command_action: Copies the command that computes the same.
    """

    about_to_fill = Signal()
    readout_changed = Signal(str)
    enlarged = Signal(object)
    enlarged_anew = Signal(object)
    said = Signal(str)
    failed = Signal(str, str)

    def __init__(self, runner: JobRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene: TableScene | None = None
        self._enlarged: Place | None = None
        self.subject = SubjectControls()
        self.look = LookControls()
        self.view = TableView()
        self._filler = Filler(runner, self)
        self._title = ElidingLabel()
        self._invitation = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        self._start = QPushButton()
        self._start.setAutoDefault(True)  # Enter presses it, as Space does
        self._stack = QStackedWidget()
        self._lay_out()
        self.picture_actions = PictureActions(self.view, self._make_picture)
        self.picture_actions.bar_action.setVisible(False)  # every map has its own
        self.command_action = QAction(self.tr("Copy comparison as comman&d"), self)
        self.command_action.triggered.connect(self._on_copy_command)
        self.fit_action = QAction(self.tr("&Fit the pictures into the cells"), self)
        self.fit_action.triggered.connect(self.view.fit)
        self.view.addActions([self.command_action, self.fit_action])
        self._connect()
        self._show_state()

    @property
    def scene(self) -> TableScene | None:
        """The table; None before the first is filled."""
        return self._scene

    @property
    def is_filling(self) -> bool:
        """Whether anything may still come."""
        return self._filler.is_filling

    @Slot()
    def fill(self) -> None:
        """Compute what is chosen; only what is missing where that is the table already."""
        self.about_to_fill.emit()
        comparison = self.subject.comparison()
        if comparison is None:
            return
        scene = self._scene
        if scene is not None and scene.comparison.is_about(comparison):
            scene.answers.resume()
        else:
            fresh = TableScene(Answers(comparison), self.look.look)
            if scene is not None:
                fresh.take_pictures_of(scene)
                fresh.zoom = scene.zoom
            self._show_scene(fresh)
            scene = fresh
        self._filler.fill(scene.answers)
        self._show_state()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy or save the table by their keys wherever on the page the focus is."""
        if not self.picture_actions.take_key(event):
            super().keyPressEvent(event)

    def take_keyboard(self) -> None:
        """Have the keyboard: on the table, or on the button that fills it."""
        has_table = self._scene is not None
        (self.view if has_table else self._start).setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def clear(self) -> None:
        """Show no table: the network is another one."""
        self._filler.drop()
        self._show_scene(None)
        self._show_state()

    def _connect(self) -> None:
        self.subject.changed.connect(self._show_state)
        self.subject.fill_asked.connect(self.fill)
        self.subject.cancel_asked.connect(self._filler.cancel)
        self._start.clicked.connect(self.fill)
        self.look.changed.connect(self._on_look_changed)
        self.look.width_changed.connect(self.view.set_cell_width)
        self.view.pointed.connect(self._on_pointed)
        self.view.enlarged.connect(self._on_enlarged)
        self._filler.pictured.connect(self._on_pictured)
        self._filler.changed.connect(self._on_changed)
        self._filler.ended.connect(self._show_state)
        self._filler.failed.connect(self.failed)

    def _lay_out(self) -> None:
        empty = QWidget()
        middle = QVBoxLayout(empty)
        middle.addStretch(1)
        middle.addWidget(self._invitation)
        middle.addWidget(self._start, 0, Qt.AlignmentFlag.AlignHCenter)
        middle.addStretch(1)
        self._stack.addWidget(empty)
        self._stack.addWidget(self.view)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(4)
        for widget in (self.subject, self.look, self._title):
            column.addWidget(widget)
        column.addWidget(self._stack, 1)

    def _show_scene(self, scene: TableScene | None) -> None:
        self._tell_enlarged(is_final=True)
        self._scene, self._enlarged = scene, None
        self.view.show_scene(scene)
        self._stack.setCurrentIndex(0 if scene is None else 1)
        self.readout_changed.emit("")

    @Slot()
    def _show_state(self) -> None:
        comparison, problem = self.subject.comparison(), self.subject.problem
        self.subject.fill_button.setEnabled(comparison is not None)
        self.subject.fill_button.setToolTip(problem or self.tr("Compute the table"))
        self.subject.show_filling(filling=self.is_filling)
        self._start.setVisible(comparison is not None)
        if comparison is not None:
            rows, columns = len(comparison.rows), len(comparison.columns)
            self._start.setText(self.tr("Fill {0} × {1} cells").format(rows, columns))
            self._invitation.setText(self._invitation_for(comparison))
        else:
            self._invitation.setText(problem)
        self._title.setText(self._told(comparison))
        for action in (self.command_action, self.fit_action):
            action.setEnabled(self._scene is not None)

    def _invitation_for(self, comparison: Comparison) -> str:
        methods, image = len(comparison.methods), image_name(comparison.images[0])
        if comparison.layout == "views":
            text = self.tr("{0} methods side by side on {1}: heat map, guided backpropagation, and both together.")
            return text.format(methods, image)
        if comparison.layout == "layers":
            return self.tr("{0} methods on {1}, at {2} layers.").format(methods, image, len(comparison.layers))
        if comparison.layout == "classes":
            told = ", ".join(column.text for column in comparison.columns[:MOST_TOLD])
            told += " …" if len(comparison.columns) > MOST_TOLD else ""
            return self.tr("{0} methods on {1}, explaining: {2}.").format(methods, image, told)
        if comparison.other is not None:
            text = self.tr("{0} methods on {1}: {2} beside {3}, and how they differ.")
            return text.format(methods, image, comparison.other.name, comparison.name)
        return self.tr("{0} images, explained by {1} methods.").format(len(comparison.images), methods)

    def _told(self, draft: Comparison | None) -> str:
        """What the table shows; and where something else is chosen by now, that “Fill” computes it."""
        if self._scene is None:
            return ""
        told = title_of(self._scene.comparison, self._scene.answers)
        counts = len(self._scene.answers.open)
        if self.is_filling and counts:
            told += BETWEEN + self.tr("{0} to come").format(counts)
        if draft is not None and not self._scene.comparison.is_about(draft):
            anew = self._told_anew(draft, self._scene.comparison)
            told += BETWEEN + self.tr("changed: Fill computes {0}").format(anew)
        return told

    def _told_anew(self, draft: Comparison, shown: Comparison) -> str:
        """What another table would be about; how large it would be, where its axes are others."""
        if draft.layout == shown.layout and title_of(draft) != title_of(shown):
            return title_of(draft)
        return self.tr("{0} × {1} cells").format(len(draft.rows), len(draft.columns))

    @Slot(object)
    def _on_pictured(self, picture: Picture) -> None:
        if self._scene is not None and picture.image in self._scene.comparison.images:
            self._scene.add_picture(picture.image, picture.pixels)
            self.view.fit_cells()

    @Slot(object)
    def _on_changed(self, places: set[Place]) -> None:
        self.view.show_changes(places)
        self.view.viewport().update()  # others of the same scale look otherwise too
        if self._scene is not None:
            self._title.setText(self._told(self.subject.comparison()))
        if self._enlarged in places:
            self._tell_enlarged(is_final=not self.is_filling)

    @Slot(object)
    def _on_look_changed(self, look: TableLook) -> None:
        if self._scene is not None:
            self._scene.set_look(look)
            self.view.viewport().update()

    @Slot(object)
    def _on_pointed(self, told: tuple[Place, Point] | None) -> None:
        if told is None or self._scene is None:
            self.readout_changed.emit("")
            return
        place, point = told
        result = self._scene.answers.cell(place).result
        words = [self._scene.words(place).title, f"x {int(point.x)}  y {int(point.y)}"]
        if result is not None:
            words.append(f"{result.layer} {value_at(result, point)}".strip())
        self.readout_changed.emit("  ·  ".join(words))

    @Slot(object)
    def _on_enlarged(self, place: Place) -> None:
        if self._scene is None:
            return
        made = Enlarged.of(self._scene.answers, place, is_final=not self.is_filling)
        if made is not None:
            self._enlarged = place
            self.enlarged.emit(made)

    def _tell_enlarged(self, *, is_final: bool) -> None:
        if self._scene is None or self._enlarged is None:
            return
        made = Enlarged.of(self._scene.answers, self._enlarged, is_final=is_final)
        if made is not None:
            self.enlarged_anew.emit(made)

    @Slot()
    def _on_copy_command(self) -> None:
        if self._scene is not None:
            QGuiApplication.clipboard().setText(commands_of(self._scene.comparison))
            self.said.emit(self.tr("Copied the command that computes this table."))

    def _make_picture(self, scale: int) -> ShownPicture | None:
        if self._scene is None:
            return None
        comparison = self._scene.comparison
        title, name = title_of(comparison, self._scene.answers), PurePath(image_name(comparison.images[0])).stem
        picture = table_picture(self._scene, self.view.cell_layout.size.width(), title, scale)
        return ShownPicture(picture, f"{name}-comparison", title)
