"""The programs that may run, each with where it lay, its hash and since when; consent can be taken back."""

from pathlib import PurePath

from PySide6.QtCore import QDateTime, QLocale, Qt, Signal, Slot
from PySide6.QtGui import QFontDatabase, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cnnviz_desktop.core.trusted import Trusted

HASH_ROLE = Qt.ItemDataRole.UserRole
DIGITS_SHOWN = 12


class _Rows(QTreeWidget):
    delete_pressed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tell of Delete; everything else moves about."""
        if event.matches(QKeySequence.StandardKey.Delete):
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)


class ProgramsPage(QWidget):
    """A row for each program; Delete takes back what is chosen.

    Signals:
        revoked: SHA-256 of the programs that may run no more, a tuple.
    """

    revoked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = _Rows()
        self.explanation = QLabel()
        self.revoke_button = QPushButton(self.tr("&Revoke"))
        self.revoke_all_button = QPushButton(self.tr("Revoke a&ll"))
        self._make_rows()
        self._lay_out()
        self.rows.itemSelectionChanged.connect(self._on_selected)
        self.rows.delete_pressed.connect(self._on_revoke)
        self.revoke_button.clicked.connect(self._on_revoke)
        self.revoke_all_button.clicked.connect(self._on_revoke_all)
        self.show_programs(())

    def show_programs(self, programs: tuple[Trusted, ...]) -> None:
        """Show these, the newest first."""
        self.rows.clear()
        self.rows.addTopLevelItems([self._row(each) for each in reversed(programs)])
        self.explanation.setText(
            self.tr(
                "These programs build networks, and run without a question as long as not one byte of them changes. "
                "A program that is revoked is asked about again before it runs."
            )
            if programs
            else self.tr(
                "No program may run without a question. Networks that are built by a Python file, or that torch.export "
                "or TorchScript saved, are asked about when they are opened, and those you allow are listed here."
            )
        )
        self.rows.setVisible(bool(programs))
        self.revoke_all_button.setEnabled(bool(programs))
        self._on_selected()

    def _make_rows(self) -> None:
        self.rows.setAccessibleName(self.tr("Programs that may run"))
        self.rows.setHeaderLabels([self.tr("Program"), self.tr("Folder"), self.tr("SHA-256"), self.tr("Allowed on")])
        self.rows.setRootIsDecorated(False)
        self.rows.setUniformRowHeights(True)
        self.rows.setAlternatingRowColors(True)
        self.rows.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.rows.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        header = self.rows.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)

    def _lay_out(self) -> None:
        self.explanation.setWordWrap(True)
        self.revoke_button.setToolTip(self.tr("Ask again before the chosen programs run"))
        self.revoke_all_button.setToolTip(self.tr("Ask again before any of these programs runs"))
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.revoke_button)
        buttons.addWidget(self.revoke_all_button)
        layout = QVBoxLayout(self)
        layout.addWidget(self.explanation)
        layout.addWidget(self.rows, 1)
        layout.addStretch(0)
        layout.addLayout(buttons)

    def _row(self, program: Trusted) -> QTreeWidgetItem:
        path = PurePath(program.file)
        unknown = self.tr("not known any more")
        when = QDateTime.fromString(program.when, Qt.DateFormat.ISODate)
        shown = QLocale().toString(when, QLocale.FormatType.ShortFormat) if when.isValid() else unknown
        item = QTreeWidgetItem(
            [path.name or unknown, str(path.parent) if path.name else "–", program.sha256[:DIGITS_SHOWN] + "…", shown]
        )
        item.setData(0, HASH_ROLE, program.sha256)
        item.setFont(2, QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        for column, text in enumerate((program.file, program.file, program.sha256, program.when)):
            item.setToolTip(column, text)
        return item

    def _chosen(self) -> tuple[str, ...]:
        return tuple(str(item.data(0, HASH_ROLE)) for item in self.rows.selectedItems())

    @Slot()
    def _on_selected(self) -> None:
        self.revoke_button.setEnabled(bool(self._chosen()))

    @Slot()
    def _on_revoke(self) -> None:
        if self._chosen():
            self.revoked.emit(self._chosen())

    @Slot()
    def _on_revoke_all(self) -> None:
        items = (self.rows.topLevelItem(number) for number in range(self.rows.topLevelItemCount()))
        self.revoked.emit(tuple(str(item.data(0, HASH_ROLE)) for item in items if item is not None))
