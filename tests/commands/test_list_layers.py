"""The table of a network's layers, and the same as JSON."""

import json

import pytest

from cnnviz_desktop import cli
from cnnviz_desktop.commands.list_layers import layer_table
from tests.engine.networks_for_tests import Functional, outlined, seeded
from tests.engine.test_registering import Entangled


def cells_of(text: str) -> dict[str, str]:
    """Lines of a table by the layer they are about, without the star; in order, the first of each."""
    lines: dict[str, str] = {}
    for line in text.splitlines()[3:]:
        lines.setdefault(line[1:].split()[0], line)
    return lines


def test_that_work_and_what_is_unusual_stand_beside_a_layer() -> None:
    rows = cells_of(layer_table(outlined(seeded(Entangled))))
    assert f"{32 * 24 * 81:,}" in rows["first.0"]
    assert rows["first.0"].endswith("shares second.0.weight")
    assert rows["relu"].endswith("runs 2 times; also first.1, second.1")
    assert rows["unused.0"].endswith("unused")


def test_that_operations_stand_where_they_are_called_and_only_where_they_are_asked_for() -> None:
    outline = outlined(seeded(Functional))
    plain, full = cells_of(layer_table(outline)), cells_of(layer_table(outline, operations=True))
    assert "cat()" not in plain
    lines = [line[1:].split()[0] for line in layer_table(outline, operations=True).splitlines()[3:]]
    assert lines[:4] == ["stem", "relu()", "wide", "pad()"]
    assert lines[lines.index("join") + 1 :][:2] == ["index()", "avg_pool2d()"]
    assert full["cat()"].rstrip().endswith("as join:input")


def test_that_operations_of_a_block_follow_all_that_the_layer_before_holds() -> None:
    outline = outlined(seeded(Entangled))
    lines = list(cells_of(layer_table(outline, operations=True)))
    assert lines[lines.index("second") :] == ["second", "second.0", "mean()", "linear()", "unused", "unused.0",
                                              "unused.1", "read"]  # fmt: skip


def test_that_json_tells_all_of_every_layer(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "layers", "--json"]) == 0
    outline = json.loads(capsys.readouterr().out)
    told = {"name", "type", "parameters", "macs", "own_macs", "runs", "unused", "also_named", "shares", "inputs",
            "outputs", "field", "kernel_shape", "output_grids", "size"}  # fmt: skip
    assert all(told <= set(layer) for layer in outline["layers"])
    assert outline["macs"] == sum(layer["own_macs"] for layer in outline["layers"]) > 0
    assert {"name", "owner", "after", "outputs", "same_as"} == set(outline["operations"][0])


def test_that_operations_are_refused_of_anything_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list", "methods", "--functional"]) == 2
    assert "--functional" in capsys.readouterr().err
