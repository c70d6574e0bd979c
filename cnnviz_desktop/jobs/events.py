"""What a job is and what happens to it, as frozen values that cross the threads."""

import threading
from dataclasses import dataclass, field

from cnnviz_desktop.core.requests import Request
from cnnviz_desktop.core.results import Failure, Result


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """One request on its way through the worker.

    Attributes:
        number: Counts up; no two jobs of a runner share one.
        view: What the result is for; a newer job of the same view replaces an older one.
        request: What to compute.
        cancelled: Set once nobody waits for the result any more.
    """

    number: int
    view: str
    request: Request
    cancelled: threading.Event = field(default_factory=threading.Event, repr=False)


@dataclass(frozen=True, slots=True)
class Started:
    """The worker has taken the job up."""

    job: Job


@dataclass(frozen=True, slots=True)
class Produced:
    """The job has given one of its results."""

    job: Job
    result: Result


@dataclass(frozen=True, slots=True)
class Finished:
    """The job has given all of its results, `seconds` after it was taken up."""

    job: Job
    seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    """The job ended in an error."""

    job: Job
    failure: Failure


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The job was cancelled or replaced by a newer one of the same view."""

    job: Job


Event = Started | Produced | Finished | Failed | Cancelled
