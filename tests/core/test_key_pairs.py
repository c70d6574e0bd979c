import time

from cnnviz_desktop.core.key_pairs import commonest_renaming, near_pairs


def _missing(key: str, shape: str = "4×4") -> tuple[str, str, str, str]:
    return key, "missing", "", shape


def _unexpected(key: str, shape: str = "4×4") -> tuple[str, str, str, str]:
    return key, "unexpected", shape, ""


def test_that_keys_of_one_shape_whose_names_end_alike_are_paired() -> None:
    table = [
        _missing("fc.weight", "10×512"),
        _missing("fc.bias", "10"),
        _unexpected("head.bias", "10"),
        _unexpected("head.weight", "10×512"),
        _unexpected("neck.weight", "10×256"),
        ("conv.weight", "shape", "3", "4"),
    ]
    pairs = near_pairs(table)
    assert pairs == {"fc.weight": "head.weight", "fc.bias": "head.bias"}
    assert commonest_renaming(pairs) == ("fc", "head", 2)


def test_that_longer_common_endings_go_before_the_order() -> None:
    table = [
        _missing("a.0.conv.weight"),
        _missing("a.1.conv.weight"),
        _unexpected("b.1.conv.weight"),
        _unexpected("b.0.conv.weight"),
    ]
    assert near_pairs(table) == {"a.0.conv.weight": "b.0.conv.weight", "a.1.conv.weight": "b.1.conv.weight"}


def test_that_each_key_is_paired_once_and_in_order_where_nothing_else_tells() -> None:
    table = [_missing("x.weight"), _missing("y.weight"), _unexpected("p.weight"), _unexpected("q.weight")]
    assert near_pairs(table) == {"x.weight": "p.weight", "y.weight": "q.weight"}
    assert near_pairs(table[:3]) == {"x.weight": "p.weight"}


def test_that_a_beginning_on_one_side_alone_is_told() -> None:
    pairs = near_pairs([_missing("conv.weight"), _unexpected("encoder.conv.weight")])
    assert commonest_renaming(pairs) == ("", "encoder", 1)
    assert commonest_renaming({}) == ("", "", 0)


def test_that_ten_thousand_keys_are_paired_while_nobody_waits() -> None:
    table = [_missing(f"layer{i // 100}.{i % 100}.weight") for i in range(5000)]
    table += [_unexpected(f"stage{i // 100}.{i % 100}.weight") for i in range(5000)]
    start = time.process_time()
    assert len(near_pairs(table)) == 5000
    assert time.process_time() - start < 0.5
