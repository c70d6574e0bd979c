"""The text that “copy report” puts on the clipboard: what happened, where, and on what machine."""

import platform

from PySide6.QtGui import QGuiApplication

_PACKAGES = ("cnnviz-desktop", "PySide6-Essentials", "torch", "torchvision", "numpy")


def bug_report(message: str, details: str) -> str:
    """The report for a message and its traceback; versions come from the packages' metadata, nothing is imported."""
    lines = [message, "", details.rstrip(), "", f"Python {platform.python_version()} on {platform.platform()}"]
    lines += [f"{package} {version_of(package)}" for package in _PACKAGES]
    lines.append(f"Qt platform {QGuiApplication.platformName()}")
    return "\n".join(lines)


def version_of(package: str) -> str:
    """Version of an installed package, as its metadata tell."""
    from importlib.metadata import PackageNotFoundError, version  # costs a start more than the window needs

    try:
        return version(package)
    except PackageNotFoundError:
        return "(not installed)"
