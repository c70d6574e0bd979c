"""Each page of the picker makes the description that its form says, or says what is missing."""

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.checkpoint_report import ArchitectureGuess, CheckpointPart, CheckpointReport
from cnnviz_desktop.core.description import Architecture, NetworkDescription, Preprocessing
from cnnviz_desktop.core.recents import Recents
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.ui.opening.file_dialogs import FileDialogs
from cnnviz_desktop.ui.opening.picker.checkpoint_page import CheckpointPage
from cnnviz_desktop.ui.opening.picker.library_page import LibraryPage
from cnnviz_desktop.ui.opening.picker.page import Choice, Page
from cnnviz_desktop.ui.opening.picker.program_page import (
    ProgramPage,
    description_file,
    exported_program,
    huggingface_folder,
    torchscript_program,
)
from cnnviz_desktop.ui.opening.picker.python_page import MODULE, PythonPage
from cnnviz_desktop.ui.opening.picker.recents_page import RecentsPage
from tests.ui.picker.some_networks import NETWORKS
from tests.ui.toy import CLASSES, outline_of


def description(page: Page) -> NetworkDescription:
    made = page.choice().reference
    assert isinstance(made, NetworkDescription), page.choice().words
    return made


@pytest.fixture
def library(qtbot: QtBot, dialogs: FileDialogs) -> LibraryPage:
    page = LibraryPage(dialogs)
    qtbot.addWidget(page)
    page.show_networks(NETWORKS)
    return page


def test_that_a_library_s_network_has_the_weights_on_this_machine_first(library: LibraryPage) -> None:
    library.table.choose("torchvision", "resnet50")
    made = description(library)
    assert made == NetworkDescription(
        format=1, name="resnet50", architecture=Architecture(torchvision="resnet50"), pretrained="IMAGENET1K_V1"
    )
    assert "resnet50 of torchvision with its weights IMAGENET1K_V1" in library.choice().words
    assert not library.classes.isEnabled(), "official weights bring their own classes"
    library.table.choose("torchvision", "resnet18")
    assert description(library).pretrained == "IMAGENET1K_V1"
    assert "asked before they are downloaded" in library.choice().words


def test_that_the_weights_that_were_chosen_stay_when_the_list_is_made_anew(library: LibraryPage) -> None:
    library.table.choose("torchvision", "resnet50")
    library.weights.sets.setCurrentIndex(0)
    assert description(library).pretrained == "IMAGENET1K_V2"
    library.show_networks(
        replace(network, here=frozenset(each.name for each in network.weights)) for network in NETWORKS
    )
    assert description(library).pretrained == "IMAGENET1K_V2"
    assert "asked before" not in library.choice().words
    library.table.choose("torchvision", "vgg16")
    library.table.choose("torchvision", "resnet50")
    assert description(library).pretrained == "IMAGENET1K_V2", "the recommended ones, all being here"


def test_that_a_library_s_network_is_built_anew_with_classes_and_arguments(library: LibraryPage) -> None:
    library.table.choose("timm", "vit_tiny")
    assert description(library) == NetworkDescription(
        format=1, name="vit_tiny (random weights)", architecture=Architecture(timm="vit_tiny")
    )
    library.classes.setValue(7)
    model = library.arguments.arguments
    model.setData(model.index(0, 0), "drop_rate")
    assert "drop_rate" not in description(library).architecture.arguments
    model.setData(model.index(0, 1), "0.2")
    assert description(library).architecture.arguments == {"drop_rate": 0.2, "num_classes": 7}
    model.setData(model.index(0, 1), "lots")
    assert library.choice().reference is None
    assert "lots is not JSON" in library.choice().words


def test_that_a_file_of_one_s_own_stays_while_the_network_is_sought(library: LibraryPage, weights: Path) -> None:
    library.give_weights(str(weights), 2)
    for name in ("resnet18", "resnet50"):
        library.table.choose("torchvision", name)
        made = description(library)
        assert made.weights == str(weights)
        assert made.pretrained is None
        assert made.architecture == Architecture(torchvision=name, arguments={"num_classes": 2})
        assert made.name == f"{name} · best.pth"
    weights.unlink()
    assert library.choice().reference is None
    assert str(weights) in library.choice().words


def test_that_names_and_class_names_are_taken(library: LibraryPage, tmp_path: Path) -> None:
    names = tmp_path / "classes.txt"
    library.table.choose("torchvision", "vgg16")
    library.naming.name.setText("Mine")
    library.naming.class_names.path = str(names)
    assert "classes.txt" in library.choice().words
    assert library.choice().reference is None
    names.write_text("a\nb")
    library.naming.class_names.path = f'"{names}" '
    made = description(library)
    assert (made.name, made.class_names) == ("Mine", str(names))
    for given in (str(tmp_path), "imagenet"):
        library.naming.class_names.path = given
        assert description(library).class_names == given


