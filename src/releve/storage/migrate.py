"""Bringing a database's schema up to date, in this process, with Alembic.

Each database is migrated in one transaction under a lock: a migration that fails, or a process that dies in it, leaves
the schema as it was, and two processes that start together do not meet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import asyncpg  # type: ignore[import-untyped]
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from releve.storage import firm, searching, statistics
from releve.storage.backend import StoreUnavailable
from releve.storage.tables import metadata
from releve.storage.url import SqliteFile, parse

R = TypeVar("R")

MIGRATION_LOCK = 0x52656C6D  # "Relm"
BUSY_S = 60
CONNECT_S = 10.0


async def migrate(url: str) -> list[str]:
    """Apply what is missing; the revisions applied, oldest first. Creates an SQLite file that is not there.

    ValueError for a URL that means no database, StoreUnavailable when the database cannot be migrated.
    """
    return await _with_connection(url, _upgrade)


async def pending_migrations(url: str) -> list[str]:
    """Revisions that the database lacks, oldest first. Errors as `migrate`."""
    return await _with_connection(url, _missing)


def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", "releve.storage:migrations")
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def _missing(connection: Connection) -> list[str]:
    at = MigrationContext.configure(connection).get_current_heads()
    scripts = _scripts()
    todo = scripts.iterate_revisions("heads", at or "base")
    return [script.revision for script in reversed(list(todo))]


def _upgrade(connection: Connection) -> list[str]:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
    missing = _missing(connection)
    if not missing:
        return []
    scripts = _scripts()

    def steps(revision: Any, _context: Any) -> Any:
        return scripts._upgrade_revs("heads", revision)

    with EnvironmentContext(Config(), scripts, fn=steps) as environment:
        # transactional_ddl: Alembic takes SQLite for a database that cannot undo a CREATE TABLE. It can.
        environment.configure(
            connection=connection, target_metadata=metadata, transactional_ddl=True, fn=steps
        )
        environment.run_migrations()
    searching.help_searching(connection)
    if connection.dialect.name == "sqlite":
        statistics.tell(connection)
    return missing


async def _with_connection(url: str, work: Callable[[Connection], R]) -> R:
    place = parse(url)
    try:
        if isinstance(place, SqliteFile):
            place.make()
            return await asyncio.to_thread(_sqlite, place, work)
        return await _postgres(place.url, work)
    except RevisionError as error:
        raise StoreUnavailable(f"the database was migrated by a newer version: {error}") from error
    except (
        SQLAlchemyError,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        OSError,
        TimeoutError,
    ) as error:
        # The driver's own words: SQLAlchemy's add the statement and a link.
        reason = getattr(error, "orig", None) or error
        raise StoreUnavailable(f"{place.name}: {reason}") from error


def _sqlite(place: SqliteFile, work: Callable[[Connection], R]) -> R:
    engine = create_engine(
        f"sqlite:///{place.path}", poolclass=NullPool, connect_args={"timeout": BUSY_S}
    )

    # The driver's own transactions leave out DDL: they are switched off, and BEGIN is ours.
    @event.listens_for(engine, "connect")
    def _connect(raw: Any, _record: Any) -> None:
        raw.isolation_level = None

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        firm.make_firm(place.path)

    try:
        with engine.begin() as connection:
            return work(connection)
    finally:
        engine.dispose()


async def _postgres(url: str, work: Callable[[Connection], R]) -> R:
    async def connect() -> asyncpg.Connection:
        return await asyncpg.connect(
            url, timeout=CONNECT_S
        )  # the URL means the same as to the store

    engine = create_async_engine("postgresql+asyncpg://", poolclass=NullPool, async_creator=connect)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()
