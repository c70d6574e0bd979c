"""The page of the help that tells which networks of the libraries were opened and looked into."""

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

from tests.networks.survey import Finding

PAGE = Path(__file__).parents[2] / "resources" / "help" / "networks.md"

_INTRODUCTION = """\
# Networks that were opened

`python -m tests.networks --write` opens every classification, segmentation and detection network of torchvision
{vision}, and of timm {timm} one each of many families, on the CPU with random weights, and makes this page. Of each it
asks that its layers have shapes and that one is suggested for maps; where there are class scores, that one Grad-CAM of
the suggested layer is not constant, and that it leaves no trace in the network: parameters, buffers, gradients, flags,
hooks and random generators are compared before and after.

Some libraries start a head or a scale with zeros, behind which every gradient is 0. “Drawn anew” means that such a
network's constants and kernels were drawn before its map was asked for; what was zero is named.

{count} networks, {failed} with failures.
"""
_HEADING = "| network | layers with shapes | suggested layer | map | result |\n|---|---|---|---|---|"


def page(findings: Sequence[Finding]) -> str:
    """The whole page."""
    failed = [finding for finding in findings if finding.failures]
    words = _INTRODUCTION.format(
        vision=version("torchvision"), timm=version("timm"), count=len(findings), failed=len(failed)
    )
    return f"{words}\n{_table(findings)}\n"


def _table(findings: Iterable[Finding]) -> str:
    return "\n".join((_HEADING, *map(_row, findings)))


def _row(finding: Finding) -> str:
    result = "; ".join(finding.failures) or finding.remark or "ok"
    name = finding.reference.removesuffix("@random")
    counts = f"{finding.shaped} of {finding.layers}"
    return f"| {name} | {counts} | {finding.suggested} | {finding.cells or '–'} | {result} |"
