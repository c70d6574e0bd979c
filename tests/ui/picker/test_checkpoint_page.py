"""A weights file is looked into, and loaded into what fits it or into what the user says."""

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.checkpoint_report import ArchitectureGuess, CheckpointPart, CheckpointReport
from cnnviz_desktop.core.description import Architecture, Preprocessing
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.ui.opening.file_dialogs import FileDialogs
from cnnviz_desktop.ui.opening.picker.checkpoint_page import CheckpointPage
from cnnviz_desktop.ui.opening.picker.page import Choice
from tests.ui.picker.reading import description
from tests.ui.toy import CLASSES, outline_of


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
    offered = checkpoint.naming.name.placeholderText()
    assert offered
    assert not offered.endswith("· ")
    checkpoint.give(str(weights))
    assert checkpoint.naming.name.placeholderText() == f"{offered} · {weights.name}"
    assert checkpoint.choice().reference is None, "nobody knows yet whether it fits"
    checkpoint.show_report(replace(report_on(weights), guesses=report_on(weights).guesses[1:], class_names=()))
    made = description(checkpoint)
    assert made.architecture == outline.description.architecture, "nothing else fits"
    assert (made.weights, made.preprocessing, made.class_names) == (str(weights), Preprocessing(size=(16, 16)), CLASSES)
    checkpoint.show_report(report_on(weights))
    assert description(checkpoint).architecture == RESNET, "which fits better"
    checkpoint.candidates.setCurrentIndex(2)
    assert description(checkpoint).architecture == outline.description.architecture
