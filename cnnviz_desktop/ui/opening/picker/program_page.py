"""Pages for what says by itself how to build its network: only where it lies is asked for."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QWidget

from cnnviz_desktop.core.description import Architecture, NetworkRef
from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.references import described, network_title
from cnnviz_desktop.ui.opening.file_dialogs import FileDialogs
from cnnviz_desktop.ui.opening.picker.naming import Naming
from cnnviz_desktop.ui.opening.picker.page import Choice, Page, hint, rows
from cnnviz_desktop.ui.opening.picker.path_field import PathField, Sought

translate = QCoreApplication.translate
_CONTEXT = "ProgramPage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One kind of such a thing.

    Attributes:
        sought: The path that is asked for.
        label: What stands before the line.
        explained: What works with it, and what not.
        wanting: The sentence while nothing is chosen.
        refused: The sentence about a path that leads to something else.
        architecture: What a path of it is in a description; None where the path itself is the reference.
    """

    sought: Sought
    label: str
    explained: str
    wanting: str
    refused: str = ""
    architecture: Callable[[str], Architecture] | None


class ProgramPage(Page):
    """One path, and what can be said of any network."""

    def __init__(self, program: Program, dialogs: FileDialogs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._program = program
        self.file = PathField(program.sought, dialogs)
        self.file.changed.connect(self._on_changed)
        form = rows(self)
        form.addRow(program.label, self.file)
        form.addRow("", hint(program.explained))
        self.naming = Naming(form, dialogs) if program.architecture is not None else None
        if self.naming is not None:
            self.naming.changed.connect(self.changed)

    def take_keyboard(self) -> None:
        """To the path."""
        self.file.line.setFocus(Qt.FocusReason.TabFocusReason)

    def choice(self) -> Choice:
        """The network at the path."""
        path = self.file.path
        problem = self.file.problem or (self.naming.problem if self.naming is not None else "")
        if not path or problem:
            return Choice(None, problem or self._program.wanting)
        try:
            found = described(path)
        except NetworkError as error:
            return Choice(None, self._program.refused.format(path) or str(error))
        if self._program.architecture is not None and found.architecture != self._program.architecture(path):
            return Choice(None, self._program.refused.format(path))
        return Choice(self._reference(path), self.tr("Opens {0}.").format(path))

    def _reference(self, path: str) -> NetworkRef:
        """The path alone where that says everything: it is easier to read in a list of recents."""
        if self.naming is None or self._program.architecture is None or not self.naming.says_something:
            return path
        return self.naming.described(self._program.architecture(path))

    def _on_changed(self) -> None:
        path = self.file.path
        if self.naming is not None:
            self.naming.offer_name(network_title(path) if path else "")
        self.changed.emit()


def exported_program() -> Program:
    """A program of torch.export."""
    return Program(
        sought=Sought(
            title=translate(_CONTEXT, "Exported program"),
            purpose="networks",
            filters=(translate(_CONTEXT, "Exported programs ({0})").format("*.pt2"),),
        ),
        label=translate(_CONTEXT, "File"),
        explained=translate(
            _CONTEXT,
            "What torch.export.save writes. Its layers, feature maps, class activation maps and gradients work as "
            "for any network, at the input sizes it was exported for. It needs none of your code; what the file itself "
            "holds runs only after you were asked.",
        ),
        wanting=translate(_CONTEXT, "Choose a .pt2 file."),
        refused=translate(_CONTEXT, "{0} is no program that torch.export saved: its name would end in .pt2."),
        architecture=lambda path: Architecture(exported=path),
    )


def torchscript_program() -> Program:
    """A program of torch.jit."""
    return Program(
        sought=Sought(
            title=translate(_CONTEXT, "TorchScript file"),
            purpose="networks",
            filters=(translate(_CONTEXT, "TorchScript ({0})").format("*.pt *.pth *.ts *.torchscript"),),
        ),
        label=translate(_CONTEXT, "File"),
        explained=translate(
            _CONTEXT,
            "What torch.jit.save writes. Predictions and methods that need the input's gradient alone work; the "
            "layers of a TorchScript program cannot be looked into, so there are no feature maps and no class "
            "activation maps. What the file holds runs only after you were asked.",
        ),
        wanting=translate(_CONTEXT, "Choose a TorchScript file."),
        refused=translate(_CONTEXT, "{0} is no TorchScript program. A weights file is opened under Checkpoint."),
        architecture=lambda path: Architecture(torchscript=path),
    )


def huggingface_folder() -> Program:
    """A folder of Hugging Face."""
    return Program(
        sought=Sought(title=translate(_CONTEXT, "Folder of a Hugging Face network"), purpose="networks", kind="folder"),
        label=translate(_CONTEXT, "Folder"),
        explained=translate(
            _CONTEXT,
            "What save_pretrained writes for an image classifier: config.json with the weights beside it, class names "
            "and preprocessing among them. Everything works as for any network. The optional package transformers "
            "is needed: “uv sync --extra huggingface”. Code in the folder never runs.",
        ),
        wanting=translate(_CONTEXT, "Choose a folder with config.json in it."),
        refused=translate(_CONTEXT, "The folder {0} holds no network of Hugging Face: there is no config.json in it."),
        architecture=lambda path: Architecture(huggingface=path),
    )


def description_file() -> Program:
    """A description file."""
    return Program(
        sought=Sought(
            title=translate(_CONTEXT, "Network description"),
            purpose="networks",
            filters=(translate(_CONTEXT, "Network descriptions ({0})").format("*.cnnviz-network.json"),),
        ),
        label=translate(_CONTEXT, "File"),
        explained=translate(
            _CONTEXT,
            "What “Save network description…” writes, or you by hand: where the network comes from, its weights, "
            "preprocessing and class names. Paths in it are relative to the file.",
        ),
        wanting=translate(_CONTEXT, "Choose a network description."),
        architecture=None,
    )
