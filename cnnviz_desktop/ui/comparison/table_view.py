"""The table on the screen: cells that zoom, pan and point together."""

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPointF, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QNativeGestureEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QTableView,
    QWidget,
)

from cnnviz_desktop.core.geometry import Point, Size
from cnnviz_desktop.ui.canvas.view import WHEEL_NOTCH, ZOOM_KEYS, ZOOM_STEP
from cnnviz_desktop.ui.comparison.cell_delegate import CellDelegate
from cnnviz_desktop.ui.comparison.cell_painting import CellLayout
from cnnviz_desktop.ui.comparison.comparison import Place
from cnnviz_desktop.ui.comparison.linked_zoom import LinkedZoom
from cnnviz_desktop.ui.comparison.table_model import TableModel, place_of
from cnnviz_desktop.ui.comparison.table_scene import TableScene

LEAST_WIDTH, MOST_WIDTH = 84, 420
FITTED_LEAST, FITTED_MOST = 116, 300
ROWS_IN_SIGHT = 3
HEADER_WIDTH = 104
ENTER_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
ModelIndex = QModelIndex | QPersistentModelIndex


class TableView(QTableView):
    """Shows a `TableScene`. The wheel zooms all cells, dragging pans them; arrow keys choose a cell, Enter enlarges it.

    Signals:
        pointed: (`Place`, `Point` of its image) under the mouse, or None.
        enlarged: The `Place` that the user wants to see large.
    """

    pointed = Signal(object)
    enlarged = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = TableModel(self)
        self._width = 0  # 0: as the view is wide
        self._grabbed: QPointF | None = None
        self._drags = False
        self.cell_layout = CellLayout.of(FITTED_LEAST, Size(1, 1), self.fontMetrics())
        self.setModel(self._model)
        self.setItemDelegate(CellDelegate(self))
        self.setAccessibleName(self.tr("Comparison table"))
        self.setAccessibleDescription(self.tr("Arrow keys choose a cell, Enter shows it over the image"))
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setWordWrap(True)
        self.setCornerButtonEnabled(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._set_up_headers()

    @property
    def scene(self) -> TableScene | None:
        """What is shown."""
        return self._model.scene

    @property
    def current(self) -> Place | None:
        """The cell that is chosen."""
        index = self.currentIndex()
        return place_of(index) if index.isValid() else None

    def show_scene(self, scene: TableScene | None) -> None:
        """Show another table."""
        self._model.show(scene)
        self.fit_cells()

    def show_changes(self, places: set[Place]) -> None:
        """Draw cells again that have something else to show."""
        self._model.tell_changed(places)

    def set_cell_width(self, width: int) -> None:
        """Make cells so wide; 0 makes them as wide as all of them fit."""
        self._width = width
        self.fit_cells()

    @Slot()
    def fit_cells(self) -> None:
        """Give cells the size that suits the view and the pictures."""
        scene = self.scene
        if scene is None:
            return
        self.cell_layout = CellLayout.of(self._width or self._fitted_width(scene), scene.shape, self.fontMetrics())
        size = self.cell_layout.size
        self.horizontalHeader().setDefaultSectionSize(size.width())
        self.verticalHeader().setDefaultSectionSize(size.height())
        self.verticalScrollBar().setSingleStep(40)
        self.horizontalScrollBar().setSingleStep(40)
        self.viewport().update()

    @Slot()
    def fit(self) -> None:
        """Show the whole picture in every cell."""
        self._look_through(LinkedZoom())

    def zoom(self, factor: float, at: QPointF | None = None) -> bool:
        """Zoom all cells about a point of the viewport, or the middle of each; whether there was anything to zoom."""
        index = self.indexAt(at.toPoint()) if at is not None else self._with_picture()
        scene, picture = self.scene, self._picture_size(index)
        if scene is None or picture is None:
            return False
        extent = self.cell_layout.picture
        about = self._in_picture(index, at) if at is not None else Point(extent.width / 2, extent.height / 2)
        before = scene.zoom
        self._look_through(before.zoomed(factor, about, picture, extent))
        return scene.zoom != before

    def event(self, event: QEvent) -> bool:
        """Keep the zoom's keys while the table has the keyboard."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and self._zooms(event):
            event.accept()
            return True
        return super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Zoom by pinching, where the system tells of it; know when the mouse leaves."""
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom(1 + event.value(), event.position())
            return True
        if event.type() == QEvent.Type.Leave:
            self._point(None)
        return super().viewportEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom over a picture; scroll beside one, with Shift, sideways, and where it is as small as it gets."""
        turned = event.angleDelta()
        over = self._is_over_picture(event.position())
        if over and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier and abs(turned.y()) > abs(turned.x()):
            zoomed = self.zoom(ZOOM_STEP ** (turned.y() / WHEEL_NOTCH), event.position())
            if zoomed or turned.y() > 0:
                self._point(event.position())
                event.accept()
                return
        super().wheelEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a cell, and take hold of its picture."""
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and self._is_over_picture(event.position()):
            self._grabbed, self._drags = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the pictures, or tell what is pointed at."""
        if self._grabbed is None:
            self._point(event.position())
            return
        way = event.position() - self._grabbed
        if self._drags or way.manhattanLength() >= QApplication.startDragDistance():
            self._drags, self._grabbed = True, event.position()
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
            self._pan(way.x(), way.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the pictures."""
        super().mouseReleaseEvent(event)
        self._grabbed = None
        self.viewport().unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Enlarge a cell."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid():
            self.enlarged.emit(place_of(index))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter enlarges the chosen cell; +, − and 0 zoom."""
        key = event.key()
        if key in ENTER_KEYS and self.current is not None:
            self.enlarged.emit(self.current)
        elif key == Qt.Key.Key_0:
            self.fit()
        elif key in ZOOM_KEYS:
            self.zoom(ZOOM_KEYS[key])
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the cells to the room."""
        super().resizeEvent(event)
        if not self._width:
            self.fit_cells()

    def _fitted_width(self, scene: TableScene) -> int:
        """The width at which all columns are in sight, and three rows at once where that leaves a picture to see."""
        comparison, bar = scene.comparison, self.verticalScrollBar().sizeHint().width()
        across = (self.width() - self.verticalHeader().width() - bar - 2) // max(1, len(comparison.columns))
        room = (self.height() - self.horizontalHeader().height() - 2) // min(
            ROWS_IN_SIGHT, max(1, len(comparison.rows))
        )
        one = CellLayout.of(FITTED_MOST, scene.shape, self.fontMetrics())
        words = one.size.height() - one.picture.height
        down = (room - words) * one.picture.width // one.picture.height
        return min(max(min(across, down), FITTED_LEAST), FITTED_MOST)

    def _set_up_headers(self) -> None:
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setSectionsClickable(False)
            header.setHighlightSections(False)
            header.setMinimumSectionSize(16)
        self.verticalHeader().setFixedWidth(HEADER_WIDTH)
        self.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
        self.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideMiddle)

    def _zooms(self, event: QKeyEvent) -> bool:
        return event.key() in (*ZOOM_KEYS, Qt.Key.Key_0) and self.scene is not None

    def _picture_size(self, index: ModelIndex) -> Size | None:
        picture = self.scene.picture(place_of(index)) if self.scene is not None and index.isValid() else None
        return picture.size if picture is not None else None

    def _with_picture(self) -> ModelIndex:
        """The chosen cell, or the first one whose image has come where it has none; invalid where none has."""
        places = [self.current, *(self.scene.comparison.places if self.scene is not None else ())]
        indices = (self._model.index(*place) for place in places if place is not None)
        return next((index for index in indices if self._picture_size(index) is not None), QModelIndex())

    def _in_picture(self, index: ModelIndex, at: QPointF) -> Point:
        """A point of the viewport, in the logical pixels of the picture's area in a cell."""
        area = self.cell_layout.picture_in(self.visualRect(index))
        return Point(at.x() - area.left(), at.y() - area.top())

    def _is_over_picture(self, at: QPointF) -> bool:
        index = self.indexAt(at.toPoint())
        return index.isValid() and self.cell_layout.picture_in(self.visualRect(index)).contains(at.toPoint())

    def _pan(self, right: float, down: float) -> None:
        scene = self.scene
        size = self._picture_size(self.currentIndex())
        if scene is not None and size is not None:
            self._look_through(scene.zoom.moved(right, down, size, self.cell_layout.picture))

    def _look_through(self, zoom: LinkedZoom) -> None:
        if self.scene is not None and self.scene.zoom != zoom:
            self.scene.zoom = zoom
            self.viewport().update()

    def _point(self, at: QPointF | None) -> None:
        """Put the cross-hair of all cells where the mouse is in one of them."""
        scene, told = self.scene, None
        if scene is None:
            return
        index = self.indexAt(at.toPoint()) if at is not None else QModelIndex()
        size, extent = self._picture_size(index), self.cell_layout.picture
        if at is not None and size is not None and self._is_over_picture(at):
            point = scene.zoom.viewport(size, extent).to_picture(self._in_picture(index, at))
            if 0 <= point.x < size.width and 0 <= point.y < size.height:
                told = place_of(index), point
        cross = Point(told[1].x / size.width, told[1].y / size.height) if told and size is not None else None
        if cross != scene.cross:
            scene.cross = cross
            self.viewport().update()
            self.pointed.emit(told)
