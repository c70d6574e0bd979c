"""The table as a picture that leaves the program: headings, cells, scale bars, at 1–4 pixels for a logical one."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QGuiApplication, QImage, QPainter

from cnnviz_desktop.core.errors import ImageError
from cnnviz_desktop.core.geometry import Point
from cnnviz_desktop.ui.canvas.pictures import LARGEST_PICTURE
from cnnviz_desktop.ui.comparison.cell_painting import CellLayout, Inks, paint_cell
from cnnviz_desktop.ui.comparison.table_scene import TableScene
from cnnviz_desktop.ui.comparison.titles import row_text
from cnnviz_desktop.ui.picture_sheet import FONT_PIXELS, INK, MARGIN, PAPER

FAINT = QColor(70, 70, 70)
HEADING_WIDTH = 110
_MIDDLE = Qt.TextElideMode.ElideMiddle
_WRAPPED = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap


def table_picture(scene: TableScene, width: int, title: str, scale: int) -> QImage:
    """The whole table on white; every map has a bar with the values of its first and its last colour.

    Args:
        scene: What is drawn; its cross-hair is left out.
        width: Of a cell, in logical pixels.
        title: What is compared; above the table.
        scale: 1–4 pixels for a logical one.

    Raises:
        ImageError: The picture would be too large.
    """
    font = QFont(QGuiApplication.font())
    font.setPixelSize(FONT_PIXELS)
    metrics = QFontMetrics(font)
    layout = CellLayout.of(width, scene.shape, metrics)
    rows, columns = scene.comparison.rows, scene.comparison.columns
    cell, line = layout.size, metrics.height() + MARGIN
    head = line + (metrics.height() if any(column.note for column in columns) else 0)
    left, top = MARGIN + HEADING_WIDTH, MARGIN + (line if title else 0) + head
    size = QSize(left + cell.width() * len(columns) + MARGIN, top + cell.height() * len(rows) + MARGIN)
    image = _blank(size, scale)
    painter = QPainter(image)
    painter.setFont(font)
    painter.setPen(INK)
    painter.drawText(QRect(MARGIN, MARGIN, size.width() - 2 * MARGIN, line), Qt.AlignmentFlag.AlignLeft, title)
    cross, scene.cross = scene.cross, None
    try:
        for number, column in enumerate(columns):
            area = QRect(left + number * cell.width(), top - head, cell.width(), head)
            painter.setPen(INK)
            lines = (metrics.elidedText(text, _MIDDLE, cell.width() - 2) for text in (column.text, column.note) if text)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "\n".join(lines))
        for number in range(len(rows)):
            painter.setPen(INK)
            area = QRect(MARGIN, top + number * cell.height(), HEADING_WIDTH - MARGIN, layout.picture.height)
            painter.drawText(area, _WRAPPED, row_text(scene.answers, number))
        for place in scene.comparison.places:
            corner = Point(left + place.column * cell.width(), top + place.row * cell.height())
            area = QRect(int(corner.x), int(corner.y), cell.width(), cell.height())
            paint_cell(painter, area, layout, scene, place, Inks(INK, FAINT), scale)
    finally:
        scene.cross = cross
        painter.end()
    return image


def _blank(size: QSize, scale: int) -> QImage:
    width, height = size.width() * scale, size.height() * scale
    if width * height > LARGEST_PICTURE:
        raise ImageError(
            f"A picture of {width:,} × {height:,} pixels is more than this program writes "
            f"({LARGEST_PICTURE // 1_000_000} megapixels). Choose a smaller picture size."
        )
    image = QImage(width, height, QImage.Format.Format_RGB32)
    if image.isNull():
        raise ImageError(f"There is not enough memory for a picture of {width:,} × {height:,} pixels.")
    image.setDevicePixelRatio(scale)
    image.fill(PAPER)
    return image
