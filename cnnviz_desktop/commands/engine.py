"""The engine as commands use it."""

from collections.abc import Iterator

from cnnviz_desktop.commands.console import Console
from cnnviz_desktop.core.errors import ConsentNeeded
from cnnviz_desktop.core.outline import Outline
from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Picture, Progress, Result
from cnnviz_desktop.engine.session import EngineSession


class Engine:
    """An engine session as commands use it: progress goes to the console, consent was given or not beforehand."""

    def __init__(self, console: Console, *, trust: bool = False) -> None:
        self._console = console
        self._trust = trust
        self._session = EngineSession()

    def answers(self, request: Request) -> Iterator[Result]:
        """The results of a request, without its progress.

        Raises:
            CnnvizError: As `EngineSession.run`.
        """
        for result in self._trusting(request):
            if isinstance(result, Progress):
                self._console.step(f"{result.text} …")
            else:
                yield result

    def outline(self, request: Request) -> Outline:
        """The network of a request, opened."""
        opening = Request(
            method="outline", network=request.network, device=request.device, allowed_keys=request.allowed_keys
        )
        return next(result for result in self.answers(opening) if isinstance(result, Outline))

    def picture(self, image: str) -> Picture:
        """An image as the program reads it."""
        reading = Request(method="picture", images=(image,))
        return next(result for result in self.answers(reading) if isinstance(result, Picture))

    def _trusting(self, request: Request) -> Iterator[Result]:
        """As the session; a network asks for consent before its first result, so nothing comes twice."""
        asked: set[str] = set()
        while True:
            try:
                yield from self._session.run(request)
            except ConsentNeeded as needed:
                if not self._trust or needed.sha256 in asked:
                    raise
                asked.add(needed.sha256)
                self._session.trust(needed.sha256)
            else:
                return
