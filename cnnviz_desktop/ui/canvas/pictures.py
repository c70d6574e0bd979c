"""The canvas as pictures that leave the program: the whole image at its own resolution, or what is in sight."""

from dataclasses import replace

from PySide6.QtGui import QImage, QPainter

from cnnviz_desktop.core.errors import ImageError
from cnnviz_desktop.core.geometry import Size
from cnnviz_desktop.core.rendering import colour_table
from cnnviz_desktop.ui.canvas.scene import Scene, paint_scene
from cnnviz_desktop.ui.canvas.viewport import Viewport
from cnnviz_desktop.ui.picture_export import ShownPicture

LARGEST_PICTURE = 120_000_000
FINEST_MAP_SIDE = 4096


def shown_picture(scene: Scene, in_sight: Viewport | None, scale: int, name: str, caption: str) -> ShownPicture:
    """What leaves the program.

    Args:
        scene: What is drawn; the boxes on it are left out.
        in_sight: The viewport whose part is meant, None for the whole image at its own resolution.
        scale: 1–4 pixels for each of the image's, or of the screen's logical ones.
        name: The image's name.
        caption: What the picture shows.

    Raises:
        ImageError: The result would be too large.
    """
    image = original_picture(scene, scale) if in_sight is None else picture_in_sight(scene, in_sight, scale)
    image.setDevicePixelRatio(scale)
    look = scene.look
    own = scene.overlay is not None and scene.overlay.is_coloured
    table, limits = (colour_table(look.colours), look.limits) if look is not None and not own else (None, None)
    return ShownPicture(image, name, caption, table, limits)


def original_picture(scene: Scene, multiple: int) -> QImage:
    """The whole image with its map, `multiple` pixels for each of its own along both axes.

    Raises:
        ImageError: The result would be too large.
    """
    size = scene.levels.size
    whole = Size(size.height * multiple, size.width * multiple)
    return _painted(scene, Viewport(size, whole, multiple, 0, 0))


def picture_in_sight(scene: Scene, viewport: Viewport, multiple: int) -> QImage:
    """The part of the image that is in sight, `multiple` pixels for each logical pixel of the screen.

    Raises:
        ImageError: The result would be too large.
    """
    seen = viewport.box_to_widget(viewport.visible)
    width, height = round(seen.right - seen.left), round(seen.bottom - seen.top)
    part = Size(max(1, height) * multiple, max(1, width) * multiple)
    left, top = (viewport.left - seen.left) * multiple, (viewport.top - seen.top) * multiple
    return _painted(scene, Viewport(scene.levels.size, part, viewport.scale * multiple, left, top))


def _painted(scene: Scene, viewport: Viewport) -> QImage:
    height, width = viewport.widget
    if width * height > LARGEST_PICTURE:
        raise ImageError(
            f"A picture of {width:,} × {height:,} pixels is more than this program writes "
            f"({LARGEST_PICTURE // 1_000_000} megapixels). Choose fewer pixels for each pixel of the image."
        )
    image = QImage(width, height, QImage.Format.Format_RGB32)
    if image.isNull():
        raise ImageError(f"There is not enough memory for a picture of {width:,} × {height:,} pixels.")
    image.fill(0xFFFFFFFF)
    overlay = scene.overlay and scene.overlay.finer(min(FINEST_MAP_SIDE, max(width, height)))
    painter = QPainter(image)
    paint_scene(painter, replace(scene, overlay=overlay, marks=None, region=None), viewport, 1.0)
    painter.end()
    return image
