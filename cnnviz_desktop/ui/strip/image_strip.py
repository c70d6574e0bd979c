"""The images that are open, as a strip of small pictures to choose from."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QSizePolicy, QStyleOptionViewItem, QWidget

from cnnviz_desktop.core.results import ByteArray
from cnnviz_desktop.ui.strip.thumbnails import ThumbnailDelegate, ThumbnailModel, thumbnail_image


class ImageStrip(QListView):
    """A row of small pictures. Arrow keys choose, Delete removes.

    Attributes:
        remove_action: Takes the chosen image away.
        compare_action: Makes the chosen image the one that the network's answers to others are compared with.

    `current_changed` carries the reference of the image that was chosen, empty where none is left; `removed` that of
    an image the user took away; `comparison_wanted` that of one to compare others with; `thumbnails_wanted` a tuple of
    references that are in sight without a small picture.
    """

    current_changed = Signal(str)
    removed = Signal(str)
    comparison_wanted = Signal(str)
    thumbnails_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = ThumbnailModel(self)
        self._asked: set[str] = set()
        self._is_filling = False
        self.setModel(self._model)
        self.setItemDelegate(ThumbnailDelegate(self))
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Open images"))
        self.setAccessibleDescription(self.tr("Arrow keys choose an image, Delete removes it"))
        self.remove_action = QAction(self.tr("Remo&ve image"), self)
        self.remove_action.setShortcut(QKeySequence(QKeySequence.StandardKey.Delete))
        self.remove_action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.remove_action.triggered.connect(self._on_remove)
        self.addAction(self.remove_action)
        self.compare_action = QAction(self.tr("&Compare with this image"), self)
        self.compare_action.setToolTip(self.tr("Explain how like this image the network finds the others"))
        self.compare_action.setEnabled(False)
        self.compare_action.triggered.connect(self._on_compare)
        self.addAction(self.compare_action)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.selectionModel().currentChanged.connect(self._on_current_changed)
        self.horizontalScrollBar().valueChanged.connect(self._ask_for_thumbnails)

    @property
    def references(self) -> tuple[str, ...]:
        """References of all images, in order."""
        return self._model.references

    @property
    def current(self) -> str:
        """Reference of the chosen image; empty where there is none."""
        index = self.currentIndex()
        return self._model.item(index.row()).reference if index.isValid() else ""

    def set_images(self, references: Sequence[str]) -> None:
        """Show these images, each once. The chosen one stays chosen where it is among them, else the first is."""
        before = self.current
        self._is_filling = True
        self._model.set_references(tuple(references))
        self._asked.clear()
        self.setCurrentIndex(self._model.index(self._model.place(before) or 0))
        self._is_filling = False
        if self.current != before:
            self.current_changed.emit(self.current)
        self._ask_for_thumbnails()

    def add(self, *references: str) -> None:
        """Append images that are not there yet, and choose the first of those named."""
        self._model.add(references)
        if references:
            self.select(references[0])
        self._ask_for_thumbnails()

    def remove(self, reference: str) -> None:
        """Take an image away; its neighbour is chosen where it was."""
        self._asked.discard(reference)
        self._model.remove(reference)
        self._ask_for_thumbnails()

    def select(self, reference: str) -> None:
        """Choose an image, if it is there."""
        place = self._model.place(reference)
        if place is not None:
            self.setCurrentIndex(self._model.index(place))

    def set_thumbnail(self, reference: str, pixels: ByteArray) -> None:
        """Give an image its small picture, made of its (H, W, 3) uint8 RGB pixels."""
        self._model.set_image(reference, thumbnail_image(pixels))

    def set_broken(self, reference: str, reason: str) -> None:
        """Show that an image cannot be read; the reason is its tooltip."""
        self._model.set_problem(reference, reason)

    @Slot()
    def _on_compare(self) -> None:
        if self.current:
            self.comparison_wanted.emit(self.current)

    def sizeHint(self) -> QSize:
        """One row, with room for the scroll bar."""
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        row = self.itemDelegate().sizeHint(option, QModelIndex())
        return QSize(480, row.height() + self.horizontalScrollBar().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """One image."""
        return QSize(self.sizeHint().height(), self.sizeHint().height())

    @Slot()
    def _on_remove(self) -> None:
        gone = self.current
        if gone:
            self.remove(gone)
            self.removed.emit(gone)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for what has come into sight."""
        super().resizeEvent(event)
        self._ask_for_thumbnails()

    def changeEvent(self, event: QEvent) -> None:
        """Make room for names in another font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    @Slot(QModelIndex, QModelIndex)
    def _on_current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        if not self._is_filling:
            self.current_changed.emit(self._model.item(current.row()).reference if current.isValid() else "")

    @Slot()
    def _ask_for_thumbnails(self) -> None:
        """Ask for small pictures that are in sight, each once."""
        row, right = self.viewport().height() // 2, self.viewport().width() - 1
        first, last = self.indexAt(QPoint(0, row)), self.indexAt(QPoint(right, row))
        end = last.row() if last.isValid() else self._model.rowCount() - 1
        items = [self._model.item(place) for place in range(max(0, first.row()), end + 1)]
        bare = (item.reference for item in items if item.image is None and not item.problem)
        wanted = tuple(reference for reference in bare if reference not in self._asked)
        if wanted:
            self._asked.update(wanted)
            self.thumbnails_wanted.emit(wanted)
