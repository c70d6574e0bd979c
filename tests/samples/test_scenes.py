"""The renderer: reproducible, well-formed scenes of recognisable and distinct things."""

import numpy as np
import pytest

from cnnviz_desktop.samples.scenes import CLASS_NAMES, MIN_VISIBLE, SIDE, Scene, SceneError, render

ALL_CLASSES = range(len(CLASS_NAMES))


def masks_of(scene: Scene) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    return np.stack([item.mask for item in scene.objects])


@pytest.mark.parametrize("objects", [1, 2, 3, (4, 0)])
def test_that_the_same_seed_gives_the_same_bytes(objects: int | tuple[int, ...]) -> None:
    first, second = render(17, objects), render(17, objects)
    assert first.image.tobytes() == second.image.tobytes()
    assert masks_of(first).tobytes() == masks_of(second).tobytes()
    assert [item.class_name for item in first.objects] == [item.class_name for item in second.objects]


def test_that_other_seeds_give_other_pictures() -> None:
    pictures = {render(seed, 1).image.tobytes() for seed in range(20)}
    assert len(pictures) == 20


def test_that_rendering_leaves_the_global_random_state_alone() -> None:
    before = np.random.get_state()[1].tobytes()  # type: ignore[index]
    render(3, 2)
    assert np.random.get_state()[1].tobytes() == before  # type: ignore[index]


@pytest.mark.parametrize("index", ALL_CLASSES)
def test_that_every_class_can_be_drawn_and_is_seen(index: int) -> None:
    for seed in range(4):
        scene = render(seed, (index,))
        (item,) = scene.objects
        assert (item.class_index, item.class_name) == (index, CLASS_NAMES[index])
        inside, outside = scene.image[item.mask], scene.image[~item.mask]
        assert inside.size
        assert np.ptp(outside.astype(int)) > 20


@pytest.mark.parametrize("objects", [1, 2, 3])
def test_that_masks_are_disjoint_and_large_enough_and_classes_distinct(objects: int) -> None:
    for seed in range(25):
        scene = render(seed, objects)
        assert scene.image.shape == (SIDE, SIDE, 3)
        assert scene.image.dtype == np.uint8
        masks = masks_of(scene)
        assert masks.shape == (objects, SIDE, SIDE)
        assert masks.dtype == np.bool_
        assert masks.sum(0).max() == 1
        # The thinnest thing, a key, fills about a tenth of its circle; the smallest radius is 15.
        assert masks.sum((1, 2)).min() >= MIN_VISIBLE * 80
        assert len({item.class_index for item in scene.objects}) == objects


def test_that_the_mask_of_a_ball_is_a_disc() -> None:
    for seed in range(30):
        mask = render(seed, (CLASS_NAMES.index("ball"),)).objects[0].mask
        rows, columns = np.nonzero(mask)
        if min(rows.min(), columns.min()) == 0 or max(rows.max(), columns.max()) == SIDE - 1:
            continue
        height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
        assert abs(height - width) <= 1
        assert mask.sum() == pytest.approx(np.pi / 4 * height * width, rel=0.05)


def test_that_masks_end_where_the_picture_changes() -> None:
    """Neighbouring pixels differ far more across a mask's edge than elsewhere."""
    across, elsewhere = [], []
    for seed in range(30):
        scene = render(seed, 2)
        step = np.abs(np.diff(scene.image.astype(float), axis=1)).sum(2)
        edge = np.logical_or.reduce([item.mask[:, 1:] != item.mask[:, :-1] for item in scene.objects])
        across.append(step[edge].mean())
        elsewhere.append(step[~edge].mean())
    assert np.mean(across) > 3 * np.mean(elsewhere)


def test_that_colour_alone_does_not_give_the_class_away() -> None:
    """The nearest class mean of object colours finds the class hardly more often than chance."""
    colours: list[list[float]] = []
    labels: list[int] = []
    for seed in range(30):
        for index in ALL_CLASSES:
            scene = render(1000 * index + seed, (index,))
            colours.append([float(value) for value in scene.image[scene.objects[0].mask].mean(0)])
            labels.append(index)
    points, truth = np.array(colours), np.array(labels)
    even = np.arange(len(points)) // len(CLASS_NAMES) % 2 == 0
    means = np.stack([points[even & (truth == index)].mean(0) for index in ALL_CLASSES])
    nearest = ((points[~even, None] - means) ** 2).sum(2).argmin(1)
    assert (nearest == truth[~even]).mean() < 0.25


@pytest.mark.parametrize("objects", [0, 4, (), (0, 0), (0, 99), (0, 1, 2, 3)])
def test_that_a_scene_that_cannot_be_drawn_is_refused(objects: int | tuple[int, ...]) -> None:
    with pytest.raises(SceneError):
        render(0, objects)
