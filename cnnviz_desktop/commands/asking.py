"""Asks the engine so that nothing is lost: a request that fails is asked again in parts."""

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from cnnviz_desktop.commands.engine import Engine
from cnnviz_desktop.commands.guided import essential_methods
from cnnviz_desktop.core import catalog
from cnnviz_desktop.core.errors import CnnvizError, ImageError, NetworkError, OutOfMemory, RequestError, TargetError
from cnnviz_desktop.core.requests import ClassTarget, Request
from cnnviz_desktop.core.results import GradientPicture, HeatMap, Result
from cnnviz_desktop.figures.manifest import Problem

_Key = tuple[str, str, str, str, int | None]


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why a method gave nothing, or not everything, and whether it will give nothing for any other image either."""

    sentence: str
    for_good: bool


class Asker:
    """Puts the requests of an order to the engine.

    A request that fails is asked again image by image, then target by target or method by method, and what was
    answered before is not given twice. A method that does not apply, whatever the image, is not asked for again.

    Attributes:
        problems: What gave no result.

    Args:
        engine: Who answers.
        tell: Is shown each problem when it is found.
        lone: Whether there is one request alone, so that its mistake is the user's whole concern.
    """

    def __init__(self, engine: Engine, tell: Callable[[Problem], None], *, lone: bool) -> None:
        self.problems: list[Problem] = []
        self._engine = engine
        self._tell = tell
        self._lone = lone
        self._refused: dict[tuple[str, str], str] = {}

    def answers(self, request: Request) -> Iterator[Result]:
        """The results of a request, as far as there are any.

        Raises:
            CnnvizError: The request is at fault, and there is no other.
        """
        asked = self._without_refused(request)
        if asked is not None:
            yield from self._attempt(asked, Counter())

    def _without_refused(self, request: Request) -> Request | None:
        """The request without the methods that do not apply; None where no other is left that has files of its own."""
        reasons = {method: self._refused.get(_kind(request, method)) for method in request.methods}
        for image in request.images or ("",):
            self.problems += (Problem(image, method, reason) for method, reason in reasons.items() if reason)
        left = [method for method, reason in reasons.items() if not reason]
        if not set(left).intersection(essential_methods(request)):
            return None
        return _narrowed(request, left)

    def _attempt(self, request: Request, had: Counter[_Key]) -> Iterator[Result]:
        try:
            yield from self._fresh(request, had)
        except CnnvizError as error:
            if self._lone and isinstance(error, TargetError) and not _is_of_one_image(error, request):
                raise
            of_target, of_file = isinstance(error, TargetError), isinstance(error, ImageError)
            sentence, of_one_image = str(error), _is_of_one_image(error, request)
        else:
            return
        # Outside of the except clause: the traceback pins the tensors of the pass that failed.
        if len(request.images) > 1:
            for image in request.images:
                asked = self._without_refused(replace(request, images=(image,)))
                if asked is not None:
                    yield from self._attempt(asked, had)
        elif of_target and len(request.targets) > 1:
            for target in request.targets:
                yield from self._attempt(replace(request, targets=(target,)), had)
        elif of_target or of_file:
            self._settle(request, {request.method: _Failure(sentence, for_good=not of_one_image)})
        else:
            yield from self._by_method(request, had)

    def _by_method(self, request: Request, had: Counter[_Key]) -> Iterator[Result]:
        failures: dict[str, _Failure] = {}
        for method in request.methods:
            part = _narrowed(request, (method,))
            try:
                yield from self._fresh(part, had)
            except CnnvizError as error:
                failures[method] = _Failure(str(error), for_good=not _is_of_one_image(error, part))
            if method in failures and len(part.targets) > 1:
                failed = yield from self._by_target(part, had)
                if len(failed) < len(part.targets):
                    failures[method] = _Failure("\n".join(dict.fromkeys(failed)), for_good=False)
        self._settle(request, failures)

    def _by_target(self, request: Request, had: Counter[_Key]) -> Generator[Result, None, list[str]]:
        """The answers for those targets that can be explained; returns what was wrong with the others."""
        failed: list[str] = []
        for target in request.targets:
            try:
                yield from self._fresh(replace(request, targets=(target,)), had)
            except CnnvizError as error:
                failed.append(str(error))
        return failed

    def _fresh(self, request: Request, had: Counter[_Key]) -> Iterator[Result]:
        """The engine's answers, without those that an earlier attempt gave."""
        given = had.copy()
        for result in self._engine.answers(request):
            key = _key(result)
            if key is not None and given[key]:
                given[key] -= 1
                continue
            if key is not None:
                had[key] += 1
            yield result

    def _settle(self, request: Request, failures: dict[str, _Failure]) -> None:
        """Keep what went wrong, by method.

        Raises:
            RequestError: The one request there is can give nothing, whatever the image.
        """
        at_fault = {method: failure.sentence for method, failure in failures.items() if failure.for_good}
        if self._lone and at_fault.keys() >= essential_methods(request):
            raise RequestError("\n".join(dict.fromkeys(at_fault.values())))
        self._refused |= {_kind(request, method): sentence for method, sentence in at_fault.items()}
        told = set[str]()
        for method in sorted(failures, key=lambda method: method not in essential_methods(request)):
            sentence = failures[method].sentence
            if sentence in told and method not in essential_methods(request):
                continue  # a companion that fails with all others
            problem = Problem(request.images[0] if request.images else "", method, sentence)
            self.problems.append(problem)
            if sentence not in told:
                self._tell(problem)
            told.add(sentence)


def _key(result: Result) -> _Key | None:
    """What tells a final map or picture from the others of its request; None for all else."""
    if isinstance(result, HeatMap | GradientPicture) and result.done >= 1:
        explained = result.explained
        return result.image, result.method, result.layer, explained.title, explained.class_index
    return None


def _kind(request: Request, method: str) -> tuple[str, str]:
    """A request for one method, whatever the images and the other methods."""
    return method, replace(_narrowed(request, (method,)), images=()).to_json()


def _narrowed(request: Request, methods: Sequence[str]) -> Request:
    """A request for some of its methods, with the parameters that these have."""
    keys = {parameter.key for method in methods for parameter in catalog.method(method).parameters}
    parameters = {key: value for key, value in request.parameters.items() if key in keys}
    return replace(request, method=methods[0], also=tuple(methods[1:]), parameters=parameters)


def _is_of_one_image(error: CnnvizError, request: Request) -> bool:
    """Whether a failure may not come again with another image."""
    if isinstance(error, TargetError):
        return not all(isinstance(target, ClassTarget) and target.label is not None for target in request.targets)
    return isinstance(error, ImageError | NetworkError | OutOfMemory)
