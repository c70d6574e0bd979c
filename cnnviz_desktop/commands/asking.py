"""Asks the engine so that nothing is lost: a request that fails is asked again in parts."""

from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from dataclasses import dataclass

from msgspec.structs import replace

from cnnviz_desktop.commands.answered import Answered
from cnnviz_desktop.commands.engine import Engine
from cnnviz_desktop.commands.guided import essential_methods
from cnnviz_desktop.core.errors import CnnvizError, ImageError, OutOfMemory, RequestError, TargetError
from cnnviz_desktop.core.request_parts import Axis, along, of_methods
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Result
from cnnviz_desktop.figures.manifest import Problem


@dataclass(frozen=True, slots=True)
class _Failure:
    """A request that gave nothing, or not everything. The error itself would pin the tensors of its pass.

    Attributes:
        request: The request.
        sentence: Why.
        for_good: Whether the same fails for every image.
        ways: Along what to part the request, what the error is about first.
    """

    request: Request
    sentence: str
    for_good: bool
    ways: tuple[Axis, ...]

    @property
    def parts(self) -> tuple[Request, ...]:
        """What to ask in its place; nothing where it has no parts that may fare better."""
        return next((parts for way in self.ways if len(parts := along(self.request, way)) > 1), ())


class Asker:
    """Puts the requests of an order to the engine.

    A request that fails is asked again image by image, then in parts: methods, targets, layers. What was answered
    before is not given again, and what fails whatever the image is not asked for again.

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
        self._refused: dict[str, str] = {}
        self._answered_before = False

    def answers(self, request: Request) -> Iterator[Result]:
        """The results of a request, as far as there are any.

        Raises:
            RequestError: It is the only one, and can give nothing, whatever the image.
        """
        answered = Answered(request)
        yield from self._answers(request, answered)
        self._answered_before |= answered.any_essential

    def _answers(self, request: Request, answered: Answered) -> Iterator[Result]:
        self._keep_refused(request)
        failures: list[_Failure] = []
        for part in self._without_refused(request):
            failure = yield from self._attempt(part, answered)
            if failure is None:
                continue
            if len(images := along(part, "images")) > 1:
                for each in images:
                    yield from self._answers(each, answered)
            else:
                failures += yield from self._in_parts(failure, answered)
        self._settle(request, failures, answered)

    def _attempt(self, request: Request, answered: Answered) -> Generator[Result, None, _Failure | None]:
        """The answers to what is still open of a request; returns how that failed."""
        asked = answered.rest_of(request)
        if asked is None:
            return None
        try:
            yield from answered.fresh(asked, self._engine.answers(asked))
        except CnnvizError as error:
            # What was answered did not fail; but where the memory ran out, the rest may fit without it.
            failed = asked if isinstance(error, OutOfMemory) else answered.rest_of(asked)
            if failed is not None:
                return _Failure(failed, str(error), for_good=not error.of_image, ways=_ways(error))
        return None

    def _in_parts(self, failure: _Failure, answered: Answered) -> Generator[Result, None, list[_Failure]]:
        """The answers to those parts that have any; returns the smallest parts that have none."""
        if not failure.parts:
            return [failure]
        failures: list[_Failure] = []
        for part in failure.parts:
            for asked in self._without_refused(part):
                failed = yield from self._attempt(asked, answered)
                if failed is not None:
                    failures += yield from self._in_parts(failed, answered)
        return failures

    def _without_refused(self, request: Request) -> list[Request]:
        """The request without what fails for good; a method that does so for some layers or targets is asked apart.

        Nothing where no method is left that has files of its own.
        """
        if not self._refused:
            return [request]
        whole, apart = [], []
        for of_method in along(request, "methods"):
            leaves = list(_leaves(of_method))
            left = [leaf for leaf in leaves if _kind(leaf) not in self._refused]
            if len(left) == len(leaves):
                whole.append(of_method.method)
            elif left:
                targets = tuple(target for target in request.targets if any(target in leaf.targets for leaf in left))
                layers = tuple(layer for layer in request.layers if any(layer in leaf.layers for leaf in left))
                apart.append(replace(of_method, targets=targets, layers=layers))
        if not essential_methods(request).intersection((*whole, *(part.method for part in apart))):
            return []
        return [*([of_methods(request, whole)] if whole else []), *apart]

    def _keep_refused(self, request: Request) -> None:
        """Keep as problems what is not asked for the request's images, because it failed for good before."""
        leaves = _leaves(request) if self._refused else ()
        reasons = [(leaf.method, self._refused[kind]) for leaf in leaves if (kind := _kind(leaf)) in self._refused]
        for image in request.images or ("",):
            for problem in _problems(image, reasons, essential_methods(request)):
                if problem not in self.problems:
                    self.problems.append(problem)

    def _settle(self, request: Request, failures: list[_Failure], answered: Answered) -> None:
        """Keep what went wrong with an image, or with a request without any; nothing where nothing did.

        Raises:
            RequestError: The one request there is can give nothing, whatever the image.
        """
        essential = essential_methods(request)
        reasons = [(failure.request.method, failure.sentence) for failure in failures]
        hopeless = all(failure.for_good for failure in failures) and {method for method, _ in reasons} >= essential
        if self._lone and hopeless and not (self._answered_before or answered.any_essential):
            raise RequestError("\n".join(dict.fromkeys(sentence for _, sentence in reasons)))
        self._refused |= {_kind(failure.request): failure.sentence for failure in failures if failure.for_good}
        told = set[str]()
        for problem in _problems(next(iter(request.images), ""), reasons, essential):
            self.problems.append(problem)
            if problem.message not in told:
                self._tell(problem)
                told.add(problem.message)


def _problems(image: str, reasons: Iterable[tuple[str, str]], essential: Collection[str]) -> list[Problem]:
    """A problem for each method and sentence; a companion that fails as the others do has none of its own."""
    distinct = dict.fromkeys(reasons)
    of_others = {sentence for method, sentence in distinct if method in essential}
    return [
        Problem(image, method, sentence)
        for method, sentence in distinct
        if method in essential or sentence not in of_others
    ]


def _ways(error: CnnvizError) -> tuple[Axis, ...]:
    """Along what to part a request for one image that met an error."""
    if isinstance(error, ImageError):
        return ()
    return ("targets", "methods", "layers") if isinstance(error, TargetError) else ("methods", "targets", "layers")


def _leaves(request: Request) -> Iterator[Request]:
    """The smallest parts of a request: one method, one target, and one layer where layers are not joined."""
    for of_method in along(request, "methods"):
        for of_target in along(of_method, "targets"):
            yield from along(of_target, "layers")


def _kind(leaf: Request) -> str:
    """What is asked, of whatever image."""
    return replace(leaf, images=()).to_json()
