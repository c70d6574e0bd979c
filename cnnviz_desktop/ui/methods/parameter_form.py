"""The parameters of a method as a form, built from their declarations."""

from PySide6.QtCore import QSignalBlocker, QTimer, Signal, Slot
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QFormLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from cnnviz_desktop.core.catalog import Method
from cnnviz_desktop.core.requests import ParameterValue
from cnnviz_desktop.ui.methods.parameter_field import ParameterField

PAUSE_MS = 400
"""How long nothing more is changed before the change is told: numbers are turned in many steps."""


class ParameterForm(QWidget):
    """A field for each parameter.

    Signals:
        changed: The id of a method and its values that are not the defaults, a moment after a change of them, whichever
            method is shown by then.
    """

    changed = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._method: Method | None = None
        self._fields: dict[str, ParameterField] = {}
        self._untold: dict[str, dict[str, ParameterValue]] = {}
        self._rows = QWidget()
        self._nothing = QLabel(self.tr("Nothing to set."))
        self._restore = QPushButton(self.tr("Restore &defaults"))
        self._restore.clicked.connect(self._on_restore)
        self._soon = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._soon.setObjectName("parameters are told")
        self._soon.timeout.connect(self.settle)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for widget in (self._nothing, self._rows, self._restore):
            self._column.addWidget(widget)

    @property
    def fields(self) -> dict[str, ParameterField]:
        """Every field by the key of its parameter."""
        return self._fields

    def show_values(self, method: Method, values: dict[str, ParameterValue]) -> None:
        """Show a method's parameters; `values` holds those that are not the defaults, before what is not told yet."""
        if method is not self._method:
            self._take_typed()
            self._build(method)
        values = self._untold.get(method.id, values)
        if values == self._own_values():
            return
        for field in self._fields.values():
            blocker = QSignalBlocker(field.control)
            field.value = values.get(field.parameter.key, field.parameter.default)
            blocker.unblock()
        self._restore.setEnabled(bool(values))

    def suit(self, *, several_layers: bool) -> None:
        """Offer the joining of layers only where there are several."""
        if "fuse" in self._fields:
            field = self._fields["fuse"]
            field.control.setEnabled(several_layers)
            hint = self.tr("Ctrl+click a layer of the network, or press Ctrl+Space on it, to add it.")
            field.control.setToolTip(field.parameter.help if several_layers else f"{field.parameter.help} {hint}")

    @Slot()
    def settle(self) -> None:
        """Tell at once what was changed, and what is being typed."""
        self._take_typed()
        self._soon.stop()
        told, self._untold = self._untold, {}
        for method_id, values in told.items():
            self.changed.emit(method_id, values)

    def _take_typed(self) -> None:
        """Take numbers that are still being typed for what they are so far."""
        for field in self._fields.values():
            if isinstance(field.control, QAbstractSpinBox):
                field.control.interpretText()

    def _build(self, method: Method) -> None:
        self._method = method
        rows = QWidget()
        form = QFormLayout(rows)
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self._fields = {}
        for parameter in method.parameters:
            field = ParameterField(parameter, parameter.default, self._on_changed)
            self._fields[parameter.key] = field
            if isinstance(field.control, QCheckBox):
                form.addRow(field.control)
            else:
                label = QLabel(parameter.label)
                label.setToolTip(parameter.help)
                label.setBuddy(field.control)
                form.addRow(label, field.control)
        self._column.replaceWidget(self._rows, rows)
        self._rows.hide()
        self._rows.deleteLater()
        self._rows = rows
        self._rows.setVisible(bool(self._fields))
        self._restore.setVisible(bool(self._fields))
        self._nothing.setVisible(not self._fields)

    def _own_values(self) -> dict[str, ParameterValue]:
        """The values that are not the defaults."""
        return {key: each.value for key, each in self._fields.items() if each.value != each.parameter.default}

    @Slot()
    def _on_changed(self) -> None:
        values = self._own_values()
        self._restore.setEnabled(bool(values))
        if self._method is not None:
            self._untold[self._method.id] = values
            self._soon.start()

    @Slot()
    def _on_restore(self) -> None:
        for field in self._fields.values():
            field.value = field.parameter.default
        self.settle()
