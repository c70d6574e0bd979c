"""The page of the libraries makes the description that its form says, or says what is missing."""

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.description import Architecture, NetworkDescription
from cnnviz_desktop.ui.opening.file_dialogs import FileDialogs
from cnnviz_desktop.ui.opening.picker.library_page import LibraryPage
from tests.ui.picker.reading import description
from tests.ui.picker.some_networks import NETWORKS


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
