"""The choice of the method that explains, its layers and parameters, and what it is."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QSplitter, QVBoxLayout, QWidget

from cnnviz_desktop.ui.eliding_label import ElidingLabel
from cnnviz_desktop.ui.methods.layer_list import LayerList
from cnnviz_desktop.ui.methods.method_list import MethodList
from cnnviz_desktop.ui.methods.method_story import MethodStory
from cnnviz_desktop.ui.methods.parameter_form import ParameterForm
from cnnviz_desktop.ui.subject import Subject

MARGIN = 6
SMALLEST = QSize(220, 180)


class MethodPanel(QWidget):
    """Follows the subject.

    Attributes:
        methods: All methods; its `chosen` carries an id.
        form: The chosen one's parameters; its `changed` carries those that are not the defaults.
        layers: The layers it is about; its `removed` carries one that is to be left out.

    Signals:
        help_wanted: The page that tells of all methods.
    """

    help_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.methods, self.layers, self.form = MethodList(), LayerList(), ParameterForm()
        self._title, self._story = ElidingLabel(bold=True), MethodStory()
        self._help = QPushButton(self.tr("All methods in the &help"))
        self._help.clicked.connect(self.help_wanted)
        details = QWidget()
        column = QVBoxLayout(details)
        column.setContentsMargins(0, MARGIN, MARGIN, 0)
        for widget in (self._title, self.layers, self.form, self._story, self._help):
            column.addWidget(widget)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(details)
        scroll.setAccessibleName(self.tr("The chosen method"))
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.addWidget(self.methods)
        parts.addWidget(scroll)
        parts.setChildrenCollapsible(False)
        parts.setStretchFactor(0, 2)
        parts.setStretchFactor(1, 3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        layout.addWidget(parts)

    def minimumSizeHint(self) -> QSize:
        """Small: all of it can be scrolled."""
        return SMALLEST

    def show_subject(self, subject: Subject) -> None:
        """Show the method, its layers and its parameters."""
        method = subject.chosen_method
        several = bool(subject.more_layers)
        self.methods.mark(method.id)
        if self._title.text() != method.title:
            self._title.setText(method.title)
            self._story.tell(method)
        self.form.show_values(method, subject.parameters.get(method.id, {}))
        self.form.suit(several_layers=several)
        chosen = (subject.map_layer, *subject.more_layers) if method.needs_layer and subject.map_layer else ()
        self.layers.show_layers(chosen, self._about_layers(subject) if several else "")

    def _about_layers(self, subject: Subject) -> str:
        """Why not all of the layers are shown, where they are not."""
        if len(subject.layers) > 1:
            return ""
        if "fuse" in subject.values:
            return self.tr("One map each: the picture shows that of {0}.").format(subject.map_layer)
        return self.tr("This method is about one layer: {0}.").format(subject.map_layer)

    def focus_search(self) -> None:
        """Put the keyboard into the search for a method."""
        self.methods.search.take_keyboard()
