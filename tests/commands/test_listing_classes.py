"""``cnnviz list classes --find``: the class that is meant, by number or name."""

import json

import pytest

from cnnviz_desktop import cli


@pytest.mark.parametrize("word", ["sttar", "STAR"])
def test_that_a_class_is_found_by_its_name(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "classes", "--json"]) == 0
    everything = json.loads(capsys.readouterr().out)
    assert cli.main(["list", "classes", "--find", word, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == [each for each in everything if each["name"] == "star"]
    assert cli.main(["list", "classes", "--find", str(found[0]["index"])]) == 0
    assert capsys.readouterr().out.split() == [str(found[0]["index"]), "star"]


def test_that_what_is_not_found_and_what_cannot_be_searched_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "classes", "--find", "submarine"]) == 0
    assert "has no class “submarine”" in capsys.readouterr().out
    assert cli.main(["list", "layers", "--find", "conv"]) == 2
    assert "--find: layers cannot be searched" in capsys.readouterr().err
