"""What is told of a download: how it comes along, and why it failed."""

import errno
import ssl
import time
from collections import deque
from collections.abc import Callable
from http.client import HTTPException, IncompleteRead
from socket import gaierror
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from cnnviz_desktop.core.official_weights import in_mebibytes
from cnnviz_desktop.core.results import Progress
from cnnviz_desktop.engine.networks.official.transfer import CutShort, Transfer
from cnnviz_desktop.engine.networks.official.web_connection import SILENCE_TIMEOUT_S

_MEBIBYTE = 1 << 20
_REMEMBERED_S = 5.0
"""The speed is that of the last seconds."""
_SURE_AFTER_S = 0.5
_QUIET_S = 3.0
"""A server that has sent nothing for so long is said to be silent."""
_NOT_FOUND = (404, 410)
_NOT_ALLOWED = (401, 403, 407, 451)
_BROKEN_SERVER = 500


class Pace:
    """How fast a transfer is, from what it was seen to have at some moments.

    Args:
        url: Where it comes from.
        clock: Tells seconds since some moment.
    """

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._host = urlsplit(url).hostname or url
        self._clock = clock
        self._last_news = clock()
        self._seen = deque([(self._last_news, 0)])  # moments, and the bytes that had come by then in this attempt

    def progress(self, transfer: Transfer) -> Progress:
        """How far it is now, in MiB, and in words."""
        now, done, total = self._clock(), transfer.done, transfer.total
        come = done - transfer.resumed_at
        if come != self._seen[-1][1]:
            self._last_news = now
        self._seen.append((now, come))
        while len(self._seen) > 2 and now - self._seen[0][0] > _REMEMBERED_S:
            self._seen.popleft()
        if not done:
            return Progress(done=0, total=1, text=f"asking {self._host}")
        far = f"{done // _MEBIBYTE} of {-(-total // _MEBIBYTE)} MiB" if total else f"{done // _MEBIBYTE} MiB"
        return Progress(
            done=done // _MEBIBYTE if total else 0,
            total=max(1, -(-total // _MEBIBYTE)) if total else 1,
            text=f"{far}{self._speed_words(None if total is None else total - done)}",
            tells_time=True,
        )

    def _speed_words(self, bytes_left: int | None) -> str:
        (then, before), (now, come) = self._seen[0], self._seen[-1]
        if now - self._last_news > _QUIET_S:
            return f", {self._host} has sent nothing for {now - self._last_news:.0f} s"
        if now - then < _SURE_AFTER_S or come <= before:
            return ""
        speed = (come - before) / (now - then)
        left = f", {_time_words(bytes_left / speed)} left" if bytes_left is not None else ""
        return f", {speed / _MEBIBYTE:.1f} MiB/s{left}"


def why_failed(error: Exception, silence_timeout: float = SILENCE_TIMEOUT_S) -> str:
    """Why an attempt failed, as the end of a sentence that begins with the address."""
    if isinstance(error, HTTPError):
        return _http_words(error)
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, gaierror):
        return "its address is not to be found: is this machine online?"
    if isinstance(cause, ConnectionRefusedError):
        return "nothing answers there (connection refused)"
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({cause.verify_message}): is a proxy or a login page in between?"
    if isinstance(cause, TimeoutError):
        never = isinstance(error, URLError)
        return "it cannot be reached (timeout)" if never else f"the server sent nothing for {silence_timeout:g} s"
    if isinstance(cause, CutShort | IncompleteRead):
        return "the connection ended before the file did"
    if isinstance(cause, OSError):
        return f"the connection failed ({cause.strerror or cause})"
    return f"the server's answer is not to be understood ({cause or type(cause).__name__})"


def disk_words(error: OSError, folder: object) -> str:
    """Why what comes cannot be written, in a sentence."""
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return f"The disk is full: nothing more can be written into {folder}."
    return f"Nothing can be written into {folder}: {error.strerror or error}."


def kept_words(bytes_kept: int) -> str:
    """What is told of a part that stays; nothing where nothing has come."""
    if not bytes_kept:
        return ""
    return f" What has come ({in_mebibytes(bytes_kept)}) is kept, and the next download goes on from there."


def is_of_the_web(error: Exception) -> bool:
    """Whether an error is one that a server or the way to it can cause: any other is a bug of this program."""
    return isinstance(error, OSError | HTTPException | CutShort | ValueError)


def _http_words(error: HTTPError) -> str:
    said = f"{error.code} {error.msg}".strip()
    if error.code in _NOT_FOUND:
        return f"there is no such file ({said})"
    if error.code in _NOT_ALLOWED:
        return f"the server does not give it out ({said})"
    if error.code >= _BROKEN_SERVER:
        return f"the server is out of order ({said}): try again later"
    return f"the server refused ({said})"


def _time_words(seconds: float) -> str:
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"
