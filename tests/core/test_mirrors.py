import pytest

from cnnviz_desktop.core.errors import NetworkError
from cnnviz_desktop.core.mirrors import MIRRORS_VARIABLE, addresses_of, mirrors_of_environment, split_mirrors


def test_that_a_mirror_stands_in_for_scheme_and_host_and_keeps_path_and_query() -> None:
    assert addresses_of("https://a.org/x/y.pth?v=1", ("http://m.org/z/", "https://n.org:8080")) == (
        "http://m.org/z/x/y.pth?v=1",
        "https://n.org:8080/x/y.pth?v=1",
        "https://a.org/x/y.pth?v=1",
    )


def test_that_no_address_is_tried_twice() -> None:
    assert addresses_of("https://a.org/y.pth", ("https://a.org", "https://a.org/")) == ("https://a.org/y.pth",)


@pytest.mark.parametrize("mirror", ["ftp://m.org", "m.org/z", "file:///etc", "https://", "http://m:port", "http://[m"])
def test_that_what_is_no_address_is_refused(mirror: str) -> None:
    with pytest.raises(NetworkError, match="is not the address of a mirror: write it as https://"):
        addresses_of("https://a.org/y.pth", (mirror,))


def test_that_the_environment_names_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MIRRORS_VARIABLE, " http://a, http://b\nhttp://a ")
    assert mirrors_of_environment() == ("http://a", "http://b")
    monkeypatch.delenv(MIRRORS_VARIABLE)
    assert mirrors_of_environment() == ()
    assert split_mirrors(" \n") == ()
