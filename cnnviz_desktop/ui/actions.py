"""Everything that can be done from the menus, each once, with its shortcut."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from cnnviz_desktop.core.requests import Device
from cnnviz_desktop.ui.canvas.image_canvas import ImageCanvas
from cnnviz_desktop.ui.opening.recents_menu import RecentsMenu
from cnnviz_desktop.ui.telling.shipped_pages import ShippedPage

Keys = QKeySequence.StandardKey | str | None


class Actions(QObject):
    """The window's own actions. Whoever makes them connects them; `fill_menus` puts them where people look."""

    def __init__(self, window: QMainWindow, pages: tuple[ShippedPage, ...] = ()) -> None:
        """`pages` of help have an action each."""
        super().__init__(window)
        standard = QKeySequence.StandardKey
        self.open_images = self._make(self.tr("&Open images…"), standard.Open)
        self.open_folder = self._make(self.tr("Open &folder of images…"), "Ctrl+Shift+O")
        self.open_network = self._make(self.tr("Open &network…"), "Ctrl+Alt+O")
        self.save_network = self._make(self.tr("Save network &description…"))
        self.save_network.setEnabled(False)
        self.paste = self._make(self.tr("&Paste image or path"), standard.Paste)
        self.preferences = self._make(self.tr("Pr&eferences…"), "Ctrl+,")
        self.preferences.setMenuRole(QAction.MenuRole.PreferencesRole)
        self.quit = self._make(self.tr("&Quit"), "Ctrl+Q")
        self.quit.setMenuRole(QAction.MenuRole.QuitRole)
        self.heat_map = self._make(self.tr("Explanation over the i&mage"), "Ctrl+H")
        self.find_method = self._make(self.tr("Choose a m&ethod"), "Ctrl+M")
        self.run_again = self._make(self.tr("&Run again"), "F5")
        self.cancel = self._make(self.tr("&Cancel"), "Esc")
        self.cancel.setEnabled(False)
        self.copy_command = self._make(self.tr("Copy as comman&d"), "Ctrl+Alt+C")
        self.copy_request = self._make(self.tr("Copy request as &JSON"), "Ctrl+Alt+J")
        self.sample = self._make(self.tr("Open the &sample"))
        self.find_layer = self._make(self.tr("Find a &layer"), standard.Find)
        self.find_class = self._make(self.tr("Find a &class"), "Ctrl+K")
        self.preprocessing = self._make(self.tr("&Preprocessing and input"), "Ctrl+Alt+I")
        self.suggested = self._make(self.tr("Go to the su&ggested layer"), "Ctrl+G")
        self.compare_networks = self._make(self.tr("Compare with &another network"))
        self.weights = self._make(self.tr("&Weights on this machine…"))
        self.reset_layout = self._make(self.tr("Reset &layout"))
        self.methods = self._make(self.tr("&What is this?"), "F1")
        self.shortcuts = self._make(self.tr("&Keyboard shortcuts"), "Ctrl+/")
        self.pages = [self._page(page) for page in pages]
        self.about = self._make(self.tr("&About cnnviz"))
        self.about.setMenuRole(QAction.MenuRole.AboutRole)
        self.devices = QActionGroup(self)
        self._add_device("auto", self.tr("&Automatic"))
        self._add_device("cpu", self.tr("&CPU"))
        self._add_device("cuda", self.tr("C&UDA graphics card"))
        self.recent_images = RecentsMenu(self.tr("Recent &images"), window)
        self.recent_networks = RecentsMenu(self.tr("Recent n&etworks"), window)
        self.recent_images.setObjectName("recent images")
        self.recent_networks.setObjectName("recent networks")

    def mark_device(self, device: Device) -> None:
        """Tick the device that is chosen."""
        for action in self.devices.actions():
            action.setChecked(action.data() == device)

    def _make(self, text: str, keys: Keys = None) -> QAction:
        action = QAction(text, self)
        if isinstance(keys, QKeySequence.StandardKey):
            action.setShortcut(QKeySequence.keyBindings(keys)[0])  # one each: some platforms bind three
        elif keys is not None:
            action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        return action

    def _page(self, page: ShippedPage) -> QAction:
        action = self._make(page.title.replace("&", "&&"))
        action.setObjectName(page.name)
        return action

    def _add_device(self, device: Device, text: str) -> None:
        action = self._make(text)
        action.setCheckable(True)
        action.setData(device)
        self.devices.addAction(action)


def fill_menus(
    window: QMainWindow, actions: Actions, canvas: ImageCanvas, remove: QAction, docks: list[QAction]
) -> None:
    """Build the menu bar.

    Args:
        window: Whose menu bar it is.
        actions: The window's own actions.
        canvas: Brings its own: how the image is shown, saved and copied.
        remove: Takes the chosen image away.
        docks: Which parts of the window are in sight.
    """
    pictures, shown = canvas.picture_actions, canvas.menu_actions
    bar = window.menuBar()
    file = bar.addMenu(actions.tr("&File"))
    file.addActions([actions.open_images, actions.open_folder, actions.open_network])
    file.addMenu(actions.recent_images)
    file.addMenu(actions.recent_networks)
    file.addAction(actions.save_network)
    saving = (pictures.copy_action, pictures.save_action, pictures.bar_action)
    _add_groups(file, [remove], saving, [actions.quit])
    _add_groups(bar.addMenu(actions.tr("&Edit")), [actions.paste], [actions.preferences])
    _add_groups(
        bar.addMenu(actions.tr("&View")),
        shown.view_actions,
        [*shown.map_actions, shown.in_sight],
        [*docks, actions.reset_layout],
    )
    run = bar.addMenu(actions.tr("&Run"))
    run.addActions([actions.find_method, actions.heat_map, shown.region])
    _add_groups(run, [actions.run_again, actions.cancel])
    _add_groups(run, [actions.copy_command, actions.copy_request])
    network = bar.addMenu(actions.tr("&Network"))
    network.addActions([actions.sample, actions.find_layer, actions.suggested, actions.find_class])
    network.addActions([actions.preprocessing, actions.compare_networks])
    network.setToolTipsVisible(True)  # they say why an action is greyed
    network.addSeparator()
    network.addMenu(actions.tr("Compute &on")).addActions(actions.devices.actions())
    network.addAction(actions.weights)
    bar.addMenu(actions.tr("&Help")).addActions([actions.methods, *actions.pages, actions.shortcuts, actions.about])


def _add_groups(menu: QMenu, *groups: Sequence[QAction]) -> None:
    for group in groups:
        if not menu.isEmpty():
            menu.addSeparator()
        menu.addActions(group)
