"""PostgreSQL through asyncpg: one connection that writes, a small pool that reads.

The committer's connection is opened when it is needed and thrown away after any failure: what a broken transaction did
is then the server's to undo. While the server is away, units fail at once instead of queueing for its return.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import Executable

from releve.services.ports import Announced, StoreFailed
from releve.storage.apply import Refused, Rows, Step, Steps, apply
from releve.storage.kept import Kept
from releve.storage.log import Lines
from releve.storage.postgres_lookups import PostgresLookups
from releve.storage.queries import POSTGRES, Query, once
from releve.storage.unit import Unit
from releve.storage.words import taken

R = TypeVar("R")

READERS = 4
CONNECT_S = 5.0
READ_S = 15.0
WRITE_S = 30.0
BACKOFF_S = (0.1, 0.25, 0.5, 1.0, 2.0)
"""After so many failed attempts to connect, how long the next one waits; units fail at once meanwhile."""
ATTEMPTS = 3
"""How often a batch is tried that the server itself has rolled back for a deadlock with another process."""
OUTBOX_LOCK = 0x52656C65  # "Rele": any number that all Relève processes agree on
_FAILURES = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a session that the server ends between two steps of a statement
    OSError,
    TimeoutError,
)
_BROKEN = (
    asyncpg.AdminShutdownError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    OSError,
)
"""What a connection says that the server has ended."""
_REFUSALS = (
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.DataError,
    TypeError,
    ValueError,
    OverflowError,
)
_SETTINGS = {"application_name": "releve", "idle_in_transaction_session_timeout": "60000"}
_TEXTS = {
    Step.BEGIN: "BEGIN",
    Step.COMMIT: "COMMIT",
    Step.ROLLBACK: "ROLLBACK",
    Step.SAVE: "SAVEPOINT unit",
    Step.KEEP: "RELEASE unit",
    Step.BACK: "ROLLBACK TO unit; RELEASE unit",
}


class PostgresBackend:
    """Implements `backend.Backend` on a PostgreSQL database."""

    name = "postgresql"

    def __init__(self, url: str) -> None:
        self._url = url
        self._writer: asyncpg.Connection | None = None
        self._pool: asyncpg.Pool | None = None
        self.kept = Kept()
        self._pool_lock = asyncio.Lock()
        self._lookups = PostgresLookups(self._read, self._read_strictly)
        self._failures = 0
        self._closed_until = 0.0

    async def apply(self, units: Sequence[Unit], lines: Lines, announced: list[Announced]) -> None:
        """See `Backend.apply`. Runs in the committer's task."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                await self._drive(await self._connected(), apply(units, lines, announced))
                return
            except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError) as error:
                # The server says that nothing was done: this, and only this, may be repeated.
                self._discard()
                if attempt == ATTEMPTS:
                    raise _failed(error) from error
            except _FAILURES as error:
                # The outcome of a failed COMMIT is not known: this connection is not asked again.
                self._discard()
                raise _failed(error) from error
            except BaseException:
                self._discard()
                raise
            announced.clear()
            for unit in units:
                unit.failure = None

    async def fetch(self, query: Query, **values: Any) -> list[tuple[Any, ...]]:
        """See `Backend.fetch`."""
        return await self._lookups.ask(*query.text(POSTGRES, values))

    async def select(self, statement: Executable) -> list[tuple[Any, ...]]:
        """See `Backend.select`."""
        sql, parameters = once(statement, POSTGRES)
        return await _in_task(self._read(sql, parameters))

    async def execute(self, statement: Executable) -> int:
        """See `Backend.execute`. On a reader's connection: it does not hold up the committer."""
        sql, parameters = once(statement, POSTGRES)
        return await _in_task(self._execute(sql, parameters))

    async def close(self) -> None:
        """See `Backend.close`."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            await writer.close(timeout=CONNECT_S)
        if self._pool is not None:
            await self._pool.close()

    async def _drive(self, connection: asyncpg.Connection, steps: Steps) -> None:
        """Run the steps of a batch; tell it of refusals, let failures through."""
        step = next(steps)
        while True:
            refused = None
            result = 0
            try:
                result = await self._step(connection, step)
            except _REFUSALS as error:
                if isinstance(step, Step):  # a COMMIT has no content to be refused for
                    raise
                refused = Refused(str(error), _taken(error))
            try:
                step = steps.throw(refused) if refused else steps.send(result)
            except StopIteration:
                return

    async def _step(self, connection: asyncpg.Connection, step: Step | Rows) -> int:
        if isinstance(step, Rows):
            for write, rows in self.kept.split(step.write, step.rows):
                columns = zip(*rows, strict=True)
                await connection.execute(write.postgres, *columns, timeout=WRITE_S)
        elif step is Step.LAST_EVENT:
            # Until this transaction ends nobody else may give places in the outbox: so they become visible in order.
            await connection.execute(
                f"SELECT pg_advisory_xact_lock({OUTBOX_LOCK})", timeout=WRITE_S
            )
            # A statement of its own, to see what the lock's last holder has committed.
            return int(await connection.fetchval("SELECT coalesce(max(id), 0) FROM outbox"))
        else:
            await connection.execute(_TEXTS[step], timeout=WRITE_S)
            self.kept.after(step)
        return 0

    async def _connected(self) -> asyncpg.Connection:
        if self._writer is not None and not self._writer.is_closed():
            return self._writer
        loop = asyncio.get_running_loop()
        if loop.time() < self._closed_until:
            raise StoreFailed("PostgreSQL: not reachable; the next attempt comes soon")
        try:
            self._writer = await _connect(self._url)
        except _FAILURES:
            wait = BACKOFF_S[min(self._failures, len(BACKOFF_S) - 1)]
            self._failures += 1
            self._closed_until = loop.time() + wait
            raise
        self._failures = 0
        return self._writer

    def _discard(self) -> None:
        writer, self._writer = self._writer, None
        self.kept.forget()
        if writer is not None:
            writer.terminate()

    async def _read(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        try:
            return await self._read_strictly(sql, parameters)
        except asyncpg.DataError:
            return []  # a value that no column can hold is in no row

    async def _read_strictly(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """As `_read`; DataError for a value that no column can hold."""
        try:
            for _ in range(READERS):
                try:
                    return await self._read_once(sql, parameters)
                except _BROKEN:
                    # The connection had died in the pool, as all may have. A read may be repeated.
                    continue
            return await self._read_once(sql, parameters)
        except asyncpg.DataError:
            raise
        except _FAILURES as error:
            raise _failed(error) from error

    async def _read_once(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        pool = await self._readers()
        async with pool.acquire(timeout=CONNECT_S) as connection:
            try:
                return [tuple(row) for row in await connection.fetch(sql, *parameters)]
            except _BROKEN:
                connection.terminate()  # else the pool would hand it out again before it knows
                raise

    async def _execute(self, sql: str, parameters: Sequence[Any]) -> int:
        try:
            pool = await self._readers()
            async with pool.acquire(timeout=CONNECT_S) as connection:
                status: str = await connection.execute(sql, *parameters)
        except _FAILURES as error:
            raise _failed(error) from error
        return int(status.rpartition(" ")[2])  # "UPDATE 12"

    async def _readers(self) -> asyncpg.Pool:
        async with self._pool_lock:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._url,
                    min_size=1,
                    max_size=READERS,
                    timeout=CONNECT_S,
                    command_timeout=READ_S,
                    server_settings=_SETTINGS,
                    reset=_as_it_is,
                )
            return self._pool


async def _as_it_is(_connection: asyncpg.Connection) -> None:
    """Readers leave nothing behind on a connection; asking the server to forget it would double the way of a read."""


async def _connect(url: str) -> asyncpg.Connection:
    connection = await asyncpg.connect(url, timeout=CONNECT_S, server_settings=_SETTINGS)
    # "Acknowledged" has to mean "on disk", whatever the server's default is.
    if await connection.fetchval("SHOW synchronous_commit") == "off":
        await connection.execute("SET synchronous_commit = on")
    return connection


async def _in_task(work: Coroutine[Any, Any, R]) -> R:
    """Run in a task of its own: the caller may be driven without one, and asyncpg's time limits need one."""
    return await asyncio.get_running_loop().create_task(work)


def _failed(error: BaseException) -> StoreFailed:
    return StoreFailed(f"PostgreSQL: {error or type(error).__name__}")


def _taken(error: Exception) -> str | None:
    if not isinstance(error, asyncpg.UniqueViolationError):
        return None
    return taken(str(error.table_name))
