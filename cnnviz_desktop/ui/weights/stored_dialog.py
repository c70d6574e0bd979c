"""The list of official weights on this machine, with their sizes, and deleting them."""

from collections.abc import Iterable

from PySide6.QtCore import QSortFilterProxyModel, Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from cnnviz_desktop.core.errors import OutputError
from cnnviz_desktop.core.official_weights import OfficialWeights, StoredWeights, in_mebibytes
from cnnviz_desktop.core.weights_folder import delete_weights, stored_weights, torch_folder
from cnnviz_desktop.ui.weights.needed_dialog import open_folder
from cnnviz_desktop.ui.weights.stored_model import NAME, SORT_ROLE, StoredModel

FIRST_SIZE = 820, 420


class StoredDialog(QDialog):
    """Reads the folders whenever it is shown. Deleting is asked about once more, in the dialog itself.

    Signals:
        deleted: Some files are gone.

    Args:
        parent: The window it belongs to.
    """

    deleted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Weights on this machine"))
        self.resize(*FIRST_SIZE)
        self._networks: dict[str, tuple[str, ...]] = {}
        self._doomed: tuple[StoredWeights, ...] = ()
        self.model = StoredModel(self)
        self.table = QTableView()
        self.total = QLabel()
        self.total.setTextFormat(Qt.TextFormat.PlainText)
        self.total.setWordWrap(True)
        self.delete_button = QPushButton(self.tr("&Delete…"))
        self.folder_button = QPushButton(self.tr("&Open folder"))
        self.refresh_button = QPushButton(self.tr("&Refresh"))
        self.close_button = QPushButton(self.tr("Close"))
        self.question = QFrame()
        self._asked = QLabel()
        self.confirm_button = QPushButton(self.tr("Delete"))
        self.keep_button = QPushButton(self.tr("Keep"))
        self._make_table()
        self._lay_out()
        self._connect()
        self._on_selected()

    def tell_networks(self, offered: Iterable[OfficialWeights]) -> None:
        """Take in which networks files are for."""
        for each in offered:
            name = each.network.partition(":")[2] or each.network
            in_repository = (f"{each.repository}/{each.repository_file}",) if each.repository else ()
            for file in (each.file_name, *in_repository):
                self._networks[file] = tuple(dict.fromkeys((*self._networks.get(file, ()), name)))
        if self.isVisible():
            self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Read the folders again."""
        self._drop_question()
        try:
            found = stored_weights()
        except OutputError as error:
            self.model.show((), {})
            self.total.setText(str(error))
            return
        self.model.show(found, self._networks)
        total = in_mebibytes(sum(each.bytes for each in found))
        words = self.tr("{0} files, {1}.").format(len(found), total) if found else self.tr("There are none yet.")
        kept = self.tr("torch keeps them in {0}, and every program that uses torch shares them.").format(torch_folder())
        self.total.setText(f"{words} {kept}")
        self._on_selected()

    def showEvent(self, event: QShowEvent) -> None:
        """Show what is there now."""
        super().showEvent(event)
        if not event.spontaneous():
            self.refresh()

    @property
    def chosen(self) -> tuple[StoredWeights, ...]:
        """The files that are selected."""
        indices = self.table.selectionModel().selectedRows(NAME)
        rows = sorted(self._sorted.mapToSource(index).row() for index in indices)
        return tuple(self.model.rows[row] for row in rows)

    def _make_table(self) -> None:
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self.model)
        self._sorted.setSortRole(SORT_ROLE)
        table = self.table
        table.setModel(self._sorted)
        table.setSortingEnabled(True)
        table.sortByColumn(NAME, Qt.SortOrder.AscendingOrder)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setAccessibleName(self.tr("Official weights on this machine"))
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.setAlternatingRowColors(True)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)

    def _lay_out(self) -> None:
        self.question.setFrameShape(QFrame.Shape.StyledPanel)
        self._asked.setWordWrap(True)
        self._asked.setTextFormat(Qt.TextFormat.PlainText)
        question = QHBoxLayout(self.question)
        question.addWidget(self._asked, 1)
        question.addWidget(self.confirm_button)
        question.addWidget(self.keep_button)
        buttons = QHBoxLayout()
        for button in (self.delete_button, self.folder_button, self.refresh_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.total)
        layout.addWidget(self.question)
        layout.addLayout(buttons)
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)
        self.question.hide()

    def _connect(self) -> None:
        self.table.selectionModel().selectionChanged.connect(self._on_selected)
        self.delete_button.clicked.connect(self._on_delete)
        self.confirm_button.clicked.connect(self._on_confirmed)
        self.keep_button.clicked.connect(self._drop_question)
        self.folder_button.clicked.connect(self._on_open_folder)
        self.refresh_button.clicked.connect(self.refresh)
        self.close_button.clicked.connect(self.reject)

    @Slot()
    def _on_selected(self) -> None:
        self._drop_question()
        self.delete_button.setEnabled(bool(self.chosen))

    @Slot()
    def _on_delete(self) -> None:
        self._doomed = self.chosen
        size = in_mebibytes(sum(each.bytes for each in self._doomed))
        if len(self._doomed) == 1:
            what = self.tr("Delete {0} ({1})?").format(self._doomed[0].name, size)
        else:
            what = self.tr("Delete {0} files ({1})?").format(len(self._doomed), size)
        self._asked.setText(
            f"{what} {self.tr('Other programs that use them will have to download them again, as this one will.')}"
        )
        self.question.show()
        self.keep_button.setFocus()

    @Slot()
    def _on_confirmed(self) -> None:
        problem = ""
        for each in self._doomed:
            try:
                delete_weights(each)
            except OutputError as error:
                problem = str(error)
        self.refresh()
        if problem:
            self.total.setText(problem)
        self.table.setFocus()
        self.deleted.emit()

    @Slot()
    def _drop_question(self) -> None:
        self._doomed = ()
        self.question.hide()

    @Slot()
    def _on_open_folder(self) -> None:
        open_folder(self.chosen[0].path.parent if self.chosen else torch_folder())
