"""Every kind of target survives JSON, and requests of earlier versions still read."""

import pytest

from cnnviz_desktop.core.requests import ClassTarget, DetectionTarget, Request, SimilarityTarget, Target, UnitTarget

BOX = (1.5, 2.0, 30.25, 40.0)


@pytest.mark.parametrize(
    "target",
    [
        ClassTarget(),
        ClassTarget("cat", minus=3, score="probability", box=BOX),
        UnitTarget("layer3", 5, cell=(1, 2)),
        DetectionTarget(2),
        DetectionTarget(box=BOX, label="cat"),
        SimilarityTarget("photos/a.png"),
    ],
)
def test_that_a_target_survives_json(target: Target) -> None:
    request = Request(method="gradcam", images=("a.png",), targets=(target,))

    assert Request.from_json(request.to_json()) == request


def test_that_a_class_is_written_as_it_always_was() -> None:
    request = Request(method="gradcam", targets=(ClassTarget("cat"),))

    assert '"box"' not in request.to_json()
    assert Request.from_json('{"method": "gradcam", "targets": [{"kind": "class", "label": "cat"}]}') == request
