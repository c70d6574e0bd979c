"""Colours of classes, and label maps laid over the picture."""

from itertools import pairwise

import numpy as np

from cnnviz_desktop.core.answers import NO_CLASS, Detections, Segmentation
from cnnviz_desktop.core.geometry import InputTransform, MapGeometry, Size
from cnnviz_desktop.core.label_colours import label_colour, label_table, labels_over


def test_that_neighbouring_classes_are_told_apart_and_every_class_keeps_its_colour() -> None:
    colours = np.array([label_colour(index) for index in range(200)])
    for one, other in pairwise(colours):
        assert np.abs(one - other).sum() > 120
    assert len({tuple(colour) for colour in colours.tolist()}) == 200


def test_that_the_background_and_no_class_are_clear() -> None:
    table = label_table(("__background__", "cat"))
    assert table[:, 3].tolist() == [0, 255, 0]
    assert tuple(table[1, :3]) == label_colour(1)


def test_that_labels_lie_where_the_network_saw_them() -> None:
    """A letterbox: 4 × 8 pixels in the middle of an input of 16 × 16, which has 8 × 8 cells."""
    transform = InputTransform.of("letterbox", Size(4, 8), Size(16, 16))
    labels = np.full((8, 8), 5, dtype=np.int16)
    labels[2:4], labels[4:6] = 1, 2
    found = Segmentation(
        image="a",
        labels=labels,
        shares=np.zeros(6, dtype=np.float32),
        class_names=tuple("abcdef"),
        geometry=MapGeometry(transform, Size(8, 8)),
    )
    over = labels_over(found, slice(0, 4))
    assert over.tolist() == [[1] * 8, [1] * 8, [2] * 8, [2] * 8]
    assert (labels_over(found, slice(1, 3)) == over[1:3]).all()


def test_that_what_was_cropped_away_has_no_class() -> None:
    transform = InputTransform.of("short_side_crop", Size(4, 8), Size(4, 4))
    found = Segmentation(
        image="a",
        labels=np.zeros((4, 4), dtype=np.int16),
        shares=np.ones(1, dtype=np.float32),
        class_names=("a",),
        geometry=MapGeometry(transform, Size(4, 4)),
    )
    assert labels_over(found, slice(0, 1)).tolist() == [[NO_CLASS] * 2 + [0] * 4 + [NO_CLASS] * 2]


def test_that_the_surest_objects_come_first_and_others_not_at_all() -> None:
    scores = np.array([0.2, 0.9, 0.5], dtype=np.float32)
    boxes = np.arange(12, dtype=np.float32).reshape(3, 4)
    found = Detections(image="a", boxes=boxes, labels=np.arange(3), scores=scores, class_names=("a", "b", "c"))
    assert found.surest() == (1, 2, 0)
    assert found.surest(0.5) == (1, 2)
    assert found.box(1) == (4, 5, 6, 7)
