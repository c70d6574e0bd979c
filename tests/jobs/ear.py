"""What tests listen to a runner with, and the simplest scripts."""

import threading
from collections.abc import Iterator

from PySide6.QtCore import QObject, Slot

from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Progress, Result
from cnnviz_desktop.jobs.events import Cancelled, Event, Failed, Finished, Job, Produced


class Ear(QObject):
    """Keeps the events it hears and the threads it heard them in."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Event] = []
        self.threads: set[int] = set()

    @Slot(object)
    def hear(self, event: Event) -> None:
        self.events.append(event)
        self.threads.add(threading.get_ident())

    def of(self, job: Job) -> list[str]:
        return [word(event) for event in self.events if event.job is job]

    def ended(self, job: Job) -> bool:
        return any(event.job is job and isinstance(event, Finished | Failed | Cancelled) for event in self.events)

    def failure_of(self, job: Job) -> Failed:
        return next(event for event in self.events if event.job is job and isinstance(event, Failed))


def word(event: Event) -> str:
    if isinstance(event, Produced) and isinstance(event.result, Progress):
        return event.result.text
    return type(event).__name__


def step(text: str, done: int = 0) -> Progress:
    return Progress(done=done, total=1, text=text)


def method_then_end(request: Request) -> Iterator[Result]:
    yield step(f"{request.method} 1")
    yield step(f"{request.method} 2")
