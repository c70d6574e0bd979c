"""Connections to a web server that can be ended from another thread, and nothing but HTTP and HTTPS."""

import http.client
import re
import socket
import threading
import urllib.request
from contextlib import suppress
from typing import IO
from urllib.error import HTTPError
from urllib.parse import urlsplit

CONNECT_TIMEOUT_S = 15.0
SILENCE_TIMEOUT_S = 30.0
"""A server that sends nothing for so long has stalled."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


class Stopped(Exception):
    """Nobody waits for the answer any more."""


class Line:
    """The sockets of one attempt. `cut` wakes whoever waits for one of them, in any thread.

    Attributes:
        named_sha256: What a server on the way said that the file's SHA-256 is; empty where none did.

    Args:
        connect_timeout: Seconds that connecting to one address may take.
        silence_timeout: Seconds that a server may send nothing.
    """

    def __init__(self, connect_timeout: float = CONNECT_TIMEOUT_S, silence_timeout: float = SILENCE_TIMEOUT_S) -> None:
        self.connect_timeout = connect_timeout
        self._silence_timeout = silence_timeout
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._is_cut = False
        self.named_sha256 = ""

    @property
    def is_cut(self) -> bool:
        """Whether `cut` was called."""
        return self._is_cut

    def take(self, connected: socket.socket) -> None:
        """Take in a socket that has just been connected.

        Raises:
            Stopped: `cut` was called.
        """
        connected.settimeout(self._silence_timeout)
        with self._lock:
            if self._is_cut:
                raise Stopped
            self._sockets.append(connected)

    def cut(self) -> None:
        """End every connection, and every one to come."""
        with self._lock:
            self._is_cut = True
            for each in self._sockets:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)


def opener(line: Line) -> urllib.request.OpenerDirector:
    """Opens addresses over HTTP and HTTPS alone, through the proxies that the system names, on a line.

    It follows redirections, but none from HTTPS to HTTP.
    """
    made = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        _Redirections(line),
        _Http(line),
        _Https(line),
        urllib.request.HTTPErrorProcessor(),
    ):
        made.add_handler(handler)
    return made


class _Http(urllib.request.HTTPHandler):
    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        line = self._line

        class Connection(http.client.HTTPConnection):
            def connect(self) -> None:
                super().connect()
                line.take(self.sock)

        return self.do_open(Connection, req)


class _Https(urllib.request.HTTPSHandler):
    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        line = self._line

        class Connection(http.client.HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                line.take(self.sock)

        return self.do_open(Connection, req)


class _Redirections(urllib.request.HTTPRedirectHandler):
    """As the library's own, but never from HTTPS to anything else; to a file the library's own goes neither.

    Hugging Face names the hash of a large file where it sends on to the server that holds it.
    """

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        named = headers.get("X-Linked-ETag", "").strip('"')
        if _SHA256.fullmatch(named):
            self._line.named_sha256 = named
        if urlsplit(req.full_url).scheme == "https" and urlsplit(newurl).scheme != "https":
            raise HTTPError(req.full_url, code, f"sends on to the unsafe address {newurl}", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)
