"""What the store asks of a database, whichever it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import Executable

from releve.services.ports import Announced, StoreFailed
from releve.storage.kept import Kept
from releve.storage.log import Lines
from releve.storage.queries import Query
from releve.storage.unit import Unit


class StoreUnavailable(StoreFailed):
    """The database cannot be opened, or not be brought up to date."""


class Backend(Protocol):
    """One database: reads at any time, writes by one committer only."""

    name: str
    """For metrics and messages: sqlite or postgresql."""

    kept: Kept
    """What it knows to be on disk already."""

    async def apply(self, units: Sequence[Unit], lines: Lines, announced: list[Announced]) -> None:
        """Run `apply.apply` in one transaction. StoreFailed when it did not end in a commit that is certain."""

    async def fetch(self, query: Query, **values: Any) -> list[tuple[Any, ...]]:
        """All rows of a query. StoreFailed when the database does not answer."""

    async def select(self, statement: Executable) -> list[tuple[Any, ...]]:
        """All rows of a statement that was put together for this one use. StoreFailed like `fetch`."""

    async def execute(self, statement: Executable) -> int:
        """Run a statement in a transaction of its own, beside the committer; the number of rows it touched.

        For housekeeping in small steps. StoreFailed like `fetch`.
        """

    async def close(self) -> None:
        """Let go of every connection."""
