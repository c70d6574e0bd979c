"""Classes are found by number and by what people remember of their names."""

from functools import cache

import pytest

from cnnviz_desktop.core.class_search import Closeness, find_classes, matches

NAMES = (
    "tench, Tinca tinca",
    "tiger cat",
    "tabby, tabby cat",
    "great grey owl, great gray owl, Strix nebulosa",
    "Egyptian cat",
    "catamaran",
    "Appenzeller",
    "jack-o'-lantern",
    "crème_brûlée",
    "cat",
)


def test_that_a_number_finds_its_class_first() -> None:
    assert find_classes("3", NAMES) == (3,)
    assert find_classes(" 0 ", NAMES) == (0,)


def test_that_a_number_beyond_the_last_class_finds_nothing() -> None:
    assert find_classes("10", NAMES) == ()
    assert find_classes("99999999999", NAMES) == ()


def test_that_the_exact_name_comes_before_names_that_begin_with_it_or_hold_it() -> None:
    found = find_classes("CAT", NAMES)
    assert found[:2] == (9, 5)
    assert set(found) == {9, 5, 1, 2, 4}


def test_that_words_are_found_in_any_order_and_spelling_of_signs() -> None:
    assert find_classes("owl great", NAMES) == (3,)
    assert find_classes("jack o lantern", NAMES) == (7,)
    assert find_classes("creme brulee", NAMES) == (8,)
    assert find_classes("tinca_tin", NAMES) == (0,)


def test_that_a_slip_of_the_finger_still_finds_the_class() -> None:
    assert find_classes("appenzeler", NAMES) == (6,)
    assert find_classes("egiptian cat", NAMES)[0] == 4


def test_that_what_no_class_is_like_finds_nothing() -> None:
    assert find_classes("submarine", NAMES) == ()
    assert find_classes("   ", NAMES) == ()
    assert find_classes("?!", NAMES) == ()


def test_that_no_more_are_given_than_wanted() -> None:
    assert find_classes("item", [f"item {number}" for number in range(1000)], limit=7) == tuple(range(7))


def test_that_one_of_several_names_is_exact() -> None:
    assert matches("great gray owl", NAMES)[0] == (Closeness.EXACT, 3)
    assert matches("tabby", NAMES)[0] == (Closeness.EXACT, 2)


def test_that_each_kind_of_nearness_comes_before_the_next() -> None:
    names = ["wildcat", "tom cat", "catfish", "cat", "cot"]
    assert matches("cat", names) == [
        (Closeness.EXACT, 3),
        (Closeness.BEGINNING, 2),
        (Closeness.WORD, 1),
        (Closeness.PART, 0),
    ]
    assert matches("cat tom", names) == [(Closeness.WORDS, 1)]
    assert matches("wildkat", names) == [(Closeness.ALIKE, 0)]


@pytest.mark.parametrize("typed", ["golden retreiver", "goldn retriever", "retreiver golden", "golden retreiv"])
def test_that_imagenets_classes_are_found_however_they_are_spelt(typed: str) -> None:
    assert find_classes(typed, imagenet())[0] == 207


def test_that_a_slip_is_forgiven_as_soon_as_it_is_typed() -> None:
    for length in range(8, len("golden retreiver") + 1):
        assert 207 in find_classes("golden retreiver"[:length], imagenet()), length


def test_that_a_number_finds_imagenets_class_of_that_number() -> None:
    assert find_classes("207", imagenet())[0] == 207


@cache
def imagenet() -> tuple[str, ...]:
    from torchvision.models._meta import _IMAGENET_CATEGORIES

    return tuple(_IMAGENET_CATEGORIES)
