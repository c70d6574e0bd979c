"""Weights that do not fit their network: which keys, how, and which of them may be let pass."""

import msgspec
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cnnviz_desktop.core.requests import Request

Row = tuple[str, str, str, str]


class KeyTable(QWidget):
    """The keys of one network that would not open; each can be allowed by name."""

    keys_allowed = Signal(object)  # the Request, with the keys allowed

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._request: Request | None = None
        self._message = QLabel(self.tr("Weights that do not fit their network are listed here."))
        self._message.setWordWrap(True)
        self._message.setTextFormat(Qt.TextFormat.PlainText)
        self.rows = QTreeWidget()
        self.rows.setAccessibleName(self.tr("Keys of the weights that do not fit"))
        self.rows.setHeaderLabels(
            [self.tr("Allow"), self.tr("Problem"), self.tr("Shape in the file"), self.tr("Shape in the network")]
        )
        self.rows.setRootIsDecorated(False)
        self.rows.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.rows.itemChanged.connect(self._on_checked)
        self._all = QPushButton(self.tr("Tick all"))
        self._all.clicked.connect(self._on_all)
        self.open_button = QPushButton(self.tr("Open without these keys"))
        self.open_button.setToolTip(self.tr("Layers whose weights are missing keep random values"))
        self.open_button.clicked.connect(self._on_open)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._all)
        buttons.addWidget(self.open_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addWidget(self._message)
        layout.addWidget(self.rows, 1)
        layout.addLayout(buttons)
        self._on_checked()

    def show_keys(self, request: Request, message: str, table: tuple[Row, ...]) -> None:
        """Show the keys that kept a request's network from opening."""
        words = {
            "missing": self.tr("missing in the file"),
            "unexpected": self.tr("not in the network"),
            "shape": self.tr("another shape"),
        }
        self._request = request
        self._message.setText(message)
        self.rows.clear()
        for key, problem, in_file, in_network in table:
            item = QTreeWidgetItem([key, words.get(problem, problem), in_file or "–", in_network or "–"])
            item.setCheckState(0, Qt.CheckState.Checked if key in request.allowed_keys else Qt.CheckState.Unchecked)
            self.rows.addTopLevelItem(item)
        self._on_checked()

    @property
    def ticked(self) -> tuple[str, ...]:
        """Names of the keys that are ticked."""
        return tuple(item.text(0) for item in self._items() if item.checkState(0) == Qt.CheckState.Checked)

    def _items(self) -> list[QTreeWidgetItem]:
        items = (self.rows.topLevelItem(number) for number in range(self.rows.topLevelItemCount()))
        return [item for item in items if item is not None]

    @Slot()
    def _on_checked(self) -> None:
        count = len(self._items())
        self._all.setEnabled(count > 0)
        self.open_button.setEnabled(0 < count == len(self.ticked))

    @Slot()
    def _on_all(self) -> None:
        for item in self._items():
            item.setCheckState(0, Qt.CheckState.Checked)

    @Slot()
    def _on_open(self) -> None:
        if self._request is not None:
            allowed = dict.fromkeys((*self._request.allowed_keys, *self.ticked))
            self.keys_allowed.emit(msgspec.structs.replace(self._request, allowed_keys=tuple(allowed)))
