import re

from cnnviz_desktop.core.trusted import Trusted, trusted_now, with_trusted, without_trusted

ONE, OTHER = Trusted("ab" * 32, "/mine.py"), Trusted("cd" * 32, "/other.py")


def test_that_consent_says_which_program_and_when() -> None:
    given = trusted_now("ab" * 32, "/mine.py")
    assert (given.sha256, given.file) == ("ab" * 32, "/mine.py")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d", given.when)


def test_that_a_program_is_trusted_once_with_where_it_lay_last() -> None:
    moved = Trusted(ONE.sha256, "/elsewhere/mine.py")
    assert with_trusted((ONE, OTHER), moved) == (OTHER, moved)


def test_that_revoking_takes_out_what_is_named_and_nothing_else() -> None:
    assert without_trusted((ONE, OTHER), [ONE.sha256, "ef" * 32]) == (OTHER,)
