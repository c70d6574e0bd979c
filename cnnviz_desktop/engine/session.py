"""The engine's front door: a session answers requests. Importing it costs no torch; the first network does."""

import gc
from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from cnnviz_desktop.core import catalog
from cnnviz_desktop.core.errors import CnnvizError, OutOfMemory, RequestError
from cnnviz_desktop.core.requests import ParameterValue, Request
from cnnviz_desktop.core.resources import image_path
from cnnviz_desktop.core.results import Picture, Progress, Result
from cnnviz_desktop.engine.images import read_picture
from cnnviz_desktop.engine.networks.prober import Prober
from cnnviz_desktop.engine.remembered import Remembered

if TYPE_CHECKING:
    from cnnviz_desktop.engine.workbench import Workbench

MEMORY_BUDGET = 1 << 30
"""Bytes of activations that a session remembers for each network."""

PICTURES_BUDGET = 1 << 28
"""Bytes of decoded pictures that a session remembers."""

_NETWORKS_KEPT = 2

_MODULES = {
    "kernels": "kernels",
    "feature_maps": "feature_maps",
    "predictions": "predictions",
    "gradcam": "activation_maps",
}
"""Module under `engine.methods` that holds each method's generator function."""


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """What a method's generator gets.

    Attributes:
        request: What was asked.
        parameters: Every parameter of the method, checked, defaults filled in.
        bench: The network.
        pictures: Reads the request's images one by one.
    """

    request: Request
    parameters: dict[str, ParameterValue]
    bench: "Workbench"
    pictures: Callable[[], Iterator[Picture]]


class EngineSession:
    """Answers requests, one at a time, and remembers what the next one may need: networks, pictures, activations.

    Not safe for several threads: it lives in the one that made it.
    """

    def __init__(self, memory_budget: int = MEMORY_BUDGET) -> None:
        self._memory_budget = memory_budget
        self._trusted: set[str] = set()
        self._prober = Prober()
        self._pictures: Remembered[tuple[object, ...], Picture] = Remembered(
            PICTURES_BUDGET, lambda picture: picture.pixels.nbytes
        )
        self._benches: OrderedDict[tuple[object, ...], Workbench] = OrderedDict()

    def trust(self, sha256: str) -> None:
        """Let a Python file of that hash run: the user has agreed to it."""
        self._trusted.add(sha256)

    def close(self) -> None:
        """Forget everything."""
        self._pictures.clear()
        self._benches.clear()

    def run(self, request: Request) -> Generator[Result, None, None]:
        """Answer a request, result by result. Closing the generator cancels it and leaves the network as it was.

        Raises:
            CnnvizError: What the user can mend; the message says how.
        """
        method = catalog.method(request.method)
        parameters = method.values(request.parameters)
        if method.needs_image and not request.images:
            raise RequestError(f"{method.title} needs an image.")
        if request.method == "picture":
            yield from self._read_pictures(request)
            return
        try:
            yield from self._answer(request, parameters)
        except CnnvizError:
            raise
        except Exception as error:
            if not self._ran_out_of_memory(error):
                raise
            where = f" on {request.device}" if request.device != "auto" else ""
            said = str(error).splitlines()[0] if str(error) else "no memory left"
        else:
            return
        # Outside of the except clause: the traceback pins the tensors that are to be freed.
        self._free_memory()
        raise OutOfMemory(
            f"The memory ran out{where} ({said}). What was held there has been freed and nothing is lost: "
            "try a smaller image, or the CPU."
        )

    def _answer(self, request: Request, parameters: dict[str, ParameterValue]) -> Generator[Result, None, None]:
        from cnnviz_desktop.engine.borrowing import borrowed

        if request.method == "outline":
            self._benches.pop(_bench_key(request), None)  # opening again reads the files again
        bench = yield from self._bench(request)
        if request.method == "outline":
            yield bench.outline
            return
        module = import_module(f"cnnviz_desktop.engine.methods.{_MODULES[request.method]}")
        task = Task(request, parameters, bench, lambda: self._read_pictures(request))
        with borrowed(bench.module, request.seed):
            yield from getattr(module, request.method)(task)

    def _read_pictures(self, request: Request) -> Iterator[Picture]:
        for reference in request.images:
            key = (reference, *_stamp(image_path(reference)))
            picture = self._pictures.get(key)
            if picture is None:
                picture = read_picture(reference)
                self._pictures.put(key, picture)
            yield picture

    def _bench(self, request: Request) -> Generator[Progress, None, "Workbench"]:
        """The network of a request, opened now unless it is open."""
        key = _bench_key(request)
        if key in self._benches:
            self._benches.move_to_end(key)
            return self._benches[key]
        yield Progress(done=0, total=1, text=f"opening {request.network}")
        from cnnviz_desktop.engine.borrowing import borrowed
        from cnnviz_desktop.engine.devices import choose_device
        from cnnviz_desktop.engine.networks.opening import open_network
        from cnnviz_desktop.engine.outlining import outline_of
        from cnnviz_desktop.engine.workbench import Workbench

        choice = choose_device(request.device)
        network = yield from open_network(request.network, self._trusted, frozenset(request.allowed_keys), self._prober)
        module = network.module.to(choice.device)
        with borrowed(module, request.seed):
            outline = outline_of(network, module, choice)
        self._benches[key] = Workbench(module, outline, self._memory_budget)
        while len(self._benches) > _NETWORKS_KEPT:
            self._benches.popitem(last=False)
        return self._benches[key]

    def _ran_out_of_memory(self, error: BaseException) -> bool:
        from cnnviz_desktop.engine.running import is_out_of_memory

        return is_out_of_memory(error)

    def _free_memory(self) -> None:
        from cnnviz_desktop.engine.capture import release_cuda_memory

        for bench in self._benches.values():
            bench.forget()
        gc.collect()
        release_cuda_memory()


def _bench_key(request: Request) -> tuple[object, ...]:
    return request.network, request.device, frozenset(request.allowed_keys)


def _stamp(path: Path) -> tuple[int, int]:
    """What changes when a file is written again; zeros where it cannot be asked (reading it will say why)."""
    try:
        status = path.stat()
    except (OSError, ValueError):  # ValueError: a NUL character in the path
        return 0, 0
    return status.st_mtime_ns, status.st_size
