"""The engine's front door: a session answers requests. Importing it costs no torch; the first network does."""

from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from cnnviz_desktop.core import catalog
from cnnviz_desktop.core.description import NetworkDescription
from cnnviz_desktop.core.errors import CnnvizError, OutOfMemory, RequestError
from cnnviz_desktop.core.references import described, network_title
from cnnviz_desktop.core.requests import ParameterValue, Request
from cnnviz_desktop.core.resources import image_path
from cnnviz_desktop.core.results import Picture, Progress, Result
from cnnviz_desktop.engine.collecting import SparedImports, collection_paused
from cnnviz_desktop.engine.errands import is_errand, run_errand
from cnnviz_desktop.engine.images import read_picture
from cnnviz_desktop.engine.networks.programs.prober import Prober
from cnnviz_desktop.engine.opened import Opened, Stamp, stamp, stamps_of
from cnnviz_desktop.engine.remembered import Remembered

if TYPE_CHECKING:
    from cnnviz_desktop.engine.workbench import Workbench

MEMORY_BUDGET = 1 << 30
"""Bytes of activations that a session remembers for each network."""

PICTURES_BUDGET = 1 << 28
"""Bytes of decoded pictures that a session remembers."""

_NETWORKS_KEPT = 2

_Key = tuple[object, ...]

_MODULES = {
    "input": "network_input",
    "kernels": "kernels",
    "feature_maps": "feature_maps",
    "predictions": "predictions",
}
"""Module under `engine.methods` that holds the generator function of a method that explains no target."""


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """What a method's generator gets.

    Attributes:
        request: What was asked.
        parameters: Every parameter of each method by the method's id, checked, defaults filled in.
        bench: The network.
        pictures: Reads the request's images one by one.
        read: Reads any other image.
    """

    request: Request
    parameters: dict[str, dict[str, ParameterValue]]
    bench: "Workbench"
    pictures: Callable[[], Iterator[Picture]]
    read: Callable[[str], Picture]

    def parameters_of(self, method_id: str) -> dict[str, ParameterValue]:
        """Every parameter of one of the request's methods."""
        return self.parameters[method_id]

    def progress(self, done: int, total: int, text: str) -> Iterator[Progress]:
        """How far the task has come; nothing where all of it is one step."""
        if total > 1:
            yield Progress(done=done, total=total, text=text)


