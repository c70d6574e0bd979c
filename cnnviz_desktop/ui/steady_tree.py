"""A tree that does not lose its current row out of sight when it is made smaller."""

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QTreeView


class SteadyTree(QTreeView):
    """Keeps the current row in sight, unless it was scrolled away before."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Scroll to the current row where it was in sight; at first there is no size that it was in sight of."""
        row, before = self.visualRect(self.currentIndex()), event.oldSize().height()
        was_in_sight = before <= 0 or (row.isValid() and 0 <= row.top() < before)
        super().resizeEvent(event)
        if was_in_sight and self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())
