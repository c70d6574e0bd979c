"""Opens the preferences, and carries what is changed in them to where it counts."""

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from cnnviz_desktop.core.settings import SettingsFile
from cnnviz_desktop.core.trusted import Trusted, with_trusted, without_trusted
from cnnviz_desktop.jobs.runner import JobRunner
from cnnviz_desktop.ui.examiner import Examiner
from cnnviz_desktop.ui.preferences.preferences_dialog import PreferencesDialog
from cnnviz_desktop.ui.remembered_choices import RememberedChoices


class Preferences(QObject):
    """The one who changes what is trusted: in the worker, in the settings and in the dialog alike.

    Args:
        settings: What is remembered.
        remembered: Writes it.
        runner: Its worker is told which programs may run.
        examiner: Computes on the device that is chosen.
        window: Parent of the dialog.
    """

    def __init__(
        self,
        settings: SettingsFile,
        remembered: RememberedChoices,
        runner: JobRunner,
        examiner: Examiner,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._settings = settings
        self._remembered = remembered
        self._runner = runner
        self._examiner = examiner
        self.dialog = PreferencesDialog(window)
        self.dialog.programs.revoked.connect(self.revoke)
        self.dialog.weights.mirrors.changed.connect(self._on_mirrors_changed)
        self.dialog.device.chosen.connect(examiner.choose_device)
        examiner.subject_changed.connect(self._show)
        examiner.network_opened.connect(self._show)

    @Slot()
    def open(self) -> None:
        """Show the dialog; the window can be used beside it."""
        self._show()
        self.dialog.show()
        self.dialog.activateWindow()

    def restore_trust(self) -> None:
        """Tell the worker what was trusted when the program was last used."""
        for each in self._settings.settings.trusted:
            self._runner.trust(each.sha256)

    @Slot(object)
    def trust(self, program: Trusted) -> None:
        """Let a program run from now on."""
        self._runner.trust(program.sha256)
        self._remembered.change(trusted=with_trusted(self._settings.settings.trusted, program))
        self._show()

    @Slot(object)
    def revoke(self, hashes: tuple[str, ...]) -> None:
        """Take consent back, at once: what these programs have built is asked about before it is used again."""
        for sha256 in hashes:
            self._runner.distrust(sha256)
        self._remembered.change(trusted=without_trusted(self._settings.settings.trusted, hashes))
        self._show()

    @Slot(object)
    def _on_mirrors_changed(self, mirrors: tuple[str, ...]) -> None:
        self._remembered.change(mirrors=mirrors)

    @Slot()
    def _show(self) -> None:
        self.dialog.show_settings(self._settings.settings)
        self.dialog.show_device(self._examiner.subject.device, self._examiner.outline)
