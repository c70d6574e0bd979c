"""The place of the picture that the pointer, or the keyboard in its stead, is on: its numbers and its boxes."""

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction

from cnnviz_desktop.core.geometry import Box, MapGeometry, Point, Size
from cnnviz_desktop.core.results import ByteArray
from cnnviz_desktop.ui.canvas.readout import read_out, stepped
from cnnviz_desktop.ui.canvas.scene import Marks
from cnnviz_desktop.ui.canvas.shown_map import ShownMap


class Pointing(QObject):
    """Follows the pointer over a picture and the map on it.

    `readout_changed` carries the `Readout` under the pointer, or None. `cell_hovered` carries (row, column) of the
    map's cell under it, or None; `point_hovered` the `Point` of the picture, or None. `marks_changed` says that other
    boxes are to be drawn.

    Args:
        field: Whether the cell under the pointer and its receptive field are drawn.
        parent: Qt's parent.
    """

    readout_changed = Signal(object)
    cell_hovered = Signal(object)
    point_hovered = Signal(object)
    marks_changed = Signal()

    def __init__(self, field: QAction, parent: QObject) -> None:
        super().__init__(parent)
        self._field = field
        self._pixels: ByteArray | None = None
        self._shown: ShownMap | None = None
        self._pointer: Point | None = None
        self._steps = False
        self.marks: Marks | None = None

    def look_at(self, pixels: ByteArray | None, shown: ShownMap | None) -> None:
        """Point at another picture, or at another map over it; None where there is none, or it is not drawn."""
        self._pixels, self._shown = pixels, shown

    def forget(self) -> None:
        """Point at nothing, without a word: the picture is another one."""
        self._pointer = self.marks = None

    def point_again(self) -> None:
        """Read out the same place of another map."""
        self.marks = None
        self._point(self._pointer)

    def has_stepped(self) -> bool:
        """Whether the keyboard has put the pointer's stand-in somewhere."""
        return self._steps

    def place(self) -> Box | None:
        """The map's cell that is pointed at, or the pixel where there is no map; None while nothing is."""
        if self._pointer is None:
            return None
        cell = self._geometry.cell_at(self._pointer) if self._geometry is not None else None
        if self._geometry is not None and cell is not None:
            return self._geometry.cell_box(*cell)
        return Box(self._pointer.x - 0.5, self._pointer.y - 0.5, self._pointer.x + 0.5, self._pointer.y + 0.5)

    def show_cell(self, geometry: MapGeometry, row: int, column: int) -> None:
        """Draw a cell's box and its receptive field."""
        self._mark(Marks(geometry.cell_box(row, column), geometry.field_box(row, column)))

    def clear_cell(self) -> None:
        """Take the boxes off."""
        self._mark(None)

    @Slot(object)
    def follow_mouse(self, point: Point | None) -> None:
        """Take in what the mouse points at."""
        self._steps = False
        self._point(point)

    @Slot(int, int)
    def step(self, right: int, down: int) -> None:
        """Go to the next cell, or pixel, in a direction."""
        if self._pixels is not None:
            self._steps = True
            size = Size(*self._pixels.shape[:2])
            self._point(stepped(self._pointer, (right, down), size, self._geometry))

    @property
    def _geometry(self) -> MapGeometry | None:
        return self._shown.geometry if self._shown is not None else None

    def _point(self, point: Point | None) -> None:
        self._pointer = point
        shown, readout = self._shown, None
        if point is not None and self._pixels is not None:
            values, source = (shown.values, shown.source) if shown is not None else (None, "")
            readout = read_out(point, self._pixels, values, self._geometry, source)
        cell = readout.cell if readout is not None else None
        if self._geometry is not None and cell is not None and self._field.isChecked():
            self.show_cell(self._geometry, *cell)
        else:
            self.clear_cell()
        self.readout_changed.emit(readout)
        self.cell_hovered.emit(cell)
        self.point_hovered.emit(point if readout is not None else None)

    def _mark(self, marks: Marks | None) -> None:
        if marks != self.marks:
            self.marks = marks
            self.marks_changed.emit()
