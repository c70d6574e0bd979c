"""The page on correctness: both tables as Markdown."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from cnnviz_desktop.core.catalog import METHODS
from tests.correctness.comparing import Row
from tests.correctness.ground_truth import Tally

PAGE = Path(__file__).parents[2] / "resources" / "help" / "correctness.md"

_ABOUT = """# Correctness

Written by `python -m tests.correctness --write`, which computes every figure anew and fails beyond a tolerance.

## Equality with independent references

For each method the largest relative difference, max|a − b| / max|b|, over three images asked for together and one
alone, and over the chunk sizes 1 and 32 where a method works in chunks. Networks without trained weights have random
ones; their biases and the statistics of their normalisations are drawn too. Inputs are 224 × 160 pixels, 96 × 64 for
methods of many passes; the vision transformer's are 96 × 96 and 48 × 48. googlenet, mobilenet_v2 and densenet121
compute in float64, the first two with He-initialised kernels: torchvision's own random weights leave so little of the
signal there that equality in float32 was lost (up to 0.29 for occlusion on googlenet).

"""

_TRUTH = """## Ground truth

{scenes} fresh scenes of the sample network with two objects each, both explained. *Pointing* is the share of maps whose
strongest pixel lies on the object; *energy* the mean share of the positive values that lies on it. The objects cover
{area:.1%} of the area: what a method that knew nothing, not even where objects are, would get in both columns. Of
gradient pictures the greatest absolute value over the colours is taken, not smoothed. Eigen-CAM, KPCA-CAM, FEM and
Random CAM show the same map for both classes.

| method | pointing | energy |
|---|---:|---:|
"""


def page(rows: Sequence[Row], tallies: Mapping[str, Tally], scenes: int) -> str:
    """The whole page."""
    return _ABOUT + differences(rows) + "\n" + ground_truth(tallies, scenes)


def differences(rows: Sequence[Row]) -> str:
    """A line for each method and reference, a column for each network."""
    networks = list(dict.fromkeys(row.network for row in rows))
    lines: defaultdict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
    for row in rows:
        lines[row.method, row.reference][row.network] = row
    text = [f"| method | reference | tolerance | {' | '.join(networks)} |", "|---|---|---:|" + "---:|" * len(networks)]
    for (method, reference), found in lines.items():
        tolerance = next(iter(found.values())).tolerance
        cells = " | ".join(_cell(found.get(network)) for network in networks)
        text.append(f"| {method} | {reference} | {tolerance:.0e} | {cells} |")
    return "\n".join(text) + "\n\nrefused: the method does not apply to the network, and says why.\n"


def _cell(row: Row | None) -> str:
    if row is None:
        return "–"
    text = "refused" if row.difference is None else f"{row.difference:.0e}"
    return text if row.holds else f"**{text}: beyond**"


def ground_truth(tallies: Mapping[str, Tally], scenes: int) -> str:
    """A line for each method, in the catalogue's order."""
    text = _TRUTH.format(scenes=scenes, area=tallies["area"].share)
    for method in METHODS:
        if method.id in tallies:
            tally = tallies[method.id]
            text += f"| {method.id} | {tally.pointing:.1%} | {tally.share:.1%} |\n"
    return text
