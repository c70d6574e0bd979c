"""A session that answers as a test tells it to."""

import threading
from collections.abc import Callable, Generator, Iterator

from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Result

Script = Callable[[Request], Iterator[Result]]


class ScriptedSession:
    """Answers each request with what `script` yields, and notes in which thread everything happened."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.made_in = threading.get_ident()
        self.ran: list[Request] = []
        self.trusted: list[str] = []
        self.closed_in: int | None = None

    def run(self, request: Request) -> Generator[Result, None, None]:
        self.ran.append(request)
        yield from self.script(request)

    def trust(self, sha256: str) -> None:
        self.trusted.append(sha256)

    def distrust(self, sha256: str) -> None:
        self.trusted.remove(sha256)

    def close(self) -> None:
        self.closed_in = threading.get_ident()
