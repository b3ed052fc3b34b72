"""A unit of work's writes, as they wait for the group commit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from typing import Any

from releve.domain.events import Event
from releve.storage.writes import Write

Item = tuple[Write, Hashable, Any]
BASE_BYTES = 200
"""What a row is taken to weigh when its text is not measured."""


class Unit:
    """Writes in order, what to announce with them, and what became of them.

    items: (statement, key, row); the key tells rows apart that the statement addresses, None where it only adds.
    weight: bytes, roughly; the committer's queue is bounded by it. failure: why it was not kept.
    after: called on the event loop when its commit has ended, with True when it was kept for certain.
    """

    __slots__ = ("after", "done", "events", "failure", "items", "weight")

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.events: list[Event] = []
        self.after: list[Callable[[bool], None]] = []
        self.weight = 0
        self.failure: Exception | None = None
        self.done: asyncio.Future[None] | None = None

    def write(
        self, write: Write, row: object, key: Hashable = None, weight: int = BASE_BYTES
    ) -> None:
        """Append a row, or a domain value for statements that take values. key: of the row for keyed statements."""
        self.items.append((write, key, row))
        self.weight += weight
