"""What is this? A method's summary, formula, paper, what it needs, and what to know before believing it."""

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from cnnviz_desktop.core.catalog import Method
from cnnviz_desktop.core.catalog.cautions import CAUTIONS

translate = QCoreApplication.translate


class MethodStory(QWidget):
    """Plain text that can be selected and copied, with the mouse or the keyboard."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heading = QLabel(self.tr("What is this?"))
        font = self._heading.font()
        font.setBold(True)
        self._heading.setFont(font)
        self._text = QLabel(wordWrap=True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._text.setAccessibleName(self.tr("What the method is"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._heading)
        column.addWidget(self._text)

    def tell(self, method: Method) -> None:
        """Tell of another method."""
        self._text.setText(story_of(method))


def story_of(method: Method) -> str:
    """Paragraphs of plain text."""
    parts = (
        method.summary,
        method.formula,
        translate("MethodStory", "Needs: {0}.").format(needs_of(method)),
        CAUTIONS.get(method.id, ""),
        method.paper,
    )
    return "\n\n".join(filter(None, parts))


def needs_of(method: Method) -> str:
    """What it needs, in a few words."""
    needs = [translate("MethodStory", "an image"), translate("MethodStory", "a class, a channel, a unit or a region")]
    if method.joins_layers:
        needs.append(translate("MethodStory", "one layer that gives maps, or several"))
    elif method.needs_layer:
        needs.append(translate("MethodStory", "a layer that gives maps"))
    if method.streams:
        needs.append(translate("MethodStory", "many passes through the network"))
    return "; ".join(needs)
