"""What the menus do that needs no dialog: copying, finding, asking again."""

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication

from cnnviz_desktop.ui.actions import Actions
from cnnviz_desktop.ui.comparison.comparing import Comparing
from cnnviz_desktop.ui.examiner import Examiner
from cnnviz_desktop.ui.network.model_tree import ModelTree
from cnnviz_desktop.ui.results.results_panel import ResultsPanel


class Commands(QObject):
    """Connects the actions that are about what is looked at, and greys them while nothing is."""

    def __init__(
        self, actions: Actions, examiner: Examiner, tree: ModelTree, results: ResultsPanel, comparing: Comparing
    ) -> None:
        super().__init__(actions)
        self._actions = actions
        self._examiner = examiner
        self._tree = tree
        self._results = results
        self._comparing = comparing
        for action, slot in (
            (actions.run_again, examiner.ask_again),
            (actions.sample, self._on_sample),
            (actions.suggested, self._on_suggested),
            (actions.heat_map, examiner.show_heat_map),
            (actions.find_layer, self._on_find_layer),
            (actions.find_class, self._on_find_class),
            (actions.copy_command, self._on_copy_command),
            (actions.copy_request, self._on_copy_request),
            (actions.compare_networks, comparing.compare_networks),
        ):
            action.triggered.connect(slot)
        examiner.subject_changed.connect(self._show_state)
        comparing.enlarged_changed.connect(self._show_state)
        comparing.page.subject.changed.connect(self._show_networks)
        self._show_state()
        self._show_networks()

    @Slot()
    def _show_networks(self) -> None:
        """Say how a second network to compare with is come by, as long as there is none."""
        can_compare = self._comparing.page.subject.can_compare_networks
        tip = self.tr("A table of both, and of how they differ")
        if not can_compare:
            tip = self.tr("Open another network first: it can then be compared with any that was open before.")
        self._actions.compare_networks.setEnabled(can_compare)
        self._actions.compare_networks.setToolTip(tip)

    @Slot()
    def _show_state(self) -> None:
        outline, subject, enlarged = self._examiner.outline, self._examiner.subject, self._comparing.enlarged
        whole = outline is not None and bool(subject.image) and not self._examiner.why_unexplained
        self._actions.copy_command.setEnabled(whole or enlarged is not None)
        self._actions.copy_request.setEnabled(whole or enlarged is not None)
        self._actions.heat_map.setEnabled(whole)
        self._actions.find_class.setEnabled(outline is None or outline.task == "classification")  # others list theirs
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
        enlarged, subject = self._comparing.enlarged, self._examiner.subject
        QGuiApplication.clipboard().setText(enlarged.command if enlarged is not None else subject.command())

    @Slot()
    def _on_copy_request(self) -> None:
        enlarged = self._comparing.enlarged
        requests = enlarged.requests if enlarged is not None else (self._examiner.subject.attribution,)
        QGuiApplication.clipboard().setText("\n".join(request.to_json() for request in requests))
