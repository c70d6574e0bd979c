"""Fetches one file over HTTP in a thread of its own, so that whoever waits for it can stop waiting at any moment."""

import re
import threading
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPResponse
from io import FileIO
from urllib.error import HTTPError

from cnnviz_desktop.engine.networks.official.web_connection import Line, Stopped, opener

_BLOCK = 1 << 20
_AGENT = "cnnviz-desktop"
_RANGE = re.compile(r"bytes (?P<first>\d+)-\d+/(?P<total>\d+)")
_OUT_OF_RANGE = re.compile(r"bytes \*/(?P<total>\d+)")
_NOT_SATISFIABLE = 416
_PARTIAL_CONTENT = 206


class DiskError(Exception):
    """The file cannot be written; its cause is an `OSError`."""


class CutShort(Exception):
    """The server ended the connection before the file's end."""


class Transfer:
    """One attempt to bring a file to its full length, going on where an earlier attempt ended if the server lets it.

    Attributes:
        error: Why it failed; None where it has not.
        done: Bytes that the file holds.
        total: Bytes that it will hold; None while that is unknown.
        validator: What the server calls this very content (its ETag or date); empty where it says nothing.
        resumed_at: Bytes that did not have to come again.

    Args:
        url: Where the file is, over HTTP or HTTPS.
        file: Where it goes, unbuffered, open for reading and writing. Bytes in it are those of an earlier attempt.
        validator: What the server called their content; empty to start again.
        begun: Is told what is known once the server has answered and before anything is written; what it raises ends
            the attempt.
        line: The connection.
    """

    def __init__(
        self, url: str, file: FileIO, validator: str, begun: Callable[["Transfer"], None], line: Line | None = None
    ) -> None:
        self.error: Exception | None = None
        self.done = 0
        self.total: int | None = None
        self.validator = validator
        self.resumed_at = 0
        self._url = url
        self._file = file
        self._begun = begun
        self._line = line or Line()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"fetching {url}", daemon=True)

    def start(self) -> None:
        """Start fetching."""
        self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Wait for the end, so long at most; whether it has come."""
        return self._ended.wait(seconds)

    def stop(self) -> None:
        """End it now. Where it looks up the server's address, which nothing can end, the thread is left to do so."""
        self._line.cut()
        self._thread.join(timeout=1)

    def _run(self) -> None:
        try:
            self._fetch()
        except Exception as error:  # told in the thread that waits; a socket that is cut raises whatever it likes
            self.error = Stopped() if self._line.is_cut else error
            if isinstance(error, HTTPError):
                error.close()
        finally:
            self._ended.set()

    def _fetch(self) -> None:
        have = self._file.seek(0, 2) if self.validator else 0
        try:
            response = self._open(have)
        except HTTPError as error:
            if error.code != _NOT_SATISFIABLE or not have:
                raise
            with error:
                if self._is_whole(error, have):
                    return
            response = self._open(0)
        with response:
            self._take(response, have)

    def _open(self, have: int) -> HTTPResponse:
        headers = {"User-Agent": _AGENT, "Accept-Encoding": "identity"}
        if have:
            headers |= {"Range": f"bytes={have}-", "If-Range": self.validator}
        request = urllib.request.Request(self._url, headers=headers)
        answer = opener(self._line).open(request, timeout=self._line.connect_timeout)
        if not isinstance(answer, HTTPResponse):
            raise TypeError(f"{self._url} was not answered over HTTP.")
        return answer

    def _is_whole(self, error: HTTPError, have: int) -> bool:
        """Whether the server has nothing more because the file has all."""
        match = _OUT_OF_RANGE.fullmatch(error.headers.get("Content-Range", ""))
        if match is None or int(match["total"]) != have:
            return False
        self.done = self.total = self.resumed_at = have
        return True

    def _take(self, response: HTTPResponse, have: int) -> None:
        match = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
        goes_on = response.status == _PARTIAL_CONTENT and match is not None and int(match["first"]) == have > 0
        if response.status == _PARTIAL_CONTENT and not goes_on:
            raise CutShort
        if goes_on and match is not None:
            self.total = int(match["total"])
        else:
            self.total = _length(response)
            self.validator = _validator(response)
        self.done = self.resumed_at = have if goes_on else 0
        self._begun(self)
        self._write_at(self.done)
        while block := response.read1(_BLOCK):
            if self._line.is_cut:
                raise Stopped
            self._write(block)
        if self.total is not None and self.done != self.total:
            raise CutShort

    def _write_at(self, position: int) -> None:
        try:
            self._file.seek(position)
            self._file.truncate()
        except OSError as error:
            raise DiskError from error

    def _write(self, block: bytes) -> None:
        left = memoryview(block)
        while left:
            try:
                written = self._file.write(left)
            except OSError as error:
                raise DiskError from error
            left = left[written or 0 :]
            self.done += written or 0


def _length(response: HTTPResponse) -> int | None:
    with suppress(TypeError, ValueError):
        return int(response.headers["Content-Length"])
    return None


def _validator(response: HTTPResponse) -> str:
    """What names this very content, as If-Range takes it; a weak ETag names only what is as good."""
    tag = response.headers.get("ETag", "")
    return tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified", "")
