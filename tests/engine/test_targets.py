"""Classes as people name them on the command line and in requests."""

from dataclasses import replace

import pytest
import torch

from cnnviz_desktop.core.errors import TargetError
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.engine.targets import class_index
from tests.engine.networks_for_tests import InPlace, outlined, seeded

NAMES = ("tench", "golden retriever", "tiger cat", "cat", "crane", "crane", "flat-coated retriever, curly", "2")
LOGITS = torch.zeros(len(NAMES))


@pytest.fixture(scope="module")
def outline() -> Outline:
    return replace(outlined(seeded(InPlace)), class_names=NAMES, classes=len(NAMES))


@pytest.mark.parametrize(
    ("label", "index"),
    [
        (3, 3),
        ("3", 3),
        ("2", 7),
        ("TENCH", 0),
        ("cat", 3),
        ("tiger", 2),
        ("golden retreiver", 1),
        ("flat coated retriever", 6),
        ("Curly", 6),
        ("retriever golden", 1),
    ],
)
def test_that_a_class_is_found_by_number_and_by_what_is_remembered_of_its_name(
    outline: Outline, label: int | str, index: int
) -> None:
    assert class_index(label, outline, LOGITS) == index


def test_that_the_likeliest_is_meant_where_nothing_is_said(outline: Outline) -> None:
    logits = torch.tensor([float("nan"), 1.0, 3.0, 2.0])
    assert class_index(None, outline, logits) == 2


@pytest.mark.parametrize(
    ("label", "sentence"),
    [
        (8, "Class 8 is out of range: Test network has the classes 0 to 7"),
        ("-1", "Class -1 is out of range"),
        ("retriever", r"“retriever” names several classes: golden retriever \(1\), flat-coated retriever, curly \(6\)"),
        ("crane", r"names several classes: crane \(4\), crane \(5\)"),
        ("retreiver", r"has no class “retreiver”. Did you mean golden retriever \(1\), flat-coated"),
        ("submarine", "has no class “submarine”. “cnnviz list classes”"),
    ],
)
def test_that_what_means_none_or_several_is_told(outline: Outline, label: int | str, sentence: str) -> None:
    with pytest.raises(TargetError, match=sentence):
        class_index(label, outline, LOGITS)


def test_that_a_network_without_names_wants_a_number(outline: Outline) -> None:
    with pytest.raises(TargetError, match="has no class names, so “cat” cannot be looked up: give a number"):
        class_index("cat", replace(outline, class_names=()), LOGITS)
