"""The databases that the benchmark makes, looks into and removes."""

from __future__ import annotations

import asyncio
import os
import secrets
import sqlite3
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit, urlunsplit

import asyncpg  # type: ignore[import-untyped]

from bench.processes import cpu_us

T = TypeVar("T")
SERVER = os.environ.get("RELEVE_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
CONNECT_S = 5.0


class Database(Protocol):
    """An empty database of the benchmark's own."""

    url: str
    name: str

    def number(self, sql: str) -> float:
        """The one number that a query gives; 0 for NULL."""
        ...

    def cpu_us(self) -> float | None:
        """CPU time of the database's own processes for this database; None where it has none."""
        ...

    def drop(self) -> None:
        """Remove it."""
        ...


class Sqlite:
    """A file."""

    name = "SQLite"

    def __init__(self, directory: Path) -> None:
        self._path = directory / "releve.db"
        self.url = f"sqlite:///{self._path}"

    def number(self, sql: str) -> float:
        """See `Database`."""
        connection = sqlite3.connect(f"{self._path.as_uri()}?mode=ro", uri=True)
        try:
            return float(connection.execute(sql).fetchone()[0] or 0)
        finally:
            connection.close()

    def cpu_us(self) -> float | None:
        """Its work is done in the server's own process, and counted there."""
        return None

    def drop(self) -> None:
        """It goes with its directory."""


class Postgres:
    """A database on the server that the test suite uses, too."""

    name = "PostgreSQL"

    def __init__(self) -> None:
        self._database = f"releve_bench_{secrets.token_hex(6)}"
        _run(_execute(SERVER, f"CREATE DATABASE {self._database}"))
        self.url = urlunsplit(urlsplit(SERVER)._replace(path=f"/{self._database}"))

    def number(self, sql: str) -> float:
        """See `Database`."""
        return float(_run(_value(self.url, sql)) or 0)

    def cpu_us(self) -> float | None:
        """Of the backends that serve Relève's connections. None where their processes are not on this machine."""
        pids = _run(_pids(SERVER, self._database))
        try:
            return sum(cpu_us(pid) for pid in pids) if pids else None
        except OSError:
            return None

    def drop(self) -> None:
        """Remove it, and whoever still holds it."""
        _run(_execute(SERVER, f"DROP DATABASE IF EXISTS {self._database} WITH (FORCE)"))


def server_version() -> dict[str, str]:
    """PostgreSQL's, where there is one."""
    try:
        return {"PostgreSQL": str(_run(_value(SERVER, "SHOW server_version"))).split()[0]}
    except (OSError, TimeoutError, asyncpg.PostgresError):
        return {}


def postgres() -> Postgres | str:
    """A new database, or in words why there is none."""
    try:
        return Postgres()
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        return f"no PostgreSQL at RELEVE_TEST_POSTGRES: {type(error).__name__}"


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url, timeout=CONNECT_S)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _value(url: str, sql: str) -> Any:
    connection = await asyncpg.connect(url, timeout=CONNECT_S)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def _pids(url: str, database: str) -> list[int]:
    connection = await asyncpg.connect(url, timeout=CONNECT_S)
    try:
        rows = await connection.fetch(
            "SELECT pid FROM pg_stat_activity WHERE datname = $1 AND application_name = 'releve'",
            database,
        )
    finally:
        await connection.close()
    return [row["pid"] for row in rows]


def _run(work: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner() as runner:
        return runner.run(work)
