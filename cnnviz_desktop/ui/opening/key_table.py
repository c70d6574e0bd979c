"""Weights that do not fit their network: which keys, how, and which of them may be let pass."""

from pathlib import PurePath

from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.key_pairs import KeyRow, commonest_renaming
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.references import described
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.ui.opening.file_dialogs import FileDialogs
from cnnviz_desktop.ui.opening.key_model import PROBLEMS, KeyColumn, KeyModel
from cnnviz_desktop.ui.opening.picker.path_field import weights_sought
from cnnviz_desktop.ui.search_field import SearchField
from cnnviz_desktop.ui.tick_tree import TickTree

_UNFOLDED = 500
"""Keys in a group that are shown at once; a longer one is a heading until it is unfolded."""


class KeyTable(QWidget):
    """The keys of one network that would not open, each of which can be allowed; and where its weights are taken from.

    `opening_wanted` carries a request to open the network in another way: without keys, from another part of the file,
    or from another file.

    Args:
        dialogs: Makes the dialog for that file.
        parent: Qt's parent.
    """

    opening_wanted = Signal(object)  # a Request

    def __init__(self, dialogs: FileDialogs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dialogs = dialogs
        self._request: Request | None = None
        self._message, self._meaning = QLabel(), QLabel()
        for label in (self._message, self._meaning):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.model = KeyModel(self)
        self.rows = TickTree()
        self.search = SearchField(self.tr("Filter by name or shape"), self.tr("Filter the keys"))
        self.parts = QComboBox()
        self._part_label = QLabel(self.tr("&Weights under"))
        self.copy_button = QPushButton(self.tr("&Copy"))
        self.file_button = QPushButton(self.tr("Choose another &file…"))
        self.all_button = QPushButton(self.tr("&Tick all"))
        self.open_button = QPushButton(self.tr("&Open without these keys"))
        self._name_all()
        self._fill_rows()
        self._lay_out()
        self._connect()
        self._clear(self.tr("Weights that do not fit their network are listed here."))

    def show_keys(self, request: Request, message: str, table: tuple[KeyRow, ...], parts: tuple[str, ...] = ()) -> None:
        """Show the keys that kept a request's network from opening.

        Args:
            request: The request.
            message: What is the matter.
            table: Rows of `WeightsMismatch.table`.
            parts: The dictionaries of the file that fit equally well, the one in the table first.
        """
        self._request = request
        self._message.setText(message)
        self.search.clear()
        self.model.show(table, request.allowed_keys)
        self._meaning.setText(self._what_it_means())
        self._meaning.setVisible(bool(self._meaning.text()))
        self._unfold()
        self._show_parts(parts)
        self.file_button.setEnabled(True)

    def show_outline(self, outline: Outline, request: Request) -> None:
        """Say where the weights of the network that is open were taken from, and let another part be chosen.

        Args:
            outline: The network.
            request: What opens it as it is open.
        """
        weights = outline.description.weights
        self._clear(self.tr("All weights of {0} fit, or were allowed not to.").format(outline.name) if weights else
                    self.tr("{0} has no weights file.").format(outline.name))  # fmt: skip
        self._request = request if weights else None
        self.file_button.setEnabled(weights is not None)
        self._show_parts(outline.weights_parts)

    @property
    def text(self) -> str:
        """What is in sight, as text: a line a key, columns parted by tabs."""
        rows = ["\t".join(str(self.model.headerData(column, Qt.Orientation.Horizontal)) for column in KeyColumn)]
        for problem in PROBLEMS:
            found = [row for row in self.model.in_sight if row[1] == problem]
            rows += [self.model.problem_words(problem)] if found else []
            rows += ["\t".join(self.model.text(row, column) for column in KeyColumn) for row in found]
        return "\n".join([self._message.text(), "", *rows])

    def _clear(self, message: str) -> None:
        self._request = None
        self._message.setText(message)
        self._meaning.hide()
        self.search.clear()
        self.model.show((), ())
        self._show_parts(())
        self.file_button.setEnabled(False)

    def _unfold(self) -> None:
        for number in range(self.model.rowCount()):
            group = self.model.index(number, 0)
            self.rows.setExpanded(group, self.model.rowCount(group) <= _UNFOLDED)

    def _show_parts(self, parts: tuple[str, ...]) -> None:
        self.parts.blockSignals(True)
        self.parts.clear()
        for part in parts:
            self.parts.addItem(part or self.tr("the file's top level"), part)
        self.parts.blockSignals(False)
        for widget in (self.parts, self._part_label):
            widget.setVisible(len(parts) > 1)

    def _what_it_means(self) -> str:
        """What names that are alike say about the two networks."""
        own, theirs, count = commonest_renaming(self.model.pairs)
        if not count:
            return ""
        if own and theirs:
            return self.tr(
                "{0} keys may be the same under another name: what the network calls “{1}” is “{2}” in the file. The "
                "network was renamed since, or is another version of it; opened without them, those layers are random."
            ).format(count, own, theirs)
        return self.tr(
            "{0} keys may be the same under another name: the file puts “{1}” before them where the network has “{2}”."
        ).format(count, theirs, own)

    def _name_all(self) -> None:
        self.rows.setAccessibleName(self.tr("Keys of the weights that do not fit"))
        self.parts.setAccessibleName(self.tr("Which dictionary of the file the weights are taken from"))
        self.parts.setToolTip(self.tr("All of these fit equally well: the trained weights and averages of them"))
        self._part_label.setBuddy(self.parts)
        self.copy_button.setToolTip(self.tr("Copies what is in sight as text"))
        self.file_button.setToolTip(self.tr("Opens the same network with the weights of another file"))
        self.open_button.setToolTip(self.tr("Layers whose weights are missing keep random values"))

    def _fill_rows(self) -> None:
        self.rows.setModel(self.model)
        self.rows.setUniformRowHeights(True)
        self.rows.setAlternatingRowColors(True)
        self.rows.setAllColumnsShowFocus(True)
        self.rows.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header = self.rows.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for column, width in ((KeyColumn.KEY, 320), (KeyColumn.FILE, 140), (KeyColumn.NETWORK, 150)):
            header.resizeSection(column, width)
        self.copy_action = QAction(self.tr("Copy"), self.rows)
        self.copy_action.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        self.copy_action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.rows.addAction(self.copy_action)

    def _lay_out(self) -> None:
        top, buttons, layout = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        top.addWidget(self.search, 1)
        top.addWidget(self._part_label)
        top.addWidget(self.parts)
        for button in (self.copy_button, self.file_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        for button in (self.all_button, self.open_button):
            buttons.addWidget(button)
        layout.setContentsMargins(6, 4, 6, 6)
        layout.setSpacing(4)
        layout.addWidget(self._message)
        layout.addWidget(self._meaning)
        layout.addLayout(top)
        layout.addWidget(self.rows, 1)
        layout.addLayout(buttons)

    def _connect(self) -> None:
        self.model.ticks_changed.connect(self._on_ticks_changed)
        self.search.textChanged.connect(self._on_filter)
        self.search.left_down.connect(self.rows.setFocus)
        self.parts.activated.connect(self._on_part_chosen)
        self.rows.customContextMenuRequested.connect(self._on_menu_wanted)
        self.copy_action.triggered.connect(self._on_copy)
        self.copy_button.clicked.connect(self._on_copy)
        self.file_button.clicked.connect(self._on_file_wanted)
        self.all_button.clicked.connect(self._on_all)
        self.open_button.clicked.connect(self._on_open)

    @Slot()
    def _on_ticks_changed(self) -> None:
        any_rows = bool(self.model.in_sight)
        self.all_button.setEnabled(any_rows)
        self.copy_button.setEnabled(any_rows)
        self.open_button.setEnabled(self.model.all_ticked)

    @Slot(str)
    def _on_filter(self, words: str) -> None:
        self.model.filter(words)
        self._unfold()
        self._on_ticks_changed()

    @Slot()
    def _on_all(self) -> None:
        self.model.tick((key for key, *_ in self.model.in_sight), ticked=True)

    @Slot()
    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text)

    @Slot(QPoint)
    def _on_menu_wanted(self, where: QPoint) -> None:
        menu = QMenu(self.rows)
        menu.addAction(self.copy_action)
        menu.popup(self.rows.viewport().mapToGlobal(where))

    @Slot()
    def _on_open(self) -> None:
        if self._request is not None:
            allowed = dict.fromkeys((*self._request.allowed_keys, *self.model.ticked))
            self.opening_wanted.emit(replace(self._request, allowed_keys=tuple(allowed)))

    @Slot(int)
    def _on_part_chosen(self, number: int) -> None:
        self._open_with(weights_part=str(self.parts.itemData(number)))

    @Slot()
    def _on_file_wanted(self) -> None:
        sought = weights_sought(self)
        title = self.tr("Weights for the same network")
        dialog = self._dialogs.make(self.window(), sought.purpose, title, QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([*sought.filters, self.tr("All files (*)")])
        dialog.fileSelected.connect(self._on_file_chosen)
        dialog.open()

    @Slot(str)
    def _on_file_chosen(self, path: str) -> None:
        self._open_with(weights=path, weights_part=None)

    def _open_with(self, **changes: str | None) -> None:
        """Ask for the same network with other weights; keys that were allowed belonged to the old ones."""
        if self._request is None:
            return
        try:
            known = described(self._request.network)
        except NetworkError as error:  # its description file is gone
            self._message.setText(str(error))
            return
        before = PurePath(known.weights or "").name
        after = PurePath(changes.get("weights") or known.weights or "").name
        name = known.name.replace(before, after) if before else known.name
        changed = replace(known, name=name, **changes)
        self.opening_wanted.emit(replace(self._request, network=changed, allowed_keys=()))
