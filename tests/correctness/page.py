"""The page on correctness: both tables as Markdown."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from cnnviz_desktop.core.catalog import METHODS
from tests.correctness.comparing import ROUNDING, TOLERANCE, Row
from tests.correctness.ground_truth import Tally

PAGE = Path(__file__).parents[2] / "resources" / "help" / "correctness.md"

_ABOUT = """# Correctness

Written by `python -m tests.correctness --write`, which computes every figure anew and fails beyond a tolerance.

## Equality with independent references

For each method the largest relative difference, max|a − b| / max|b|, over three images asked for together and one
alone, and over the chunk sizes 1 and 32 where a method works in chunks. All are to be {tolerance:.0e} at most. Inputs
are 224 × 160 pixels, 96 × 64 for methods of many passes; the vision transformer's are 96 × 96 and 48 × 48. The sample
and ResNet-20 are trained, and take 128 × 128 and 32 × 32. The others have random weights: kernels of the size that
keeps the signal alive (He et al. 2015), and whatever is one value throughout in an untrained network (biases,
statistics and slopes of normalisations) is drawn, so that no mistake hides behind it. Of swin_t it is the last block
but one that is compared: behind the last one follows a layer normalisation, in front of which HiResCAM cancels out, as
the program says there, too.

Networks compute in float32, as they do for a user. There, rounding decides whether single ReLUs are open, and what is
left of small differences between large scores, so that two right answers may part by more than the tolerance. Such a
figure counts only with a control: the same comparison with everything in float64 must keep the tolerance. The engine
in float32 must besides lie within {rounding:.0%} of the reference in float64, a bound that follows from nothing: it
tells a flipped ReLU from a mistake that only float32 would show. {control}

"""

_NO_CONTROL = "No figure here needed it."
_CONTROL = """Cells with two figures show float32, then float64. That is so of {count} of the {all}
comparisons here: they differ by up to {single:.0e} in float32 and by at most {double:.0e} in float64. From the
reference in float64, the engine in float32 is up to {engine:.0e} away, and the reference in float32 up to
{reference:.0e}."""

_TRUTH = """## Ground truth

{scenes} fresh scenes of the sample network with two objects each, both explained. *Pointing* is the share of maps whose
strongest pixel lies on the object; *energy* the mean share of the positive values that lies on it. The objects cover
{area:.1%} of the area: what a method that knew nothing, not even where objects are, would get in both columns. All
methods have their default parameters; the weights of Random CAM are drawn anew for each scene. Of gradient pictures
the greatest absolute value over the colours is taken, not smoothed. Eigen-CAM, KPCA-CAM, FEM and Random CAM show the
same map for both classes. Random CAM points at objects more often than chance, since a trained network's channels are
active where objects are; its own maps with their cells shuffled (last line) do not.

| method | pointing | energy |
|---|---:|---:|
"""


_MARKS = """refused: the method does not apply to the network, and says why. –: the reference does not apply: captum's
Grad-CAM and pytorch-grad-cam's Shapley-CAM know no tokens, captum's Guided Grad-CAM no ReLU that runs twice;
pytorch-grad-cam's XGrad-CAM and Finer-CAM divide by an ε that small activations and probabilities do not outweigh; and
the constants of FullGrad are written out a second time only for networks of convolutions, batch normalisations and
ReLUs."""


def page(rows: Sequence[Row], tallies: Mapping[str, Tally], scenes: int) -> str:
    """The whole page."""
    about = _ABOUT.format(tolerance=TOLERANCE, rounding=ROUNDING, control=_controls(rows))
    return about + differences(rows) + "\n" + ground_truth(tallies, scenes)


def _controls(rows: Sequence[Row]) -> str:
    """What the controls came to, in words."""
    compared = [row for row in rows if row.difference is not None]
    controls = [row.control for row in rows if row.control is not None]
    if not controls:
        return _NO_CONTROL
    return _CONTROL.format(
        count=len(controls),
        all=len(compared),
        single=max(row.difference or 0 for row in compared if row.control is not None),
        double=max(control.difference for control in controls),
        engine=max(control.engine for control in controls),
        reference=max(control.reference for control in controls),
    )


def differences(rows: Sequence[Row]) -> str:
    """A line for each method and reference, a column for each network."""
    networks = list(dict.fromkeys(row.network for row in rows))
    lines: defaultdict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
    for row in rows:
        lines[row.method, row.reference][row.network] = row
    text = [f"| method | reference | {' | '.join(networks)} |", "|---|---|" + "---:|" * len(networks)]
    for (method, reference), found in lines.items():
        cells = " | ".join(_cell(found.get(network)) for network in networks)
        text.append(f"| {method} | {reference} | {cells} |")
    return "\n".join(text) + f"\n\n{_MARKS}\n"


def _cell(row: Row | None) -> str:
    if row is None:
        return "–"
    text = row.remark.partition(":")[0] if row.difference is None else f"{row.difference:.0e}"
    if row.control is not None:
        text += f", {row.control.difference:.0e}"
    return text if row.holds else f"**{text}: wrong**"


def ground_truth(tallies: Mapping[str, Tally], scenes: int) -> str:
    """A line for each method, in the catalogue's order."""
    text = _TRUTH.format(scenes=scenes, area=tallies["area"].share)
    for method in METHODS:
        if method.id in tallies:
            text += _line(method.id, tallies[method.id])
    if "shuffled" in tallies:
        text += _line("randomcam, its cells shuffled", tallies["shuffled"])
    return text


def _line(name: str, tally: Tally) -> str:
    return f"| {name} | {tally.pointing:.1%} | {tally.share:.1%} |\n"
