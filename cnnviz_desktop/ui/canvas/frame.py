"""Where the parts of the canvas stand."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget


def lay_out(
    canvas: QWidget, title: QWidget, zoom: QWidget, middle: tuple[QWidget, QWidget], below: tuple[QWidget, ...]
) -> None:
    """The title and the zoom in a line, the view and the colour bar side by side, and what stands below them."""
    view, colour_bar = middle
    kept = colour_bar.sizePolicy()
    kept.setRetainSizeWhenHidden(True)  # or the picture would jump whenever a map comes or goes
    colour_bar.setSizePolicy(kept)
    pictures = QHBoxLayout()
    pictures.setSpacing(6)
    pictures.addWidget(view, 1)
    pictures.addWidget(colour_bar)
    top = QHBoxLayout()
    top.addWidget(title, 1)
    top.addWidget(zoom)
    column = QVBoxLayout(canvas)
    column.setContentsMargins(6, 6, 6, 6)
    column.setSpacing(4)
    column.addLayout(top)
    column.addLayout(pictures, 1)
    for widget in below:
        column.addWidget(widget)
