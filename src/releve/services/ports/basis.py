"""Failures of the store, the clock, and what makes ids."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class StoreFailed(Exception):
    """The store could not keep what it was given. The reason is for the log and `/readyz`, never for a station."""


class Unstorable(StoreFailed):
    """What was given can never be stored (a number beyond 63 bits): to try again would fail again."""


class Conflict(Exception):
    """A unique key is taken already. `what` names it in an operator's words."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, aware, UTC."""

    def monotonic(self) -> float:
        """Seconds that never go back; only differences mean something."""


class Ids(Protocol):
    def next(self) -> int:
        """A new row id: positive, 63 bits, growing, unique among all processes on this store."""

    def number(self) -> int:
        """A random positive 31-bit number, for 1.6 transaction ids and remoteStartId."""

    def secret(self, length: int) -> str:
        """`length` random characters from a-z, A-Z, 0-9, for passwords and keys."""
