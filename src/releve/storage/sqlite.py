"""SQLite: one thread that writes, one that looks up for handlers, two for pages; the standard library's module.

WAL with synchronous=FULL: a commit returns after its flush to disk. One thread owns the writing connection, because
SQLite has one writer anyway; readers see the last commit and never wait for it.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Executable

from releve.services.ports import Announced, StoreFailed
from releve.storage import firm
from releve.storage.apply import Refused, Rows, Step, Steps, apply
from releve.storage.kept import Kept
from releve.storage.log import Lines
from releve.storage.lookups import Lookups
from releve.storage.queries import SQLITE, Query, once
from releve.storage.unit import Unit
from releve.storage.words import taken
from releve.storage.writes import Row, Write

R = TypeVar("R")

READERS = 2
BUSY_MS = 5_000
CHUNKS = (64, 8, 1)
"""How many rows go into one statement; few sizes, so that prepared statements are found again."""
_REFUSALS = (
    sqlite3.IntegrityError,
    sqlite3.DataError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
    OverflowError,
    TypeError,
    ValueError,
)
_OLDEST = (3, 33, 0)
_TEXTS = {
    Step.BEGIN: ("BEGIN IMMEDIATE",),
    Step.COMMIT: ("COMMIT",),
    Step.ROLLBACK: ("ROLLBACK",),
    Step.SAVE: ("SAVEPOINT unit",),
    Step.KEEP: ("RELEASE unit",),
    Step.BACK: ("ROLLBACK TO unit", "RELEASE unit"),
}


class SqliteBackend:
    """Implements `backend.Backend` on a database file."""

    name = "sqlite"

    def __init__(self, path: Path) -> None:
        if sqlite3.sqlite_version_info < _OLDEST:
            raise StoreFailed(f"SQLite {sqlite3.sqlite_version} is too old: 3.33 is needed")
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self.kept = Kept()
        self._version: int | None = None
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="releve-sqlite-writer")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="releve-sqlite-reader")
        self._lookups = Lookups(self._read)
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []

    async def apply(self, units: Sequence[Unit], lines: Lines, announced: list[Announced]) -> None:
        """See `Backend.apply`."""
        await _in(self._writer, lambda: self._apply(apply(units, lines, announced)))

    async def fetch(self, query: Query, **values: Any) -> list[tuple[Any, ...]]:
        """See `Backend.fetch`."""
        return await self._lookups.ask(*query.text(SQLITE, values))

    async def select(self, statement: Executable) -> list[tuple[Any, ...]]:
        """See `Backend.select`."""
        sql, parameters = once(statement, SQLITE)
        return await _in(self._readers, lambda: self._read(sql, parameters))

    async def execute(self, statement: Executable) -> int:
        """See `Backend.execute`. Takes its turn among the committer's batches."""
        sql, parameters = once(statement, SQLITE)
        return await _in(self._writer, lambda: self._execute(sql, parameters))

    async def close(self) -> None:
        """See `Backend.close`."""
        await _in(self._writer, self._discard)
        await asyncio.get_running_loop().run_in_executor(None, self._stop)

    def _stop(self) -> None:
        self._writer.shutdown()
        self._readers.shutdown()
        self._lookups.stop()
        for connection in self._opened:
            connection.close()

    def _apply(self, steps: Steps) -> None:
        try:
            connection = self._connected()
            self._drive(connection, steps)
        except (sqlite3.Error, OSError) as error:
            # The outcome of a failed COMMIT is not known: this connection is not asked again.
            self._discard()
            raise StoreFailed(f"SQLite: {error}") from error
        except BaseException:
            self._discard()
            raise

    def _drive(self, connection: sqlite3.Connection, steps: Steps) -> None:
        """Run the steps of a batch; tell it of refusals, let failures through."""
        step = next(steps)
        while True:
            refused = None
            result = 0
            try:
                result = self._step(connection, step)
            except _REFUSALS as error:
                if isinstance(step, Step):  # BEGIN and the like have no content to be refused for
                    raise sqlite3.OperationalError(str(error)) from error
                refused = Refused(str(error), _taken(error))
            try:
                step = steps.throw(refused) if refused else steps.send(result)
            except StopIteration:
                return

    def _step(self, connection: sqlite3.Connection, step: Step | Rows) -> int:
        if isinstance(step, Rows):
            for write, rows in self.kept.split(step.write, step.rows):
                _write(connection, write, rows)
            return 0
        if step is Step.LAST_EVENT:
            (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM outbox").fetchone()
            return int(last)
        for text in _TEXTS[step]:
            connection.execute(text)
        self.kept.after(step)
        if step is Step.BEGIN:
            (version,) = connection.execute("PRAGMA data_version").fetchone()
            if version != self._version:  # another process has written
                self._version = version
                self.kept.forget()
        return 0

    def _execute(self, sql: str, parameters: Sequence[Any]) -> int:
        try:
            return self._connected().execute(sql, parameters).rowcount
        except (sqlite3.Error, OSError) as error:
            self._discard()
            raise StoreFailed(f"SQLite: {error}") from error

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = _firm(self._path)
            self.kept.forget()
        return self._connection

    def _discard(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()  # rolls back what was under way

    def _read(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        try:
            if connection is None:
                connection = self._local.connection = connect(self._path)
                connection.execute("PRAGMA query_only = ON")
                self._opened.append(connection)
            return connection.execute(sql, parameters).fetchall()
        except OverflowError:
            return []  # a number that no column can hold is in no row
        except sqlite3.Error as error:
            if connection is not None:
                connection.close()
                self._opened.remove(connection)
            self._local.connection = None
            raise StoreFailed(f"SQLite: {error}") from error


def connect(path: Path) -> sqlite3.Connection:
    """A connection with the store's settings. The file must be there. sqlite3.Error when it cannot be opened."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
        timeout=BUSY_MS / 1000,
    )
    try:
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",  # NORMAL lost all acknowledged commits at a power loss
            "foreign_keys = ON",
            "cache_size = -32768",  # KiB: a batch must not spill before its commit
            "wal_autocheckpoint = 4000",  # pages: busy pages are copied back once, not in every batch
            "temp_store = MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def _firm(path: Path) -> sqlite3.Connection:
    """A connection to write with, behind which everything that can be read is on disk."""
    connection = connect(path)
    try:
        connection.execute("BEGIN IMMEDIATE")  # nobody appends to the write-ahead log meanwhile
        firm.make_firm(path)
        connection.execute("ROLLBACK")
    except BaseException:
        connection.close()
        raise
    return connection


def _write(connection: sqlite3.Connection, write: Write, rows: Sequence[Row]) -> None:
    begin, end = 0, len(rows)
    for size in CHUNKS:
        while end - begin >= size:
            values = [value for row in rows[begin : begin + size] for value in row]
            connection.execute(write.sqlite(size), values)
            begin += size


def _taken(error: Exception) -> str | None:
    code = getattr(error, "sqlite_errorname", "")
    if code not in ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"):
        return None
    # "UNIQUE constraint failed: stations.operator_id, stations.identity"
    table = str(error).rpartition(": ")[2].partition(".")[0]
    return taken(table)


async def _in(executor: ThreadPoolExecutor, work: Callable[[], R]) -> R:
    try:
        return await asyncio.get_running_loop().run_in_executor(executor, work)
    except RuntimeError as error:
        if "shutdown" in str(error):
            raise StoreFailed("the store is closed") from error
        raise
