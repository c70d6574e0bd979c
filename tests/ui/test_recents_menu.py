"""The menu of recents names what was opened, also where a whole description stands for it."""

from pathlib import Path

import pytest

from cnnviz_desktop.core.description import Architecture, NetworkDescription, NetworkRef
from cnnviz_desktop.core.recents import Recents
from cnnviz_desktop.ui.opening.recents_menu import RecentsMenu
from cnnviz_desktop.ui.opening.reference_words import origin

pytestmark = pytest.mark.usefixtures("qapp")


def own(folder: Path, file: str, name: str = "Mine") -> NetworkDescription:
    (folder / file).write_bytes(b"x")
    return NetworkDescription(
        format=1, name=name, architecture=Architecture(torchvision="resnet18"), weights=str(folder / file)
    )


def test_that_networks_of_one_name_are_told_apart_and_each_opens_its_own(tmp_path: Path) -> None:
    references: tuple[NetworkRef, ...] = (
        own(tmp_path, "a.pth"),
        own(tmp_path, "b.pth"),
        own(tmp_path, "c.pth", "R&D"),
        "torchvision:resnet50@IMAGENET1K_V2",
    )
    (tmp_path / "b.pth").unlink()
    menu = RecentsMenu("Recent")
    chosen: list[NetworkRef] = []
    menu.chosen.connect(chosen.append)
    menu.show_recents(Recents(references))
    menu.aboutToShow.emit()
    texts = [action.text().partition(" ")[2] for action in menu.actions()]
    assert texts == [
        "Mine – resnet18 of torchvision with a.pth",
        "Mine – resnet18 of torchvision with b.pth (missing)",
        "R&&D",
        "resnet50@IMAGENET1K_V2",
    ]
    assert [action.isEnabled() for action in menu.actions()] == [True, False, True, True]
    assert menu.actions()[3].toolTip() == "resnet50 of torchvision with its weights IMAGENET1K_V2"
    menu.actions()[2].trigger()
    assert chosen == [references[2]]


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("sample", "ships with the program"),
        ("torchvision:resnet18@random", "resnet18 of torchvision with random weights"),
        ("timm:vit_tiny", "vit_tiny of timm with its recommended weights"),
        ("/networks/mine.cnnviz-network.json", "/networks/mine.cnnviz-network.json"),
        (
            NetworkDescription(
                format=1,
                name="Mine",
                architecture=Architecture(file="/x/net.py", factory="build", arguments={"classes": 2}),
                weights="/x/best.pth",
            ),
            "build() of net.py (classes=2) with best.pth",
        ),
        (NetworkDescription(format=1, name="Mine", architecture=Architecture(exported="/x/net.pt2")), "/x/net.pt2"),
    ],
)
def test_that_a_reference_is_told_in_words(reference: NetworkRef, words: str) -> None:
    assert origin(reference) == words
