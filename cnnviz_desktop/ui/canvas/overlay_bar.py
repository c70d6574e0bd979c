"""The controls of the map over the picture: shown or not, opacity, smooth or cells, positive part, colours, limits."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSlider, QToolButton, QVBoxLayout, QWidget

from cnnviz_desktop.core.rendering import Limits
from cnnviz_desktop.ui.canvas.shown_map import Form
from cnnviz_desktop.ui.colours.colour_controls import ColourChoice, ColourControls
from cnnviz_desktop.ui.toggle_style import TOGGLE_STYLE

OPACITY = 50


class OverlayBar(QWidget):
    """Says how a map is drawn. `changed` follows every change but those that make another map of it.

    These are that of the positive part, and of the form of a gradient picture, which `form_chosen` carries.

    Attributes:
        show_action: Whether the map is drawn.
        smooth_action: Bilinear between the cells; `cells_action` is its opposite.
        positive_action: Only the positive part is drawn.
    """

    changed = Signal()
    form_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.show_action = self._action(self.tr("Map"), self.tr("Show the map over the image (O); Space held hides it"))
        self.show_action.setShortcut(QKeySequence("O"))
        self.show_action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.show_action.setChecked(True)
        self.smooth_action = self._action(self.tr("Smooth"), self.tr("Values between the cells are interpolated"))
        self.cells_action = self._action(self.tr("Cells"), self.tr("Each cell of the layer as it is"))
        group = QActionGroup(self)
        group.addAction(self.smooth_action)
        group.addAction(self.cells_action)
        self.smooth_action.setChecked(True)
        self.positive_action = self._action(
            self.tr("Positive part"), self.tr("Draw only values above 0, as class activation maps are published")
        )
        self._forms = QComboBox()
        self._forms.setAccessibleName(self.tr("How the colour channels of the gradient become one picture"))
        forms: tuple[tuple[Form, str, str], ...] = (
            ("colours", self.tr("Colours (RGB)"), self.tr("The signed values as colours around grey, over no image")),
            ("strongest", self.tr("Largest channel"), self.tr("The greatest absolute value over the colour channels")),
            ("sum", self.tr("Signed sum"), self.tr("The sum over the colour channels, with its sign")),
        )
        for place, (form, words, tip) in enumerate(forms):
            self._forms.addItem(words, form)
            self._forms.setItemData(place, tip, Qt.ItemDataRole.ToolTipRole)
        self._forms.activated.connect(self._on_form_chosen)
        self._opacity = QSlider(Qt.Orientation.Horizontal)
        self._opacity.setRange(0, 100)
        self._opacity.setValue(OPACITY)
        self._opacity.setPageStep(10)
        self._opacity.setAccessibleName(self.tr("Opacity of the map"))
        self._opacity.setMinimumWidth(90)
        self._percent = QLabel()
        self._percent.setMinimumWidth(self.fontMetrics().horizontalAdvance("100 %"))
        self.colours = ColourControls()
        self.setStyleSheet(TOGGLE_STYLE)
        self._lay_out()
        for action in (self.show_action, self.smooth_action):
            action.toggled.connect(self._on_changed)
        self._opacity.valueChanged.connect(self._on_changed)
        self.colours.changed.connect(self._on_changed)
        self._show_percent()

    @property
    def opacity(self) -> float:
        """0–1."""
        return self._opacity.value() / 100

    @opacity.setter
    def opacity(self, share: float) -> None:
        self._opacity.setValue(round(share * 100))

    @property
    def form(self) -> Form:
        """How the channels of a gradient picture become one."""
        form: Form = self._forms.currentData()
        return form

    @property
    def choice(self) -> ColourChoice:
        """Colour map and limits."""
        return self.colours.choice()

    def suit(self, *, gradient: bool, coloured: bool) -> None:
        """Offer what suits a heat map, or a gradient picture, which may have colours of its own."""
        self._forms.setVisible(gradient)
        self._positive.setVisible(not gradient)
        for widget in (self._opacity_words, self._opacity, self._percent, self.colours):
            widget.setEnabled(not coloured)

    def set_positive(self, positive: bool) -> None:
        """Show whether the positive part is drawn; `positive_action.triggered` tells only what the user does."""
        self.positive_action.setChecked(positive)

    def show_limits(self, limits: Limits) -> None:
        """Tell the limits that are drawn now."""
        self.colours.show_limits(limits)

    def _action(self, text: str, tip: str) -> QAction:
        action = QAction(text, self)
        action.setToolTip(tip)
        action.setCheckable(True)
        return action

    def _button(self, action: QAction) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(action)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        button.setAccessibleDescription(action.toolTip())
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _lay_out(self) -> None:
        self._opacity_words = QLabel(self.tr("O&pacity"))
        self._opacity_words.setBuddy(self._opacity)
        upper, lower = QHBoxLayout(), QHBoxLayout()
        for widget in (self._button(self.show_action), self._opacity_words, self._opacity, self._percent):
            upper.addWidget(widget)
        forms = QHBoxLayout()
        forms.setSpacing(2)
        forms.addWidget(self._button(self.smooth_action))
        forms.addWidget(self._button(self.cells_action))
        lower.addLayout(forms)
        self._positive = self._button(self.positive_action)
        self._forms.hide()
        lower.addWidget(self._positive)
        lower.addWidget(self._forms)
        lower.addStretch(1)
        own = QVBoxLayout()
        own.setSpacing(4)
        own.addLayout(upper)
        own.addLayout(lower)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(18)
        own.addStretch(1)
        row.addLayout(own, 1)
        row.addWidget(self.colours, 1, Qt.AlignmentFlag.AlignTop)

    @Slot(int)
    def _on_form_chosen(self, place: int) -> None:
        self.form_chosen.emit(self._forms.itemData(place))

    @Slot()
    def _on_changed(self) -> None:
        self._show_percent()
        self.changed.emit()

    def _show_percent(self) -> None:
        self._percent.setText(self.tr("{0} %").format(self._opacity.value()))
