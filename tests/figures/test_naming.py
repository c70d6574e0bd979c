from cnnviz_desktop.figures.naming import Names, distinct_stems, name_part


def test_that_stems_of_different_folders_stay_apart() -> None:
    references = ["a/dog.png", "b/dog.png", "b/DOG.jpg", "dog_2.png", "cat.jpeg", "sample:scene_01"]
    stems = distinct_stems(references)
    assert stems["a/dog.png"] == "dog"
    assert stems["dog_2.png"] == "dog_2"
    assert stems["sample:scene_01"] == "scene_01"
    assert len({stem.casefold() for stem in stems.values()}) == len(references)
    assert stems == distinct_stems(references)


def test_that_a_name_is_given_once() -> None:
    names = Names()
    assert [names.take(name) for name in ("a", "A", "a", "b")] == ["a", "A_2", "a_3", "b"]


def test_that_no_name_with_an_ending_is_given_twice() -> None:
    names = Names()
    endings = ("_cam.png", "_cam_gb.png", ".npz")
    assert names.take("a", endings) == "a"
    assert names.take("a_cam", ("_gb.png", ".npz")) == "a_cam_2"  # a_cam_gb.png is the first one's
    assert names.take("a_Cam", (".npz",)) == "a_Cam"


def test_that_classes_and_layers_become_parts_of_file_names() -> None:
    assert name_part("layer3.2:input") == "layer3.2-input"
    assert name_part("great white shark, man-eater / Carcharodon") == "great-white-shark-man-eater-Carcharodon"
    assert name_part("狗") == "狗"
    assert name_part("../..") == "unnamed"
