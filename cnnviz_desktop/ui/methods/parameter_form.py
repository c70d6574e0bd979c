"""The parameters of a method as a form, built from their declarations."""

from PySide6.QtCore import QSignalBlocker, QTimer, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QFormLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from cnnviz_desktop.core.catalog import Method
from cnnviz_desktop.core.requests import ParameterValue
from cnnviz_desktop.ui.methods.parameter_field import ParameterField

PAUSE_MS = 400
"""How long nothing more is changed before the change is told: numbers are turned in many steps."""


class ParameterForm(QWidget):
    """A field for each parameter. `changed` carries the values that are not the defaults, a moment after a change."""

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._method: Method | None = None
        self._fields: dict[str, ParameterField] = {}
        self._rows = QWidget()
        self._nothing = QLabel(self.tr("Nothing to set."))
        self._restore = QPushButton(self.tr("Restore &defaults"))
        self._restore.clicked.connect(self._on_restore)
        self._soon = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._soon.setObjectName("parameters are told")
        self._soon.timeout.connect(self._tell)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for widget in (self._nothing, self._rows, self._restore):
            self._column.addWidget(widget)

    @property
    def fields(self) -> dict[str, ParameterField]:
        """Every field by the key of its parameter."""
        return self._fields

    def show_values(self, method: Method, values: dict[str, ParameterValue]) -> None:
        """Show a method's parameters; `values` holds those that are not the defaults."""
        if method is not self._method:
            self._build(method)
        elif values == self._own_values() or self._soon.isActive():
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

    def _build(self, method: Method) -> None:
        self._soon.stop()
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
        self._restore.setEnabled(bool(self._own_values()))
        self._soon.start()

    @Slot()
    def _on_restore(self) -> None:
        for field in self._fields.values():
            field.value = field.parameter.default
        self._soon.stop()
        self._tell()

    @Slot()
    def _tell(self) -> None:
        self._restore.setEnabled(bool(self._own_values()))
        self.changed.emit(self._own_values())
