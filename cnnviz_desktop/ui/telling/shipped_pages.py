"""Pages of help that ship as Markdown files, and how they are laid out: tables keep their lines whole and scroll."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QColor, QTextBlockFormat, QTextCursor, QTextDocument, QTextFrameFormat, QTextTable

from cnnviz_desktop.core.resources import resource_path

LINES = QColor(128, 128, 128, 110)
HEAD = QColor(128, 128, 128, 50)
"""Both are seen on light and on dark paper."""
PADDING = 4.0


@dataclass(frozen=True, slots=True)
class ShippedPage:
    """One page: its file, its name in links, and its heading."""

    path: Path
    name: str
    title: str

    def text(self) -> str:
        """Its Markdown."""
        return self.path.read_text("utf-8")


def shipped_pages(folder: Path | None = None) -> tuple[ShippedPage, ...]:
    """Every page there is, by name; `folder` is the program's own where None."""
    found = sorted((folder or resource_path("help")).glob("*.md"))
    return tuple(ShippedPage(path, path.stem, _title(path)) for path in found)


def _title(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        heading = file.readline().lstrip("#").strip()
    return heading or path.stem


def lay_out_tables(document: QTextDocument) -> None:
    """Draw thin lines, and keep each cell on one line: a wide table is scrolled, the text around it is wrapped."""
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            _lay_out(frame)


def _lay_out(table: QTextTable) -> None:
    form = table.format()
    form.setCellPadding(PADDING)
    form.setCellSpacing(0)
    form.setBorder(1)
    form.setBorderCollapse(True)
    form.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    form.setBorderBrush(LINES)
    table.setFormat(form)
    whole = QTextBlockFormat()
    whole.setNonBreakableLines(True)
    cursor = table.firstCursorPosition()
    cursor.setPosition(table.lastCursorPosition().position(), QTextCursor.MoveMode.KeepAnchor)
    cursor.mergeBlockFormat(whole)
    for column in range(table.columns()):
        cell = table.cellAt(0, column)
        head = cell.format()
        head.setBackground(HEAD)
        cell.setFormat(head)
