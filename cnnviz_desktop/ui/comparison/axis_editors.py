"""The layouts of the table, and an editor for whatever stands on an axis of one of them."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QComboBox

from cnnviz_desktop.ui.comparison.axis_editor import AxisEditor
from cnnviz_desktop.ui.comparison.comparison import LAYOUTS, Layout

EDITORS: dict[Layout, tuple[str, ...]] = {
    "views": ("methods", "layer", "target"),
    "layers": ("methods", "layers", "target"),
    "classes": ("methods", "layer", "targets"),
    "images": ("images", "methods", "layer", "target"),
    "networks": ("other", "methods", "layer", "target"),
}
"""The editors that each layout shows."""

translate = QCoreApplication.translate


def layout_combo() -> QComboBox:
    """A choice of layout, with each one's id as data."""
    combo = QComboBox()
    names: dict[Layout, str] = {
        "views": translate("Comparison", "Methods × cam, gb, cam_gb"),
        "layers": translate("Comparison", "Methods × layers"),
        "classes": translate("Comparison", "Methods × classes"),
        "images": translate("Comparison", "Images × methods"),
        "networks": translate("Comparison", "Methods × two networks"),
    }
    for kind in LAYOUTS:
        combo.addItem(names[kind], kind)
    combo.setAccessibleName(translate("Comparison", "What the table compares"))
    return combo


def axis_editors() -> dict[str, AxisEditor]:
    """An editor by each name that `EDITORS` has."""
    layer_hint = translate("Comparison", "Layer, by name or type")
    target_hint = translate("Comparison", "Class, or one class - another")
    layer, explained = translate("Comparison", "Layer"), translate("Comparison", "Explained")
    editors = {
        "images": AxisEditor(translate("Comparison", "Images"), translate("Comparison", "Image, by name")),
        "methods": AxisEditor(translate("Comparison", "Methods"), translate("Comparison", "Method, by name")),
        "layers": AxisEditor(translate("Comparison", "Layers"), layer_hint),
        "layer": AxisEditor(layer, layer_hint, exclusive=True),
        "targets": AxisEditor(explained, target_hint),
        "target": AxisEditor(explained, target_hint, exclusive=True),
        "other": AxisEditor(
            translate("Comparison", "Compared with"), translate("Comparison", "Network, by name"), exclusive=True
        ),
    }
    for name, editor in editors.items():
        editor.setObjectName(name)
    return editors
