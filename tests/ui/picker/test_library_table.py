"""The libraries' networks are searched, filtered and sorted at once, however many there are."""

import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from cnnviz_desktop.core.network_catalogue import LibraryNetwork
from cnnviz_desktop.ui.opening.picker.library_model import (
    FAMILY,
    NETWORK,
    PARAMETERS,
    WEIGHTS,
    LibraryModel,
    Search,
)
from cnnviz_desktop.ui.opening.picker.library_table import LibraryTable
from tests.ui.picker.some_networks import NETWORKS, many_networks

pytestmark = pytest.mark.usefixtures("qapp")


def chosen(table: LibraryTable) -> str:
    network = table.network
    return network.name if network is not None else ""


def names(model: LibraryModel) -> list[str]:
    return [model.network(row).name for row in range(model.rowCount())]


@pytest.fixture
def table(qtbot: QtBot) -> LibraryTable:
    made = LibraryTable()
    qtbot.addWidget(made)
    made.show_networks(NETWORKS)
    made.show()
    return made


@pytest.mark.parametrize(
    ("search", "found"),
    [
        (Search(), ["deeplabv3_resnet50", "resnet18", "resnet50", "vgg16", "vit_tiny"]),
        (Search(text="RESNET"), ["deeplabv3_resnet50", "resnet18", "resnet50"]),
        (Search(text="resnet class"), ["resnet18", "resnet50"]),
        (Search(group=("torchvision", "segmentation")), ["deeplabv3_resnet50"]),
        (Search(text="net", family="ResNet"), ["resnet18", "resnet50"]),
        (Search(text="net", family="VGG"), []),
        (Search(only_here=True), ["resnet50"]),
        (Search(text="nothing of that name"), []),
    ],
)
def test_that_a_search_finds_what_has_all_of_its_words_and_passes_the_filters(search: Search, found: list[str]) -> None:
    model = LibraryModel()
    model.set_networks(NETWORKS)
    model.find(search)
    assert names(model) == found


def test_that_columns_sort_both_ways_with_what_is_unknown_last() -> None:
    model = LibraryModel()
    model.set_networks(NETWORKS)
    model.sort(PARAMETERS)
    assert names(model) == ["resnet18", "resnet50", "deeplabv3_resnet50", "vgg16", "vit_tiny"]
    model.sort(PARAMETERS, Qt.SortOrder.DescendingOrder)
    assert names(model) == ["vgg16", "deeplabv3_resnet50", "resnet50", "resnet18", "vit_tiny"]
    model.sort(WEIGHTS, Qt.SortOrder.DescendingOrder)
    assert names(model)[0] == "resnet50"
    model.sort(FAMILY)
    assert [model.index(row, FAMILY).data() for row in range(model.rowCount())] == sorted(
        (network.family for network in NETWORKS), key=str.casefold
    )
    model.sort(NETWORK)
    model.find(Search(text="resnet18"))
    assert [model.index(0, column).data() for column in range(model.columnCount())] == [
        "resnet18",
        "torchvision",
        "ResNet",
        "11.7 M",
        "1.81",
        "1",
    ]


def test_that_a_name_that_is_typed_whole_is_chosen_before_longer_ones(table: LibraryTable) -> None:
    table.search.setText("resnet50")
    assert chosen(table) == "resnet50"
    table.search.setText("")
    assert chosen(table) == "resnet50", "the choice stays when the search is over"


def test_that_choosing_a_network_looks_behind_the_filters(table: LibraryTable) -> None:
    table.search.setText("vgg")
    table.only_here.setChecked(True)
    assert chosen(table) == ""
    assert "No network" in table.state.text()
    assert table.choose("torchvision", "resnet18")
    assert chosen(table) == "resnet18"
    assert (table.search.text(), table.only_here.isChecked()) == ("", False)
    assert not table.choose("torchvision", "alexnet")


def test_that_sorting_keeps_the_choice(table: LibraryTable) -> None:
    table.choose("torchvision", "resnet50")
    for order in (Qt.SortOrder.DescendingOrder, Qt.SortOrder.AscendingOrder):
        table.view.sortByColumn(PARAMETERS, order)
        assert chosen(table) == "resnet50"
    assert names(table.model)[0] == "resnet18"


def test_that_families_follow_the_library(table: LibraryTable) -> None:
    def families() -> list[str]:
        return [table.families.itemText(place) for place in range(table.families.count())]

    assert families() == ["All families", "DeepLab (1)", "ResNet (2)", "VGG (1)", "ViT (1)"]
    table.groups.setCurrentIndex(table.groups.findText("torchvision: classification (3)"))
    assert families() == ["All families", "ResNet (2)", "VGG (1)"]
    table.families.setCurrentIndex(2)
    assert names(table.model) == ["vgg16"]


def test_that_the_keyboard_goes_from_the_search_to_the_list(table: LibraryTable) -> None:
    table.search.setFocus()
    QTest.keyClicks(table.search, "res")
    QTest.keyClick(table.search, Qt.Key.Key_Down)
    assert table.view.hasFocus()
    first = chosen(table)
    QTest.keyClick(table.view, Qt.Key.Key_Down)
    assert chosen(table) not in ("", first)


def test_that_a_key_is_answered_at_once_among_thousands(qtbot: QtBot) -> None:
    table = LibraryTable()
    qtbot.addWidget(table)
    table.resize(500, 600)
    table.show()
    table.show_networks(many_networks(3000))
    begun = time.perf_counter()
    for text in ("v", "vi", "vit", "vit 12", ""):
        table.search.setText(text)
        table.repaint()
    assert (time.perf_counter() - begun) / 5 < 0.25, "a few milliseconds where nothing else runs"
    assert all(isinstance(network, LibraryNetwork) for network in table.model.networks)
