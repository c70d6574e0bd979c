"""What is said beside a map."""

import numpy as np
import pytest

from cnnviz_desktop.core.requests import ClassTarget, Target, UnitTarget
from cnnviz_desktop.core.results import FeatureMaps, GradientPicture, HeatMap
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


@pytest.mark.parametrize("method", ["gradcam", "saliency"])
def test_that_a_unit_that_is_off_is_said_to_be_so(image: str, method: str) -> None:
    session = session_with(seeded(InPlace))
    maps = np.concatenate(
        [
            each.maps
            for each in session.run(ask("feature_maps", image, layers=("relu",)))
            if isinstance(each, FeatureMaps)
        ]
    )
    for off, cells in ((True, np.argwhere(maps == 0)), (False, np.argwhere(maps > 0.01))):
        channel, row, column = map(int, cells[len(cells) // 2])
        target = UnitTarget("relu", channel=channel, cell=(row, column))
        answers = session.run(ask(method, image, layers=("first",) * (method == "gradcam"), targets=(target,)))
        (found,) = (each for each in answers if isinstance(each, HeatMap | GradientPicture))
        said = f"relu, channel {channel}, unit {row}, {column} is off: it is 0 for this image"
        assert bool(found.raw.any()) != off
        assert any(note.startswith(said) for note in found.notes) == off
