"""The layers that a table begins with, and those that a network still has."""

import pytest

from cnnviz_desktop.core.outline import LayerNode, Outline
from cnnviz_desktop.core.requests import ClassTarget, Request, Target, UnitTarget
from cnnviz_desktop.core.token_grids import TokenGrid
from cnnviz_desktop.ui.comparison.axis_offers import first_layer, is_there, layer_offers, suggested_layers
from cnnviz_desktop.ui.comparison.target_offers import can_be_explained
from tests.ui.toy import outline_of

TOY = outline_of(Request(method="outline", network="parts"))


def channels_last(name: str, cells: int, channels: int) -> LayerNode:
    """A layer that gives (cells, cells, channels)."""
    grid = TokenGrid(form="channels_last", channels=channels, rows=cells, columns=cells)
    return LayerNode(name=name, type="Block", parameters=0, outputs=((cells, cells, channels),), output_grids=(grid,))


def windows() -> Outline:
    """As a Swin transformer is: blocks with wider insides, channels last, and the suggested maps at the end."""
    layers = []
    for stage, (cells, channels) in enumerate(((56, 96), (28, 192), (14, 384), (7, 768))):
        block = f"features.{2 * stage + 1}"
        layers += [channels_last(block, cells, channels), channels_last(f"{block}.0", cells, channels)]
        layers += [channels_last(f"{block}.0.mlp.0", cells, 4 * channels)]
        layers += [channels_last(f"{block}.0.mlp.3", cells, channels)]
    last = LayerNode(name="permute", type="Permute", parameters=0, outputs=((768, 7, 7),))
    made = outline_of(Request(method="outline"))
    return Outline(
        network="swin",
        description=made.description,
        name="Swin",
        layers=(*layers, last),
        suggested="permute",
        preprocessing=made.preprocessing,
        class_names=(),
        classes=0,
        parameters=0,
        weights_sha256="",
        device="cpu",
        device_reason="",
    )


def test_that_where_channels_come_last_a_block_of_each_resolution_is_suggested() -> None:
    assert suggested_layers(windows()) == ("features.1", "features.3", "features.5", "permute")


def test_that_of_several_outputs_the_first_stack_of_maps_is_offered() -> None:
    assert "pair[1]" in [offer.key for offer in layer_offers(TOY)]
    assert suggested_layers(TOY) == ("stem", "stage")
    assert first_layer(TOY) == ("stage",)


@pytest.mark.parametrize(
    ("reference", "there"),
    [
        ("stem", True),
        ("stem[1]", False),
        ("gone", False),
        ("fc", False),
        ("pair[2]", True),
        ("fc:input", False),
    ],
)
def test_that_a_layer_is_there_where_it_gives_such_a_stack_of_maps(reference: str, there: bool) -> None:
    assert is_there(TOY, reference) == there


@pytest.mark.parametrize(
    ("target", "can"),
    [
        (ClassTarget(), True),
        (ClassTarget(2, minus=0), True),
        (ClassTarget(3), False),
        (ClassTarget(0, minus=7), False),
        (UnitTarget("stage", 7), True),
        (UnitTarget("stage", 8), False),
        (UnitTarget("gone", 0), False),
        (UnitTarget("stage", box=(1, 2, 3, 4)), True),
    ],
)
def test_that_what_a_network_has_can_be_explained_and_nothing_else(target: Target, can: bool) -> None:
    assert can_be_explained(TOY, target) == can
