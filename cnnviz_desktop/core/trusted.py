"""Which programs the user has allowed to run."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec


class Trusted(msgspec.Struct, frozen=True):
    """Consent to one program.

    Attributes:
        sha256: Hash of exactly the bytes that may run; see `core.covered`.
        file: Where the program lay when it was allowed; empty where that is not known any more.
        when: Day and time of it, as in ``2026-11-21T10:31``; empty where that is not known any more.
    """

    sha256: str
    file: str = ""
    when: str = ""


def trusted_now(sha256: str, file: str) -> Trusted:
    """Consent that is given now."""
    return Trusted(sha256, file, datetime.now().astimezone().strftime("%Y-%m-%dT%H:%M"))


def with_trusted(known: Iterable[Trusted], newest: Trusted) -> tuple[Trusted, ...]:
    """What is trusted, with the newest last and each program once."""
    return (*(each for each in known if each.sha256 != newest.sha256), newest)


def without_trusted(known: Iterable[Trusted], revoked: Iterable[str]) -> tuple[Trusted, ...]:
    """What is trusted after consent to these hashes was taken back."""
    gone = set(revoked)
    return tuple(each for each in known if each.sha256 not in gone)


def name_trusted_programs(fields: dict[str, Any]) -> dict[str, Any]:
    """From version 1 to 2: what was trusted was only a list of hashes; where the programs lay is not known."""
    trusted = fields.get("trusted")
    if not isinstance(trusted, list):
        return fields
    return {**fields, "trusted": [{"sha256": each} if isinstance(each, str) else each for each in trusted]}
