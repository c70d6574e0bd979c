"""What was opened lately."""

from pathlib import Path

from msgspec.structs import replace

from cnnviz_desktop.core.description import Preprocessing
from cnnviz_desktop.core.recents import RECENTS_KEPT, Recents, is_missing
from cnnviz_desktop.core.references import described


def test_that_the_newest_come_first_each_once() -> None:
    assert Recents(("a", "b", "c")).with_newest("c", "d").references == ("c", "d", "a", "b")
    assert len(Recents(tuple(map(str, range(9)))).with_newest("x", "y", "z").references) == RECENTS_KEPT


def test_that_a_network_that_is_only_fed_in_another_way_has_one_entry() -> None:
    first = described("torchvision:resnet18@random")
    second = replace(first, preprocessing=Preprocessing(size=(9, 9)))
    third = replace(second, class_names=("a", "b"))
    other = replace(first, pretrained="DEFAULT")
    recents = Recents().with_newest(first).with_newest(other).with_newest(second).with_newest(third)
    assert recents.references == (third, other)


def test_that_a_reference_is_missing_where_its_file_is_gone(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    reference = f"{file}:build"
    assert is_missing(reference)
    file.write_text("")
    assert not is_missing(reference)
    assert is_missing(str(tmp_path / "gone.png"))
    assert not any(map(is_missing, ("sample", "sample:scene_01", "timm:resnet10t", "torchvision:resnet18@random")))
