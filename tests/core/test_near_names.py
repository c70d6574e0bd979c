import pytest

from cnnviz_desktop.core.near_names import did_you_mean, nearest


@pytest.mark.parametrize(
    ("name", "names", "meant"),
    [
        ("layr3.2", ("layer3.1", "layer3.2", "layer32"), "layer3.2"),
        ("SMOOTHGRD", ("gradcam", "SmoothGrad"), "SmoothGrad"),
        ("--metod", ("--method", "--minus-class"), "--method"),
        ("gpu", ("auto", "cpu", "cuda"), ""),
        ("layer3", (), ""),
    ],
)
def test_that_the_name_that_was_meant_is_found_and_none_that_was_not(
    name: str, names: tuple[str, ...], meant: str
) -> None:
    assert nearest(name, names) == meant
    assert did_you_mean(name, names) == (f" Did you mean {meant}?" if meant else "")
