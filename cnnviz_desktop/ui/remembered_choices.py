"""Carries the user's choices into the settings as they are made, and what is remembered back into the window."""

from PySide6.QtCore import QObject, Signal, Slot

from cnnviz_desktop.core.catalog import METHODS
from cnnviz_desktop.core.errors import RequestError
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.references import SAMPLE
from cnnviz_desktop.core.settings import Settings, SettingsFile
from cnnviz_desktop.ui.actions import Actions
from cnnviz_desktop.ui.subject import FIRST_METHOD, Subject

REMEMBERED_AT_ONCE = 3


class RememberedChoices(QObject):
    """Keeps recents, device and methods; `problem` says once that nothing can be kept, and why.

    Args:
        settings: The settings' file.
        actions: Whose recents and device are kept up to date.
    """

    problem = Signal(str)

    def __init__(self, settings: SettingsFile, actions: Actions) -> None:
        super().__init__(actions)
        self._file = settings
        self._actions = actions
        self._told = ""
        self._show()

    def change(self, **changes: object) -> None:
        """Remember other values for some of the settings."""
        self._file.change(**changes)
        self._show()
        self.tell_problem()

    def tell_problem(self) -> None:
        """Say what is wrong with the settings' file, unless that was said before."""
        problem = self._file.problem
        if problem != self._told:
            self._told = problem
            if problem:
                self.problem.emit(problem)

    @Slot(object)
    def on_images_opened(self, references: tuple[str, ...]) -> None:
        """Remember images that were opened; of a whole folder the first, or nothing else would be remembered."""
        kept = references if len(references) <= REMEMBERED_AT_ONCE else references[:1]
        self.change(recent_images=self._file.settings.recent_images.with_newest(*kept))

    @Slot(object)
    def on_network_opened(self, outline: Outline) -> None:
        """Remember a network that was opened; the sample has an entry of its own in the menu."""
        if outline.network != SAMPLE:
            self.change(recent_networks=self._file.settings.recent_networks.with_newest(outline.network))

    @Slot(object)
    def on_subject_changed(self, subject: Subject) -> None:
        """Remember the device once it is computed on, the method, and the parameters of all methods."""
        kept = {each: values for each, values in subject.parameters.items() if values}
        settings, method = self._file.settings, subject.set_aside or subject.method
        before = settings.device, settings.method or FIRST_METHOD, settings.parameters
        if (subject.device, method, kept) != before:
            self.change(device=subject.device, method=method, parameters=kept)

    def _show(self) -> None:
        settings = self._file.settings
        self._actions.mark_device(settings.device)
        self._actions.recent_images.show_recents(settings.recent_images)
        self._actions.recent_networks.show_recents(settings.recent_networks)


def first_subject(settings: Settings) -> Subject:
    """What is looked at before anything is open: the sample, on the device and by the method used last.

    What another version remembered and this one does not know is left out.
    """
    known = {each.id: each for each in METHODS if each.gives}
    parameters = {}
    for method_id, values in settings.parameters.items():
        try:
            checked = known[method_id].values(values)
        except (KeyError, RequestError):
            continue
        parameters[method_id] = {key: checked[key] for key in values}
    method = settings.method if settings.method in known else FIRST_METHOD
    return Subject(network=SAMPLE, device=settings.device, method=method, parameters=parameters)
