"""Layers to look at in place of another."""

from dataclasses import replace

import pytest

from cnnviz_desktop.core.outline import LayerNode
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.ui.nearby_layers import maps_before
from tests.ui.toy import outline_of

NAMES = ("stem", "one", "one.0", "one.0.conv", "one.1", "one.1.conv", "two", "two.0", "two.0.conv", "two.0.norm")


BEFORE = {"two": "one", "two.0.conv": "one", "two.0.norm": "two.0.conv", "one.1": "one.0", "one": "stem", "stem": ""}


@pytest.mark.parametrize(("layer", "before"), BEFORE.items())
def test_that_the_maps_before_a_layer_are_those_of_the_whole_block_that_ends_there(layer: str, before: str) -> None:
    layers = tuple(LayerNode(name=name, type="Conv2d", parameters=1, outputs=((4, 8, 8),)) for name in NAMES)
    outline = replace(outline_of(Request(method="outline", network="toy")), layers=layers)
    assert maps_before(outline, outline.layer(layer)) == before
