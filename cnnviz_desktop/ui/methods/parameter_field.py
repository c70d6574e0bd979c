"""One control for one declared parameter."""

from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QSpinBox

from cnnviz_desktop.core.parameters import ChoiceParameter, NumberParameter, Parameter
from cnnviz_desktop.core.requests import ParameterValue
from cnnviz_desktop.ui.calm_wheel import calm

LARGEST_WHOLE = 2**31 - 1
FINEST = 4
Control = QCheckBox | QSpinBox | QDoubleSpinBox | QComboBox


class _Fraction(QDoubleSpinBox):
    """A number without zeros at its end."""

    def textFromValue(self, value: float) -> str:
        text, point = super().textFromValue(value), self.locale().decimalPoint()
        return text.rstrip("0").removesuffix(point) if point in text else text


class ParameterField:
    """A check box, a spin box with its unit or a list of choices, by what was declared.

    Attributes:
        parameter: What was declared.
        control: The widget.

    Args:
        parameter: What to make it for.
        value: What it shows at first.
        on_change: A slot without arguments, called when the user changes it.
    """

    def __init__(self, parameter: Parameter, value: ParameterValue, on_change: object) -> None:
        self.parameter = parameter
        self.control = _control(parameter)
        self.control.setToolTip(parameter.help)
        self.control.setAccessibleName(parameter.label)
        self.control.setAccessibleDescription(parameter.help)
        self.value = value
        if isinstance(self.control, QCheckBox):
            self.control.toggled.connect(on_change)
        elif isinstance(self.control, QComboBox):
            self.control.currentIndexChanged.connect(on_change)
        else:
            self.control.valueChanged.connect(on_change)

    @property
    def value(self) -> ParameterValue:
        """What is set."""
        if isinstance(self.control, QCheckBox):
            return self.control.isChecked()
        if isinstance(self.control, QComboBox):
            return str(self.control.currentData())
        return self.control.value()

    @value.setter
    def value(self, value: ParameterValue) -> None:
        if isinstance(self.control, QCheckBox):
            self.control.setChecked(bool(value))
        elif isinstance(self.control, QComboBox):
            self.control.setCurrentIndex(self.control.findData(value))
        elif isinstance(self.control, QSpinBox):
            self.control.setValue(int(value))
        else:
            self.control.setValue(float(value))


def _control(parameter: Parameter) -> Control:
    if isinstance(parameter, ChoiceParameter):
        box = QComboBox()
        for value, words in parameter.choices:
            box.addItem(words, value)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(10)
        calm(box)
        return box
    if not isinstance(parameter, NumberParameter):
        return QCheckBox(parameter.label)
    if isinstance(parameter.default, int):
        whole = QSpinBox()
        whole.setRange(int(parameter.minimum), int(min(parameter.maximum, LARGEST_WHOLE)))
        number: QSpinBox | QDoubleSpinBox = whole
    else:
        fraction = _Fraction()
        fraction.setDecimals(FINEST)
        fraction.setRange(parameter.minimum, parameter.maximum)
        fraction.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        number = fraction
    number.setSuffix(f" {parameter.unit}" if parameter.unit else "")
    number.setKeyboardTracking(False)  # a number that is being typed is not one yet
    number.lineEdit().setAcceptDrops(False)
    calm(number)
    return number
