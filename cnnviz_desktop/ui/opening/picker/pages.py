"""The picker's forms, in the order they stand in."""

from PySide6.QtCore import QCoreApplication

from cnnviz_desktop.ui.opening.file_dialogs import FileDialogs
from cnnviz_desktop.ui.opening.picker.checkpoint_page import CheckpointPage
from cnnviz_desktop.ui.opening.picker.library_page import LibraryPage
from cnnviz_desktop.ui.opening.picker.page import Page
from cnnviz_desktop.ui.opening.picker.program_page import (
    ProgramPage,
    description_file,
    exported_program,
    huggingface_folder,
    torchscript_program,
)
from cnnviz_desktop.ui.opening.picker.python_page import PythonPage
from cnnviz_desktop.ui.opening.picker.recents_page import RecentsPage

translate = QCoreApplication.translate


class Pages:
    """One form a source."""

    def __init__(self, dialogs: FileDialogs) -> None:
        self.library = LibraryPage(dialogs)
        self.checkpoint = CheckpointPage(dialogs)
        self.python = PythonPage(dialogs)
        self.exported = ProgramPage(exported_program(), dialogs)
        self.torchscript = ProgramPage(torchscript_program(), dialogs)
        self.huggingface = ProgramPage(huggingface_folder(), dialogs)
        self.description = ProgramPage(description_file(), dialogs)
        self.recents = RecentsPage()

    def titled(self) -> tuple[tuple[str, Page], ...]:
        """Each form with the title of its source, in the language of now."""
        return (
            (translate("Pages", "Libraries"), self.library),
            (translate("Pages", "Checkpoint"), self.checkpoint),
            (translate("Pages", "Python project"), self.python),
            (translate("Pages", "Exported program (.pt2)"), self.exported),
            (translate("Pages", "TorchScript"), self.torchscript),
            (translate("Pages", "Hugging Face folder"), self.huggingface),
            (translate("Pages", "Description file"), self.description),
            (translate("Pages", "Sample and recent"), self.recents),
        )
