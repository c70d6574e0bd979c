"""What keeps a test from reaching any network."""

import socket

import pytest


def refuse_connections(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Make every connection and every look-up of a name fail inside the test; what was asked for is in the list."""
    asked: list[str] = []

    def refuse(*arguments: object, **_: object) -> object:
        asked.append(repr(arguments))
        raise OSError("no connections in this test")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    return asked
