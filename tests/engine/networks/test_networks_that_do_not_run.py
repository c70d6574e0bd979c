"""Networks that are built and cannot be run: each is a sentence, and what was open stays open."""

from pathlib import Path

import pytest

from cnnviz_desktop.core.description import SUFFIX
from cnnviz_desktop.core.errors import ConsentNeeded, NetworkError
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.engine.session import EngineSession

PROGRAM = """
import torch
from torch import nn

class TwoInputs(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, image, mask):
        return (self.conv(image) * mask).mean((2, 3))

class CardOnly(TwoInputs):
    def forward(self, image):
        if image.device.type != "cuda":
            raise NotImplementedError("fused_shift: no kernel for the CPU")
        return self.conv(image).mean((2, 3))

class OwnKernel(TwoInputs):
    def forward(self, image):
        return torch.ops.my_kernels.shift(self.conv(image))

class TokensOnly(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(8, 4)

    def forward(self, words):
        return self.words(words).mean(1)
"""


def opened(session: EngineSession, reference: str) -> Outline:
    """The network of a reference, opened with consent."""
    request = Request(method="outline", network=reference)
    try:
        results = list(session.run(request))
    except ConsentNeeded as needed:
        session.trust(needed.sha256)
        results = list(session.run(request))
    outline = results[-1]
    assert isinstance(outline, Outline)
    return outline


@pytest.mark.parametrize(
    ("factory", "sentence"),
    [
        ("TwoInputs", r"takes 2 inputs \(image, mask\)"),
        ("CardOnly", "fused_shift: no kernel for the CPU"),
        ("OwnKernel", "my_kernels"),
        ("TokensOnly", "indices"),
    ],
)
def test_that_what_keeps_a_network_from_running_is_told_and_the_one_before_stays(
    tmp_path: Path, factory: str, sentence: str
) -> None:
    (tmp_path / "nets.py").write_text(PROGRAM)
    file = tmp_path / f"net{SUFFIX}"
    file.write_text(f'{{"format": 1, "name": "N", "architecture": {{"file": "nets.py", "factory": "{factory}"}}}}')
    session = EngineSession()
    before = opened(session, "sample")
    with pytest.raises(NetworkError, match=sentence) as told:
        opened(session, str(file))
    assert "Traceback" not in str(told.value)
    assert "sizes that were tried" not in str(told.value) or factory == "TokensOnly"
    benches = session._benches
    assert [bench.outline.network for bench in benches.values()] == [before.network]
    session.close()
