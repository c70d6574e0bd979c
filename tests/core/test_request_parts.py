"""Requests in parts."""

from itertools import product
from typing import get_args

import pytest

from cnnviz_desktop.core.catalog import method as method_of
from cnnviz_desktop.core.catalog import parameter_values
from cnnviz_desktop.core.request_parts import Axis, along, maps_of, of_methods
from cnnviz_desktop.core.requests import ClassTarget, Request

WHOLE = Request(
    method="gradcam",
    also=("smoothgrad", "layercam"),
    images=("a", "b"),
    layers=("x", "y"),
    targets=(ClassTarget(1), ClassTarget(2)),
    parameters={"samples": 3, "eigen_smooth": True},
)


def test_that_the_parts_ask_together_for_all_that_the_whole_asks() -> None:
    parts = [WHOLE]
    for axis in get_args(Axis):
        parts = [part for each in parts for part in along(each, axis)]
    asked = [(part.methods, part.images, part.targets, part.layers) for part in parts]
    layers = {method: ((WHOLE.layers,) if method == "smoothgrad" else (("x",), ("y",))) for method in WHOLE.methods}
    assert sorted(map(repr, asked)) == sorted(
        repr(((method,), (image,), (target,), of_layers))
        for method, image, target in product(WHOLE.methods, WHOLE.images, WHOLE.targets)
        for of_layers in layers[method]
    )


def test_that_a_part_has_the_parameters_of_its_methods_alone() -> None:
    assert of_methods(WHOLE, ["layercam"]).parameters == {"eigen_smooth": True}
    for part in along(WHOLE, "methods"):
        parameter_values([method_of(part.method)], part.parameters)  # takes them all


@pytest.mark.parametrize(("method", "parameters"), [("gradcam", {"fuse": "max"}), ("refinecam", {})])
def test_that_layers_that_are_joined_stay_together(method: str, parameters: dict[str, str]) -> None:
    joining = Request(method=method, images=("a",), layers=("x", "y"), parameters={**parameters})
    assert along(joining, "layers") == (joining,)
    assert maps_of(joining, method) == 1


def test_that_maps_are_counted_by_layer() -> None:
    assert [maps_of(WHOLE, method) for method in WHOLE.methods] == [2, 1, 2]
    assert maps_of(Request(method="gradcam"), "gradcam") == 1
