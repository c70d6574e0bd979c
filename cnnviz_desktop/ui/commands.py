"""What the menus do that needs no dialog: copying, finding, asking again."""

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication

from cnnviz_desktop.ui.actions import Actions
from cnnviz_desktop.ui.examiner import Examiner
from cnnviz_desktop.ui.network.model_tree import ModelTree
from cnnviz_desktop.ui.results.results_panel import ResultsPanel


class Commands(QObject):
    """Connects the actions that are about what is looked at, and greys them while nothing is."""

    def __init__(self, actions: Actions, examiner: Examiner, tree: ModelTree, results: ResultsPanel) -> None:
        super().__init__(actions)
        self._actions = actions
        self._examiner = examiner
        self._tree = tree
        self._results = results
        for action, slot in (
            (actions.run_again, examiner.ask_again),
            (actions.sample, self._on_sample),
            (actions.suggested, self._on_suggested),
            (actions.heat_map, examiner.show_heat_map),
            (actions.find_layer, self._on_find_layer),
            (actions.find_class, self._on_find_class),
            (actions.copy_command, self._on_copy_command),
            (actions.copy_request, self._on_copy_request),
        ):
            action.triggered.connect(slot)
        examiner.subject_changed.connect(self._on_subject_changed)
        self._on_subject_changed()

    @Slot()
    def _on_subject_changed(self) -> None:
        outline, subject = self._examiner.outline, self._examiner.subject
        whole = outline is not None and bool(subject.image) and not self._examiner.why_unexplained
        self._actions.copy_command.setEnabled(whole)
        self._actions.copy_request.setEnabled(whole)
        self._actions.heat_map.setEnabled(whole)
        self._actions.suggested.setEnabled(outline is not None and bool(outline.suggested))

    @Slot()
    def _on_sample(self) -> None:
        self._examiner.open_network("sample")

    @Slot()
    def _on_suggested(self) -> None:
        outline = self._examiner.outline
        if outline is not None:
            self._tree.choose(outline.suggested)
            self._examiner.choose_layer(outline.suggested)

    @Slot()
    def _on_find_layer(self) -> None:
        self._tree.focus_search()

    @Slot()
    def _on_find_class(self) -> None:
        self._results.find_class()

    @Slot()
    def _on_copy_command(self) -> None:
        QGuiApplication.clipboard().setText(self._examiner.subject.command())

    @Slot()
    def _on_copy_request(self) -> None:
        QGuiApplication.clipboard().setText(self._examiner.subject.attribution.to_json())
