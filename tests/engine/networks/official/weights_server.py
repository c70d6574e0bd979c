"""A web server on this machine that offers weights, well or badly."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATIENCE_S = 10.0
_RANGE = re.compile(r"bytes=(\d+)-")


@dataclass
class WeightsServer:
    """What the server does, and what it was asked.

    Attributes:
        content: The file that it offers under every path.
        tag: Its ETag; none where empty.
        takes_ranges: Whether it sends parts of it.
        stalls_at: Bytes after which it sends nothing until `released`; None for never.
        ends_at: Bytes after which it ends the connection; None for the end.
        status: Answered in place of the file where it is not 200.
        moved_to: Where it redirects to; nowhere where empty.
        names_sha256: Hash of the file that it tells where it redirects, as Hugging Face does; none where empty.
        says_length: Whether it tells how long the file is.
        answers: Whether it answers at all before it is `released`.
        asked: (path, Range header) of every request, in order.
    """

    content: bytes
    tag: str = '"one"'
    takes_ranges: bool = True
    stalls_at: int | None = None
    ends_at: int | None = None
    status: int = 200
    moved_to: str = ""
    names_sha256: str = ""
    says_length: bool = True
    answers: bool = True
    asked: list[tuple[str, str]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    stalled: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        asked = handler.headers.get("Range", "")
        self.asked.append((handler.path, asked))
        if not self.answers:
            self._stall()
        if self.moved_to:
            handler.send_response(302)
            handler.send_header("Location", self.moved_to)
            if self.names_sha256:
                handler.send_header("X-Linked-ETag", f'"{self.names_sha256}"')
            handler.end_headers()
        elif self.status != 200:
            handler.send_error(self.status)
        else:
            self._send_file(handler, self._first(handler, asked))

    def _first(self, handler: BaseHTTPRequestHandler, asked: str) -> int:
        match = _RANGE.fullmatch(asked)
        current = not handler.headers.get("If-Range") or handler.headers["If-Range"] == self.tag
        return int(match[1]) if match and current and self.takes_ranges else 0

    def _send_file(self, handler: BaseHTTPRequestHandler, first: int) -> None:
        total = len(self.content)
        if first >= total:
            handler.send_response(416)
            handler.send_header("Content-Range", f"bytes */{total}")
            handler.end_headers()
            return
        handler.send_response(206 if first else 200)
        if first:
            handler.send_header("Content-Range", f"bytes {first}-{total - 1}/{total}")
        if self.tag:
            handler.send_header("ETag", self.tag)
        if self.says_length:
            handler.send_header("Content-Length", str(total - first))
        handler.end_headers()
        stop = min(total, *(at for at in (self.stalls_at, self.ends_at) if at is not None), total)
        handler.wfile.write(self.content[first:stop])
        if self.stalls_at is not None:
            self._stall()
            handler.wfile.write(self.content[stop:])

    def _stall(self) -> None:
        self.stalled.set()
        self.released.wait(PATIENCE_S)


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what several tests are about."""


@contextmanager
def serving(content: bytes) -> Iterator[WeightsServer]:
    """A server that offers this content, until the end; every thread of it has ended then."""
    offered = WeightsServer(content)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            offered.answer(self)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the library's own name
            """Say nothing."""

    with _QuietServer(("127.0.0.1", 0), Handler) as server:
        offered.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield offered
        finally:
            offered.released.set()
            server.shutdown()
            thread.join()
