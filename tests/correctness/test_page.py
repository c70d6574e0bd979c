"""What the page says of the rows."""

from tests.correctness.comparing import Control, Row
from tests.correctness.ground_truth import Tally
from tests.correctness.page import differences, page

PLAIN = Row(method="gradcam", network="one", reference="captum", difference=3e-7, holds=True)
ROUNDED = Row(
    method="saliency",
    network="one",
    reference="captum",
    difference=2e-3,
    control=Control(difference=4e-8, engine=3e-3, reference=2e-3),
    holds=True,
)
WRONG = Row(method="saliency", network="two", reference="captum", difference=2e-3)
REFUSED = Row(method="cam", network="one", reference="by hand", remark="refused: no average", holds=True)
FAILED = Row(method="cam", network="two", reference="by hand", remark="failed: ValueError: too few")
TALLIES = {"area": Tally(energy=[0.05]), "gradcam": Tally(hits=3, energy=[0.5, 0.3], asked=4)}


def test_that_a_line_shows_every_network_and_what_is_wrong_stands_out() -> None:
    lines = differences([PLAIN, ROUNDED, WRONG, REFUSED, FAILED]).splitlines()
    assert lines[0] == "| method | reference | one | two |"
    assert lines[2] == "| gradcam | captum | 3e-07 | – |"
    assert lines[3] == "| saliency | captum | 2e-03, 4e-08 | **2e-03: wrong** |"
    assert lines[4] == "| cam | by hand | refused | **failed: wrong** |"


def test_that_the_page_sums_up_the_controls_and_the_scenes() -> None:
    text = " ".join(page([PLAIN, ROUNDED], TALLIES, 2).split())
    assert "1 of the 2 comparisons" in text
    assert "up to 2e-03 in float32 and by at most 4e-08 in float64" in text
    assert "the engine in float32 is up to 3e-03 away, and the reference in float32 up to 2e-03" in text
    assert "| gradcam | 75.0% | 40.0% |" in text


def test_that_a_page_without_controls_says_so() -> None:
    assert "No figure here needed it." in page([PLAIN], TALLIES, 2)
