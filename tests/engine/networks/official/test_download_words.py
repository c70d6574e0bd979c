import errno
import io
import socket
import ssl
from http.client import BadStatusLine, HTTPMessage
from io import FileIO
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request

import pytest

from cnnviz_desktop.engine.networks.official.download_words import Pace, why_failed
from cnnviz_desktop.engine.networks.official.transfer import Transfer
from cnnviz_desktop.engine.networks.official.web_connection import Line, _Redirections


def distrusted() -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "self-signed certificate"
    return error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (URLError(socket.gaierror(-2, "Name or service not known")), "is this machine online?"),
        (URLError(ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")), "connection refused"),
        (URLError(TimeoutError("timed out")), "cannot be reached (timeout)"),
        (URLError(distrusted()), "its certificate is not trusted (self-signed certificate)"),
        (URLError(OSError(errno.ENETUNREACH, "Network is unreachable")), "failed (Network is unreachable)"),
        (TimeoutError("timed out"), "the server sent nothing for 30 s"),
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), "failed (Connection reset by peer)"),
        (BadStatusLine("SSH-2.0"), "not to be understood (SSH-2.0)"),
        (HTTPError("http://w", 407, "Proxy Authentication Required", HTTPMessage(), None), "does not give it out (407"),
    ],
)
def test_that_every_way_to_fail_has_words_of_its_own(error: Exception, words: str) -> None:
    assert words in why_failed(error)


def test_that_nothing_leads_from_https_to_http() -> None:
    redirections, nothing, headers = _Redirections(Line()), io.BytesIO(), HTTPMessage()
    asked = Request("https://weights.example/a.pth")
    with pytest.raises(HTTPError, match="unsafe address http://elsewhere"):
        redirections.redirect_request(asked, nothing, 302, "Found", headers, "http://elsewhere/a.pth")
    led = redirections.redirect_request(asked, nothing, 302, "Found", headers, "https://elsewhere/a.pth")
    assert led is not None
    assert led.full_url == "https://elsewhere/a.pth"


@pytest.fixture
def transfer(tmp_path: Path) -> Transfer:
    """Half of 100 MiB, 20 of which had come before."""
    with FileIO(tmp_path / "part", "w") as file:
        made = Transfer("https://weights.example/a.pth", file, "", lambda _: None)
    made.resumed_at, made.done, made.total = 20 << 20, 20 << 20, 100 << 20
    return made


def test_that_speed_is_of_what_came_now_and_not_of_what_was_there(transfer: Transfer) -> None:
    clock = iter([0.0, 2.0, 4.0])
    pace = Pace("https://weights.example/a.pth", lambda: next(clock))
    transfer.done = 30 << 20
    assert pace.progress(transfer).text == "30 of 100 MiB, 5.0 MiB/s, 14 s left"
    transfer.done = 50 << 20
    assert pace.progress(transfer).text == "50 of 100 MiB, 7.5 MiB/s, 7 s left"


def test_that_a_silent_server_is_told_of_before_it_is_given_up(transfer: Transfer) -> None:
    clock = iter([0.0, 1.0, 9.0])
    pace = Pace("https://weights.example/a.pth", lambda: next(clock))
    transfer.done = 30 << 20
    pace.progress(transfer)
    assert pace.progress(transfer).text == "30 of 100 MiB, weights.example has sent nothing for 8 s"


def test_that_hours_and_minutes_are_told_as_such(transfer: Transfer) -> None:
    clock = iter([0.0, 2.0, 3.0])
    pace = Pace("https://weights.example/a.pth", lambda: next(clock))
    transfer.done += 1 << 20
    assert pace.progress(transfer).text.endswith("0.5 MiB/s, 3 min left")
    transfer.total = 10_000 << 20
    assert pace.progress(transfer).text.endswith(" h left")
