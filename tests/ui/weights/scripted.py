"""A session whose networks named ``trained`` need official weights, which it can fetch."""

import threading
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from pathlib import Path

from cnnviz_desktop.core.errors import NetworkError, WeightsNeeded
from cnnviz_desktop.core.network_catalogue import LibraryNetwork, NetworkCatalogue
from cnnviz_desktop.core.official_weights import OfficialWeights, StoredWeights
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Progress, Result
from tests.ui.toy import ToySession

TRAINED = "torchvision:trained50@V2"
WEIGHTS = OfficialWeights(
    network=TRAINED,
    name="V2",
    url="https://download.example/models/trained50-11ad3fa6.pth",
    file_name="trained50-11ad3fa6.pth",
    digits="11ad3fa6",
    bytes=102_540_417,
    recipe="80.9 % acc@1 on ImageNet-1K",
)
NETWORK = LibraryNetwork(
    library="torchvision", name="trained50", family="ResNet", task="classification", weights=(WEIGHTS,)
)
FOLDER = "/caches/torch/hub/checkpoints"


@dataclass
class WeightsSession(ToySession):
    """A download goes on, one MiB a step, until `may_end`; what was downloaded or imported can be opened.

    Attributes:
        may_end: Lets a download come to its end.
        problem: Why a download or an import fails; empty where it does not.
        begins_anew: Whether a download that is taken up again starts at 0.
        come: MiB that have come.
        at_most: MiB that come before `may_end`.
        here: Networks whose weights are here.
    """

    may_end: threading.Event = field(default_factory=threading.Event)
    problem: str = ""
    begins_anew: bool = False
    come: int = 0
    at_most: int = 97
    here: set[object] = field(default_factory=set)

    def run(self, request: Request) -> Generator[Result, None, None]:
        if request.method == "networks":
            self.ran.append(request)
            here = frozenset({WEIGHTS.name} if TRAINED in self.here else ())
            yield NetworkCatalogue(networks=(replace(NETWORK, here=here),))
            return
        if request.method not in ("download", "import_weights"):
            if request.network == TRAINED and request.network not in self.here and request.method != "picture":
                self.ran.append(request)
                raise WeightsNeeded(WEIGHTS, FOLDER)
            yield from super().run(request)
            return
        self.ran.append(request)
        if self.begins_anew:
            self.come = 0
        while request.method == "download" and not self.may_end.is_set():
            self.come = min(self.come + 1, self.at_most)
            yield Progress(done=self.come, total=98, text=f"{self.come} of 98 MiB")
            self.may_end.wait(0.01)
        if self.problem:
            raise NetworkError(self.problem)
        self.here.add(request.network)
        yield StoredWeights(
            path=Path(FOLDER, WEIGHTS.file_name),
            name=WEIGHTS.file_name,
            bytes=102_540_417,
            source="torch",
            sha256="11ad3fa6" + "0" * 56,
            state="checked",
        )
