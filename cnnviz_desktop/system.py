"""What the machine must have before Qt can open a window. Standard library only, asked before Qt is imported.

Qt aborts the process where a library or the screen is missing, so these questions come first.
"""

import ctypes
import os
import socket
import sys
from pathlib import Path

from cnnviz_desktop.core.resources import resource_path

_WINDOW_SYSTEMS = ("wayland", "xcb")
_WAY_OUT = (
    "Start cnnviz in a desktop session or over ssh -X; or let cnnviz demo --output DIR write pictures without a screen."
)


def missing_qt_libraries() -> tuple[str, ...]:
    """Debian packages of the system libraries that Qt needs here and that cannot be loaded; empty where all is well.

    Takes some 5 ms, most of it spent on loading what Qt will need next.
    """
    if not sys.platform.startswith("linux"):
        return ()
    of_platforms = [_missing_packages(name) for name in _wanted_platforms() if name in _WINDOW_SYSTEMS]
    # One window system is enough: a Wayland session also serves X11 programs.
    return _missing_packages("gui") + min(of_platforms, key=len, default=())


def display_problem() -> str:
    """Why no window can appear here, and what to do; the empty string where one can.

    Ask after `missing_qt_libraries`: without them no screen can be asked whether it answers.
    """
    if not sys.platform.startswith("linux") or not set(_wanted_platforms()) & set(_WINDOW_SYSTEMS):
        return ""
    display = os.environ.get("DISPLAY", "")
    if _wayland_answers() or (display and _x11_answers()):
        return ""
    if display or os.environ.get("WAYLAND_DISPLAY"):
        name = f"DISPLAY={display}" if display else f"WAYLAND_DISPLAY={os.environ['WAYLAND_DISPLAY']}"
        return f"The screen that {name} names does not answer. {_WAY_OUT}"
    return f"There is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set). {_WAY_OUT}"


def apt_line(packages: tuple[str, ...]) -> str:
    """The one command that installs these Debian packages."""
    return f"sudo apt-get install -y {' '.join(packages)}"


def _wanted_platforms() -> tuple[str, ...]:
    """Qt platforms that Qt will try, in its order: names like ``wayland``, ``xcb``, ``offscreen``."""
    chosen = os.environ.get("QT_QPA_PLATFORM", "")
    if chosen:
        return tuple(name.split(":")[0].split("-")[0] for name in chosen.split(";"))
    return _WINDOW_SYSTEMS if os.environ.get("WAYLAND_DISPLAY") else ("xcb",)


def _missing_packages(part: str) -> tuple[str, ...]:
    """Packages of one part of Qt (``gui``, ``xcb``, ``wayland``) whose library cannot be loaded."""
    lines = resource_path("qt_libraries.txt").read_text("utf-8").splitlines()
    rows = (line.split() for line in lines if not line.startswith("#"))
    return tuple(package for library, package, needed_by in rows if needed_by == part and not _loads(library))


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _wayland_answers() -> bool:
    """Whether a Wayland compositor listens where WAYLAND_DISPLAY says."""
    name = os.environ.get("WAYLAND_DISPLAY", "")
    if not name:
        return False
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(str(Path(os.environ.get("XDG_RUNTIME_DIR", "/"), name)))
        except OSError:
            return False
    return True


def _x11_answers() -> bool:
    """Whether the X server that DISPLAY names lets this program in."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return False
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    answers = not xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return answers


class _FontSet(ctypes.Structure):
    """Fontconfig's FcFontSet."""

    _fields_ = (("count", ctypes.c_int), ("capacity", ctypes.c_int), ("fonts", ctypes.c_void_p))


def has_font(language: str) -> bool:
    """Whether fontconfig knows a font for a language (``en``, ``zh-cn``); other systems than Linux have theirs."""
    if not sys.platform.startswith("linux"):
        return True
    try:
        fontconfig = ctypes.CDLL("libfontconfig.so.1")
    except OSError:
        return False
    for name in ("FcNameParse", "FcObjectSetCreate"):
        getattr(fontconfig, name).restype = ctypes.c_void_p
    fontconfig.FcFontList.restype = ctypes.POINTER(_FontSet)
    fontconfig.FcFontList.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
    pattern = fontconfig.FcNameParse(f":lang={language}".encode())
    objects = fontconfig.FcObjectSetCreate()
    fonts = fontconfig.FcFontList(None, pattern, objects)
    found = bool(fonts) and fonts.contents.count > 0
    fontconfig.FcFontSetDestroy(fonts)
    fontconfig.FcObjectSetDestroy(ctypes.c_void_p(objects))
    fontconfig.FcPatternDestroy(ctypes.c_void_p(pattern))
    return found
