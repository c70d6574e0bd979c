"""Reads what a page of the picker makes."""

from cnnviz_desktop.core.description import NetworkDescription
from cnnviz_desktop.ui.opening.picker.page import Page


def description(page: Page) -> NetworkDescription:
    made = page.choice().reference
    assert isinstance(made, NetworkDescription), page.choice().words
    return made
