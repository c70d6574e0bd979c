"""What can be said of any network: its name, and the names of its classes."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFormLayout, QLineEdit

from cnnviz_desktop.core.description import IMAGENET, Architecture, NetworkDescription
from cnnviz_desktop.ui.opening.file_dialogs import FileDialogs
from cnnviz_desktop.ui.opening.picker.page import hint
from cnnviz_desktop.ui.opening.picker.path_field import PathField, Sought


class Naming(QObject):
    """Rows at the end of a form.

    Args:
        form: They are added to it.
        dialogs: Makes the file dialogs.

    Signals:
        changed: Something else is said.
    """

    changed = Signal()

    def __init__(self, form: QFormLayout, dialogs: FileDialogs) -> None:
        super().__init__(form)
        self.name = QLineEdit()
        self.name.setAccessibleName(self.tr("Name of the network"))
        self.name.setAcceptDrops(False)
        self.name.textChanged.connect(self.changed)
        sought = Sought(
            title=self.tr("File of class names"),
            purpose="class names",
            filters=(self.tr("Class names ({0})").format("*.txt *.json *.csv"),),
            hint=self.tr("those of its weights; or a file, folders, “{0}”").format(IMAGENET),
            kind="either",
            words=(IMAGENET,),
        )
        self.class_names = PathField(sought, dialogs)
        told = self.tr(
            "A text file with a name a line, JSON, CSV, a folder with a folder for each class, or the word {0}"
        )
        self.class_names.setToolTip(told.format(IMAGENET))
        self.class_names.changed.connect(self.changed)
        form.addRow(self.tr("Class names"), self.class_names)
        form.addRow(self.tr("Name"), self.name)
        told = self.tr("as its weights say, else ImageNet's; it can be edited once the network is open")
        form.addRow(self.tr("Preprocessing"), hint(told))

    @property
    def says_something(self) -> bool:
        """Whether anything is filled in here."""
        return bool(self.name.text().strip() or self.class_names.path)

    @property
    def problem(self) -> str:
        """What is wrong with these rows, in a sentence; empty where nothing is."""
        return self.class_names.problem

    def offer_name(self, name: str) -> None:
        """Show the name that the network has where nobody types another."""
        self.name.setPlaceholderText(name)

    def described(
        self,
        architecture: Architecture,
        *,
        weights: str | None = None,
        weights_part: str | None = None,
        pretrained: str | None = None,
    ) -> NetworkDescription:
        """The description of a network of that architecture, with what these rows say."""
        return NetworkDescription(
            format=1,
            name=self.name.text().strip() or self.name.placeholderText(),
            architecture=architecture,
            weights=weights,
            weights_part=weights_part,
            pretrained=pretrained,
            class_names=self.class_names.path or None,
        )