class EngineSession:
    """Answers requests, one at a time, and remembers what the next one may need: networks, pictures, activations.

    Not safe for several threads: it lives in the one that made it.
    """

    def __init__(self, memory_budget: int = MEMORY_BUDGET) -> None:
        self._memory_budget = memory_budget
        self._trusted: set[str] = set()
        self._prober = Prober()
        self._imports = SparedImports()
        self._pictures: Remembered[tuple[object, ...], Picture] = Remembered(
            PICTURES_BUDGET, lambda picture: picture.pixels.nbytes
        )
        self._benches: OrderedDict[_Key, Workbench] = OrderedDict()
        self._opened: WeakKeyDictionary[Workbench, Opened] = WeakKeyDictionary()

    def trust(self, sha256: str) -> None:
        """Let a Python file of that hash run: the user has agreed to it."""
        self._trusted.add(sha256)

    def distrust(self, sha256: str) -> None:
        """Let that program run no more. Open networks that a program has built are forgotten, and asked about again."""
        self._trusted.discard(sha256)
        for key in [key for key, bench in self._benches.items() if bench.outline.description.is_program]:
            del self._benches[key]

    def close(self) -> None:
        """Forget everything."""
        self._pictures.clear()
        self._benches.clear()
        self._imports.forget()

    def run(self, request: Request) -> Generator[Result, None, None]:
        """Answer a request, result by result. Closing the generator cancels it and leaves the network as it was.

        Raises:
            CnnvizError: What the user can mend; the message says how.
        """
        parameters = checked_parameters(request)
        if request.method == "picture":
            yield from self._read_pictures(request)
            return
        if is_errand(request):
            yield from run_errand(request)
            return
        try:
            yield from self._answer(request, parameters)
        except OutOfMemory:  # while a file was read: its sentence says so
            self._free_memory()
            raise
        except CnnvizError:
            raise
        except Exception as error:
            if not self._ran_out_of_memory(error):
                raise
            said = str(error).splitlines()[0] if str(error) else "no memory left"
        else:
            return
        # Outside of the except clause: the traceback pins the tensors that are to be freed.
        self._free_memory()
        on_card = any(word in said for word in ("CUDA", "CUDNN", "CUBLAS"))
        advice = "a smaller image, or the CPU" if on_card else "a smaller image"
        raise OutOfMemory(
            f"The memory ran out ({said}). What was held there has been freed and nothing is lost: try {advice}."
        )

    def _answer(
        self, request: Request, parameters: dict[str, dict[str, ParameterValue]]
    ) -> Generator[Result, None, None]:
        if request.method == "outline":
            bench = yield from self._open(request)  # also where it is open: the files may have changed
            yield bench.outline
            return
        bench = self._bench(request) or (yield from self._open(request))
        from cnnviz_desktop.engine.borrowing import borrowed
        from cnnviz_desktop.engine.input_advice import advised
        from cnnviz_desktop.engine.running import InputRefused

        name = _MODULES.get(request.method, "attribution")
        module = import_module(f"cnnviz_desktop.engine.methods.{name}")
        task = Task(request, parameters, bench, lambda: self._read_pictures(request), self._read)
        with borrowed(bench.module, request.seed, keep_parameters=bench.writes_parameters):
            try:
                yield from getattr(module, name)(task)
            except InputRefused as error:
                raise (
                    yield from advised(error, bench.module, bench.outline.preprocessing, known=bench.advice)
                ) from error

    def _bench(self, request: Request) -> "Workbench | None":
        """The network of a request where it is open; of all that are open, it was then used last."""
        key = _bench_key(request)
        if key in self._benches:
            self._benches.move_to_end(key)
        return self._benches.get(key)

    def _read_pictures(self, request: Request) -> Iterator[Picture]:
        yield from map(self._read, request.images)

    def _read(self, reference: str) -> Picture:
        key = (reference, *stamp(image_path(reference)))
        picture = self._pictures.get(key)
        if picture is None:
            picture = read_picture(reference)
            self._pictures.put(key, picture)
        return picture

    def _open(self, request: Request) -> Generator[Progress, None, "Workbench"]:
        """Open the network of a request, in place of one that is open already once that has succeeded."""
        description = described(request.network)  # before anything that takes seconds to import
        yield Progress(done=0, total=1, text=f"opening {network_title(request.network)}")
        from cnnviz_desktop.engine.borrowing import borrowed
        from cnnviz_desktop.engine.devices import choose_device
        from cnnviz_desktop.engine.input_advice import advised
        from cnnviz_desktop.engine.networks.opening import open_network, opened_anew
        from cnnviz_desktop.engine.outlining import outline_of
        from cnnviz_desktop.engine.parameter_guard import ParameterGuard
        from cnnviz_desktop.engine.running import InputRefused
        from cnnviz_desktop.engine.workbench import Workbench

        choice = choose_device(request.device)
        stamps = stamps_of(description)
        sibling = self._built_alike(request, description, stamps)
        if sibling is None:
            network = yield from open_network(
                request.network, self._trusted, frozenset(request.allowed_keys), self._prober
            )
        else:
            network = opened_anew(self._opened[self._benches[sibling]].network, request.network)
        module = network.module.to(choice.device)
        self._imports.spare((module, *(bench.module for bench in self._benches.values())))
        try:
            with borrowed(module, request.seed), ParameterGuard(module) as guard, collection_paused():
                outline = outline_of(network, module, choice)
        except InputRefused as error:
            works = self._benches[sibling].outline.preprocessing if sibling is not None else None
            with borrowed(module, request.seed):
                raise (yield from advised(error, module, works, network.recipe, known={})) from error
        bench = Workbench(module, outline, self._memory_budget, writes_parameters=guard.wrote)
        self._opened[bench] = Opened(network, stamps)
        for replaced in (_bench_key(request), sibling):
            if replaced is not None:
                self._benches.pop(replaced, None)
        self._benches[_bench_key(request)] = bench
        while len(self._benches) > _NETWORKS_KEPT:
            self._benches.popitem(last=False)
        return bench

    def _built_alike(self, request: Request, description: NetworkDescription, stamps: tuple[Stamp, ...]) -> _Key | None:
        """The key of an open network that differs in nothing but how it is called, fed and read; None for none."""
        wanted = _bench_key(request)
        for key, bench in self._benches.items():
            opened = self._opened.get(bench)
            if opened is not None and key != wanted and key[1:] == wanted[1:] and opened.serves(description, stamps):
                return key
        return None

    def _ran_out_of_memory(self, error: BaseException) -> bool:
        from cnnviz_desktop.engine.running import is_out_of_memory

        return is_out_of_memory(error)

    def _free_memory(self) -> None:
        from cnnviz_desktop.engine.capture import release_cuda_memory

        for bench in self._benches.values():
            bench.forget()
            bench.twin = None
        self._imports.collect(bench.module for bench in self._benches.values())
        release_cuda_memory()


def checked_parameters(request: Request) -> dict[str, dict[str, ParameterValue]]:
    """The parameters of every method of a request.

    Raises:
        RequestError: The request lacks something, or its methods or parameters do not go together.
    """
    methods = [catalog.method(method_id) for method_id in request.methods]
    for method in methods:
        if method.needs_image and not request.images:
            raise RequestError(f"{method.title} needs an image.")
        if method.needs_target and not request.targets:
            raise RequestError(f"{method.title} needs a class to explain; leave “targets” out for the likeliest.")
        if len(methods) > 1 and not method.needs_target:
            raise RequestError(f"{method.title} explains no class, so it cannot share a request with other methods.")
    return catalog.parameter_values(methods, request.parameters)


def _bench_key(request: Request) -> _Key:
    return request.network, request.device, frozenset(request.allowed_keys)
