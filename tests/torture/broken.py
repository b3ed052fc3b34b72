"""Deliberately broken builds: each fault test must fail on one of them, so that we know it can.

These switches exist here only. They are thrown inside the node's process before it starts.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from releve.storage import firm, sqlite
from releve.storage.committer import Committer
from releve.storage.unit import Unit


def acknowledge_early() -> None:
    """A committer that lets its waiters go before the commit."""
    submit = Committer.submit

    def early(self: Committer, unit: Unit) -> asyncio.Future[None]:
        submit(self, unit)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    Committer.submit = early  # type: ignore[method-assign]


def believe_failures() -> None:
    """A committer that takes a failed batch for a good one."""

    def lost(self: Committer, *_: Any) -> None:
        self.trouble = "not told to anybody"

    Committer._lost = lost  # type: ignore[method-assign, assignment]


def _synchronous(level: str) -> Callable[[], None]:
    def switch() -> None:
        connect = sqlite.connect

        def careless(path: Path) -> sqlite3.Connection:
            connection = connect(path)
            connection.execute(f"PRAGMA synchronous = {level}")
            return connection

        sqlite.connect = careless

    return switch


def trust_the_log() -> None:
    """A writer that takes what it finds in the write-ahead log for durable, whatever failed before it came."""
    firm.make_firm = lambda path: None


SWITCHES: dict[str, Callable[[], None]] = {
    "acknowledge-early": acknowledge_early,
    "believe-failures": believe_failures,
    "synchronous-off": _synchronous("OFF"),
    "synchronous-normal": _synchronous("NORMAL"),
    "trust-the-log": trust_the_log,
}
