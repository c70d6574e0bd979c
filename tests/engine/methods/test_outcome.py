"""What is said beside a map."""

from cnnviz_desktop.core.requests import ClassTarget, Target, UnitTarget
from cnnviz_desktop.core.results import HeatMap
from tests.engine.asking import ask
from tests.engine.networks_for_tests import InPlace, seeded, session_with


def notes(image: str, layer: str, target: Target, method: str = "gradcam") -> str:
    request = ask(method, image, layers=(layer,), targets=(target,))
    (heat,) = (each for each in session_with(seeded(InPlace)).run(request) if isinstance(each, HeatMap))
    return " ".join(heat.notes)


def test_that_a_map_says_how_its_layer_lies_to_the_unit_that_it_explains(image: str) -> None:
    assert "explained in the maps of first, before it" in notes(image, "first", UnitTarget("last", channel=2))
    assert "last is the layer that is explained itself" in notes(image, "last", UnitTarget("last", channel=2))
    assert "explained" not in notes(image, "last", ClassTarget(2))
    assert "explained" not in notes(image, "last", UnitTarget("last", channel=2), "eigencam")
