"""Each page of the picker makes the description that its form says, or says what is missing."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.description import Architecture, NetworkDescription
from cnnviz_desktop.core.recents import Recents
from cnnviz_desktop.ui.opening.file_dialogs import FileDialogs
from cnnviz_desktop.ui.opening.picker.factories import LARGEST_READ
from cnnviz_desktop.ui.opening.picker.program_page import (
    ProgramPage,
    description_file,
    exported_program,
    huggingface_folder,
    torchscript_program,
)
from cnnviz_desktop.ui.opening.picker.python_page import MODULE, PythonPage
from cnnviz_desktop.ui.opening.picker.recents_page import RecentsPage
from tests.ui.picker.reading import description


@pytest.fixture
def python(qtbot: QtBot, dialogs: FileDialogs) -> PythonPage:
    page = PythonPage(dialogs)
    qtbot.addWidget(page)
    return page


def test_that_a_program_is_read_and_not_run(python: PythonPage, program: Path, weights: Path, tmp_path: Path) -> None:
    python.give(str(program), str(weights))
    assert [python.factory.itemText(place) for place in range(python.factory.count())] == ["build", "Net"]
    assert "classes has no default" in python.choice().words
    model = python.arguments.arguments
    assert [model.index(row, 0).data() for row in range(3)] == ["width", "classes", "act"]
    model.setData(model.index(1, 1), "3")
    made = description(python)
    assert made.architecture == Architecture(file=str(program), factory="build", arguments={"classes": 3})
    assert made.weights == str(weights)
    assert "asked before anything" in python.choice().words
    python.factory.setCurrentText("Net")
    assert "depth has no default" in python.choice().words
    assert not (tmp_path / "ran").exists()


def test_that_a_module_is_looked_for_in_its_folder(python: PythonPage, program: Path) -> None:
    python.kind.setCurrentIndex(MODULE)
    python.module.setText("project.model")
    python.folder.path = str(program.parents[1])
    python.factory.setCurrentText("Net")
    model = python.arguments.arguments
    model.setData(model.index(0, 1), "2")
    assert description(python).architecture == Architecture(
        module="project.model", folder=str(program.parents[1]), factory="Net", arguments={"depth": 2}
    )


def test_that_a_file_that_is_no_program_says_so(python: PythonPage, tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("def build(:")
    python.give(str(broken))
    assert python.choice().reference is None
    assert "broken.py" in python.choice().words


def test_that_a_program_that_is_too_long_to_be_looked_through_opens_by_a_name_that_is_typed(
    python: PythonPage, tmp_path: Path
) -> None:
    path = tmp_path / "generated.py"
    path.write_text("def build():\n    return None\n" + "#" * LARGEST_READ)
    python.give(str(path))
    assert python.factory.count() == 0
    assert "too long to be looked through" in python.choice().words
    python.factory.setEditText("build")
    reference = python.choice().reference
    assert isinstance(reference, NetworkDescription)
    assert reference.architecture.factory == "build"


def test_that_a_path_alone_is_its_own_reference(qtbot: QtBot, dialogs: FileDialogs, tmp_path: Path) -> None:
    page = ProgramPage(exported_program(), dialogs)
    qtbot.addWidget(page)
    file = tmp_path / "net.pt2"
    page.file.path = str(file)
    assert "net.pt2" in page.choice().words
    assert page.choice().reference is None
    file.write_bytes(b"x")
    assert page.choice().reference == str(file)
    assert page.naming is not None
    page.naming.name.setText("Mine")
    assert page.choice().reference == NetworkDescription(
        format=1, name="Mine", architecture=Architecture(exported=str(file))
    )


def test_that_something_else_at_a_path_is_refused_in_words(
    qtbot: QtBot, dialogs: FileDialogs, weights: Path, tmp_path: Path
) -> None:
    for program, path, words in (
        (torchscript_program(), weights, "opened under Checkpoint"),
        (exported_program(), weights, "no program that torch.export saved"),
        (huggingface_folder(), tmp_path, "no config.json"),
    ):
        page = ProgramPage(program, dialogs)
        qtbot.addWidget(page)
        page.file.path = str(path)
        assert page.choice().reference is None
        assert words in page.choice().words


def test_that_a_description_that_is_broken_is_said_before_it_is_opened(
    qtbot: QtBot, dialogs: FileDialogs, tmp_path: Path
) -> None:
    page = ProgramPage(description_file(), dialogs)
    qtbot.addWidget(page)
    file = tmp_path / "net.cnnviz-network.json"
    file.write_text("{}")
    page.file.path = str(file)
    assert page.choice().reference is None
    assert "not a network description" in page.choice().words


def test_that_recents_come_after_the_sample_and_what_is_gone_cannot_be_opened(qtbot: QtBot, weights: Path) -> None:
    page = RecentsPage()
    qtbot.addWidget(page)
    gone = NetworkDescription(
        format=1, name="Gone", architecture=Architecture(torchvision="resnet18"), weights=f"{weights}.old"
    )
    mine = NetworkDescription(
        format=1, name="Mine", architecture=Architecture(torchvision="resnet18"), weights=str(weights)
    )
    page.show_recents(Recents((gone, mine)))
    assert page.choice().reference == "sample"
    page.list.setCurrentRow(2)
    assert page.choice().reference == mine
    assert "resnet18 of torchvision with best.pth" in page.choice().words
    assert "missing" in page.list.item(1).text()
    page.list.setCurrentRow(1)
    assert page.choice().reference is None