@pytest.fixture
def checkpoint(qtbot: QtBot, dialogs: FileDialogs) -> CheckpointPage:
    page = CheckpointPage(dialogs)
    qtbot.addWidget(page)
    return page


RESNET = Architecture(torchvision="resnet18")


def report_on(weights: Path) -> CheckpointReport:
    part = CheckpointPart(place="state_dict", keys=122, parameters=11_177_538, dtypes=("float32",))
    return CheckpointReport(
        path=str(weights),
        bytes=45 << 20,
        sha256="ab" * 32,
        saved="2026-01-31 14:05",
        parts=(part, replace(part, place="model_ema")),
        facts=(("epoch", "12"), ("best_acc1", "76.13")),
        classes=2,
        class_names=("cat", "dog"),
        guesses=(
            ArchitectureGuess(architecture=RESNET, classes=2, keys=122),
            ArchitectureGuess(architecture=Architecture(timm="resnet18"), keys=122, missing=2, unexpected=2),
        ),
        notes=("Two of its values are not numbers.",),
    )


def test_that_a_checkpoint_is_asked_about_and_its_likeliest_network_filled_in(
    checkpoint: CheckpointPage, weights: Path
) -> None:
    asked: list[str] = []
    checkpoint.report_wanted.connect(asked.append)
    assert checkpoint.choice().reference is None
    checkpoint.give(str(weights))
    assert asked == [str(weights)]
    assert checkpoint.choice() == Choice(None, "Reading it…")
    checkpoint.show_report(replace(report_on(weights), guesses=()))
    assert "Say which network" in checkpoint.choice().words
    checkpoint.show_report(report_on(weights))
    told = checkpoint.facts.text()
    assert all(each in told for each in ("45.0 MiB", "epoch 12", "best_acc1 76.13", "cat, dog", "not numbers"))
    assert "fits with 2 classes" in checkpoint.candidates.currentText()
    assert checkpoint.candidates.itemText(1).endswith("2 missing, 2 unexpected of 122 keys")
    made = description(checkpoint)
    assert (made.name, made.class_names) == ("resnet18 · best.pth", ("cat", "dog"))
    assert (made.architecture, made.weights, made.weights_part) == (RESNET, str(weights), None)
    checkpoint.part.setCurrentIndex(2)
    checkpoint.classes.setValue(5)
    made = description(checkpoint)
    assert made.weights_part == "model_ema"
    assert made.architecture.arguments == {"num_classes": 5}
    checkpoint.candidates.setCurrentIndex(1)
    assert description(checkpoint).architecture == Architecture(timm="resnet18")


def test_that_what_comes_of_another_file_is_not_shown(
    checkpoint: CheckpointPage, weights: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.pth"
    other.write_bytes(b"x")
    checkpoint.give(str(weights))
    checkpoint.give(str(other))
    checkpoint.show_report(report_on(weights))
    assert checkpoint.candidates.count() == 0
    checkpoint.show_failure("other.pth is no weights file.")
    assert checkpoint.choice().words == "other.pth is no weights file."
    checkpoint.give(str(weights))
    checkpoint.show_report(report_on(weights))
    assert description(checkpoint).weights == str(weights)


def test_that_weights_can_be_loaded_into_the_open_network(checkpoint: CheckpointPage, weights: Path) -> None:
    outline = outline_of(Request(method="outline", network="mine"))
    checkpoint.show_open_network(outline)
    checkpoint.give(str(weights))
    assert checkpoint.choice().reference is None, "nobody knows yet whether it fits"
    checkpoint.show_report(replace(report_on(weights), guesses=report_on(weights).guesses[1:], class_names=()))
    made = description(checkpoint)
    assert made.architecture == outline.description.architecture, "nothing else fits"
    assert (made.weights, made.preprocessing, made.class_names) == (str(weights), Preprocessing(size=(16, 16)), CLASSES)
    checkpoint.show_report(report_on(weights))
    assert description(checkpoint).architecture == RESNET, "which fits better"
    checkpoint.candidates.setCurrentIndex(2)
    assert description(checkpoint).architecture == outline.description.architecture


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
    gone = NetworkDescription(format=1, name="Gone", architecture=RESNET, weights=f"{weights}.old")
    mine = NetworkDescription(format=1, name="Mine", architecture=RESNET, weights=str(weights))
    page.show_recents(Recents((gone, mine)))
    assert page.choice().reference == "sample"
    page.list.setCurrentRow(2)
    assert page.choice().reference == mine
    assert "resnet18 of torchvision with best.pth" in page.choice().words
    assert "missing" in page.list.item(1).text()
    page.list.setCurrentRow(1)
    assert page.choice().reference is None
