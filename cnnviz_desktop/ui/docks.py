"""The window's docks: the network on the left, results on the right, what the program tells at the bottom."""

from PySide6.QtCore import QByteArray, QObject, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QMainWindow, QToolButton, QWidget

_Area = Qt.DockWidgetArea

LEFT_WIDTH = 310
LEFT_HEIGHTS = 380, 480
RIGHT_WIDTH = 400
BOTTOM_HEIGHT = 170
LEAST_WIDTH = 250


class _TitleBar(QWidget):
    """A dock's title with a button that closes it: readable in both themes, and named for screen readers."""

    def __init__(self, title: str, dock: QDockWidget) -> None:
        super().__init__(dock)
        label = QLabel(title)
        font = label.font()
        font.setBold(True)
        label.setFont(font)
        close = QToolButton()
        close.setText("✕")
        close.setAutoRaise(True)
        close.setToolTip(self.tr("Close; the View menu brings it back"))
        close.setAccessibleName(self.tr("Close {0}").format(title))
        close.clicked.connect(dock.close)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 4, 2)
        row.addWidget(label, 1)
        row.addWidget(close)


class Docks(QObject):
    """Puts panels into docks of a window; those at the bottom are out of sight until they are needed."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._docks: dict[QWidget, QDockWidget] = {}
        self._at_bottom: list[QDockWidget] = []
        self._for_now: set[QDockWidget] = set()
        window.setDockNestingEnabled(True)

    def add_left(self, panel: QWidget, title: str, name: str) -> None:
        """Put a panel on the left."""
        panel.setMinimumWidth(LEAST_WIDTH)
        self._add(panel, title, name, _Area.LeftDockWidgetArea)

    def add_right(self, panel: QWidget, title: str, name: str) -> None:
        """Put a panel on the right."""
        self._add(panel, title, name, _Area.RightDockWidgetArea)

    def add_bottom(self, panel: QWidget, title: str, name: str, *, height: int = BOTTOM_HEIGHT) -> None:
        """Put a panel at the bottom, out of sight; `height` is what it has where there is no other."""
        dock = self._add(panel, title, name, _Area.BottomDockWidgetArea)
        dock.setProperty("wanted height", height)
        self._at_bottom.append(dock)
        dock.hide()
        dock.toggleViewAction().triggered.connect(self._on_chosen)
        dock.toggleViewAction().toggled.connect(self._on_toggled)

    def bring_up(self, panel: QWidget, *, for_now: bool = False) -> None:
        """Put a panel into sight, in front of the others where it is.

        Args:
            panel: The panel.
            for_now: Whether nobody asked for it, so that `put_away` may close it again.
        """
        dock = self._docks[panel]
        was_hidden = dock.isHidden()
        dock.show()
        if was_hidden:
            self._join(dock)
            self._for_now.discard(dock)
            if for_now:
                self._for_now.add(dock)
        dock.raise_()

    def put_away(self, panel: QWidget) -> None:
        """Close a panel that came up for now; one that the user asked for stays."""
        dock = self._docks[panel]
        if dock in self._for_now:
            self._for_now.discard(dock)
            dock.hide()

    @property
    def actions(self) -> list[QAction]:
        """One for each dock: whether it is in sight."""
        return [dock.toggleViewAction() for dock in self._docks.values()]

    def reset(self) -> None:
        """Put everything back where it was at first."""
        for dock in self._docks.values():
            dock.setFloating(False)
            self._put_home(dock)
            dock.setVisible(dock not in self._at_bottom)
        self.take_sizes()

    def take_sizes(self) -> None:
        """Give the docks at the sides the sizes they have at first; before the window is shown nothing comes of it."""
        sides = [dock for dock in self._docks.values() if dock not in self._at_bottom]
        widths = [
            LEFT_WIDTH if dock.property("home") == _Area.LeftDockWidgetArea.value else RIGHT_WIDTH for dock in sides
        ]
        self._window.resizeDocks(sides, widths, Qt.Orientation.Horizontal)
        left = [dock for dock in sides if dock.property("home") == _Area.LeftDockWidgetArea.value]
        self._window.resizeDocks(left, list(LEFT_HEIGHTS[: len(left)]), Qt.Orientation.Vertical)

    def packed(self) -> str:
        """Where everything is, as text."""
        return self._window.saveState().toBase64().toStdString()

    def unpack(self, packed: str) -> None:
        """Put everything where it was when `packed` was called; where that fails, as at first.

        What is at the bottom waits out of sight until it has something to tell.
        """
        state = QByteArray.fromBase64(packed.encode())
        if state.isEmpty() or not self._window.restoreState(state):
            self.reset()
        for dock in self._at_bottom:
            self._put_home(dock)
            dock.hide()

    @Slot(bool)
    def _on_chosen(self, shown: bool) -> None:
        """Put what came up through the menu in front."""
        for dock in self._at_bottom:
            if shown and dock.toggleViewAction() is self.sender():
                self._for_now.discard(dock)
                self._join(dock)
                dock.raise_()

    @Slot(bool)
    def _on_toggled(self, shown: bool) -> None:
        """Take what was closed out of its tab: Qt draws the tabs of hidden docks too, in the middle of nowhere."""
        for dock in self._at_bottom:
            at_home = self._window.dockWidgetArea(dock) == _Area.BottomDockWidgetArea and not dock.isFloating()
            if not shown and dock.isHidden() and at_home and dock.toggleViewAction() is self.sender():
                self._put_home(dock)

    def _join(self, dock: QDockWidget) -> None:
        """Put a dock that has come up into one place with those that are up at the bottom."""
        up = [other for other in self._at_bottom if other is not dock and self._is_up(other)]
        if not self._is_up(dock):
            return
        height = min(dock.property("wanted height"), self._window.height() // 3)
        has_room = bool(up) and up[0].height() >= height
        if up:
            self._window.tabifyDockWidget(up[0], dock)
        if not has_room:
            self._window.resizeDocks([dock], [height], Qt.Orientation.Vertical)

    def _is_up(self, dock: QDockWidget) -> bool:
        """Whether it is in sight at the bottom of the window."""
        at_home = self._window.dockWidgetArea(dock) == _Area.BottomDockWidgetArea
        return at_home and not dock.isHidden() and not dock.isFloating()

    def _put_home(self, dock: QDockWidget) -> None:
        """Put a dock into its own area, in no tab with others."""
        self._window.removeDockWidget(dock)
        self._window.addDockWidget(_Area(dock.property("home")), dock)

    def _add(self, panel: QWidget, title: str, name: str, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self._window)
        dock.setObjectName(name)
        dock.setProperty("home", area.value)
        dock.setWidget(panel)
        dock.setTitleBarWidget(_TitleBar(title, dock))
        self._window.addDockWidget(area, dock)
        self._docks[panel] = dock
        return dock
