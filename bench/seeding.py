"""Large databases, made by the database itself: one statement a table, no row passes through Python.

What is in them has the shape of a network's years: each station has two EVSEs, transactions run evenly over
`YEARS` up to now, the newest few thousand are active, one in ten thousand is presumed ended, one in twenty thousand is
held. Numbers are drawn by multiplication with a large prime, so that two seeds of one size are the same.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import asyncpg
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, DropIndex

from releve import storage
from releve.storage.tables import metadata, transactions

YEARS = 2
TOKENS = 50_000
ACTIVE = 5_000
YEAR_US = 365 * 86_400_000_000
SESSION_US = 3_600_000_000
STEP = 1_000_000
"""Transactions made by one statement."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Size:
    """How many rows."""

    stations: int = 100_000
    transactions: int = 10_000_000


def identity(number: int) -> str:
    """The identity of a seeded station, 0 to `stations` - 1."""
    return f"SEED-{number:07d}"


def token(number: int) -> str:
    """The value of a seeded token, 0 to `TOKENS` - 1."""
    return f"CARD{number:07d}"


def reference(number: int) -> str:
    """What the station calls seeded transaction `number`."""
    return f"tx-{number:010d}"


class Seeder:
    """Fills a migrated, empty database. Run it in one process; indexes are dropped and made again."""

    def __init__(self, url: str, size: Size, say: Say) -> None:
        self._url = url
        self._size = size
        self._say = say
        self._now_us = int(time.time() * 1_000_000)
        self._postgres = urlsplit(url).scheme.startswith("postgres")

    def run(self) -> None:
        """Migrate, fill, index, analyse."""
        asyncio.run(storage.migrate(self._url))
        execute, close = self._connection()
        try:
            for label, statements in self._work():
                begun = time.perf_counter()
                for statement in statements:
                    execute(statement)
                self._say(f"{label}: {time.perf_counter() - begun:.1f} s")
        finally:
            close()

    def _work(self) -> Iterable[tuple[str, Iterable[str]]]:
        yield "settings", self._fast()
        yield "stations", (self._stations(), self._evses(), self._tokens())
        yield "indexes dropped", self._indexes(DropIndex)
        yield "transactions", self._transactions()
        yield "indexes", self._indexes(CreateIndex)
        # SQLite has its statistics from the migration; PostgreSQL's autovacuum would come to it in a minute.
        yield "statistics", ("VACUUM (ANALYZE)",) if self._postgres else ()

    def _connection(self) -> tuple[Callable[[str], Any], Callable[[], None]]:
        if not self._postgres:
            file = sqlite3.connect(self._url.removeprefix("sqlite:///"), isolation_level=None)
            return file.execute, file.close
        runner = asyncio.Runner()
        server = runner.run(asyncpg.connect(self._url))

        def close() -> None:
            runner.run(server.close())
            runner.close()

        return lambda statement: runner.run(server.execute(statement)), close

    def _fast(self) -> tuple[str, ...]:
        """For this connection only: what a crash would destroy is made again."""
        if self._postgres:
            return (
                "SET session_replication_role = replica",  # foreign keys hold by construction
                "SET synchronous_commit = off",
                "SET maintenance_work_mem = '512MB'",
            )
        return (
            "PRAGMA synchronous = OFF",
            "PRAGMA cache_size = -524288",
            "PRAGMA temp_store = MEMORY",
        )

    def _indexes(self, what: type[CreateIndex | DropIndex]) -> Iterable[str]:
        dialect = postgresql.dialect() if self._postgres else sqlite.dialect()
        for index in sorted(transactions.indexes, key=lambda i: str(i.name)):
            yield str(what(index).compile(dialect=dialect))

    def _numbers(self, first: int, end: int) -> tuple[str, str]:
        """What a statement begins with, and where it takes `i` from."""
        if self._postgres:
            return "", f"generate_series({first}::bigint, {end - 1}::bigint) AS n(i)"
        with_ = f"WITH RECURSIVE n(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {end - 1}) "
        return with_, "n"

    def _padded(self, number: str, width: int) -> str:
        if self._postgres:
            return f"lpad(({number})::text, {width}, '0')"
        return f"printf('%0{width}d', {number})"

    def _insert(self, table: Table | str, values: dict[str, str], first: int, end: int) -> str:
        begin, source = self._numbers(first, end)
        names = ", ".join(f'"{name}"' for name in values)
        return f"{begin}INSERT INTO {table} ({names}) SELECT {', '.join(values.values())} FROM {source}"

    def _stations(self) -> str:
        name = "'SEED-' || " + self._padded("i", 7)
        key = "'seed-' || " + self._padded("i", 7)
        city = "'site ' || (i % 997)"
        values = {
            "id": "1000 + i",
            "operator_id": "1",
            "identity": name,
            "identity_key": key,
            "name": f"'Station ' || {self._padded('i', 7)}",
            "site": city,
            "boot": "'accepted'",
            "version": "'ocpp1.6'",
            "vendor": "'Voltanova'",
            "model": "'VN-2'",
            "security_profile": "1",
            "registered": "TRUE",
            "created_at": str(self._now_us - YEARS * YEAR_US),
            "search": f"{key} || ' station ' || {city} || ' voltanova vn-2'",
            "online_state": "CASE WHEN i % 50 = 0 THEN 'offline' ELSE 'online' END",
            "last_heard_at": str(self._now_us),
        }
        return self._insert("stations", values, 0, self._size.stations)

    def _evses(self) -> str:
        values = {
            "operator_id": "1",
            "station_id": "1000 + i / 2",
            "evse": "1 + i % 2",
            "connector": "1",
            "status": "CASE WHEN i % 4001 = 0 THEN 'Faulted' WHEN i % 10 = 0 THEN 'Occupied' ELSE 'Available' END",
            "charging": "CASE WHEN i % 10 = 0 THEN 'Charging' END",
            "received_at": str(self._now_us),
        }
        return self._insert("evses", values, 0, 2 * self._size.stations)

    def _tokens(self) -> str:
        values = {
            "id": "1 + i",
            "operator_id": "1",
            "value": "'CARD' || " + self._padded("i", 7),
            "value_key": "'card' || " + self._padded("i", 7),
            "type": "'ISO14443'",
            "type_key": "'ISO14443'",
            "label": "'Driver ' || i",
            "created_at": str(self._now_us - YEARS * YEAR_US),
            "search": "'card' || " + self._padded("i", 7) + " || ' driver ' || i",
        }
        return self._insert("tokens", values, 0, TOKENS)

    def _transactions(self) -> Iterable[str]:
        total = self._size.transactions
        for first in range(0, total, STEP):
            yield self._insert("transactions", self._transaction(), first, min(first + STEP, total))

    def _transaction(self) -> dict[str, str]:
        total = self._size.transactions
        span_us = YEARS * YEAR_US - SESSION_US
        begun = f"({self._now_us - YEARS * YEAR_US} + i * {max(1, span_us // total)})"
        ended = f"i < {total - min(ACTIVE, total // 4)}"
        card = self._padded(f"(i * 2654435761) % {TOKENS}", 7)
        return {
            "id": "1000000 + i",
            "operator_id": "1",
            "station_id": f"1000 + (i * 2654435789) % {self._size.stations}",
            "reference": "'tx-' || " + self._padded("i", 10),
            "evse": "1 + i % 2",
            "connector": "1",
            "token": f"'CARD' || {card}",
            "token_key": f"'card' || {card}",
            "token_type": "'ISO14443'",
            "verdict": "'accepted'",
            "state": f"CASE WHEN {ended} THEN CASE WHEN i % 10007 = 0 THEN 'presumed-ended'"
            " ELSE 'ended' END ELSE 'active' END",
            "started_at": begun,
            "ended_at": f"CASE WHEN {ended} THEN {begun} + {SESSION_US} END",
            "received_at": begun,
            "stop_reason": f"CASE WHEN {ended} THEN 'Local' END",
            "meter_start_wh": "i % 1000000",
            "meter_last_wh": "i % 1000000 + 11000",
            "meter_last_at": f"{begun} + {SESSION_US}",
            "meter_stop_wh": f"CASE WHEN {ended} THEN i % 1000000 + 11000 END",
            "energy_wh": "11000",
            "held": "i % 20011 = 0",
            "complete": ended,
            "sorted_at": begun,
        }


def rows(url: str) -> dict[str, int]:
    """How many rows the large tables have."""
    found: dict[str, int] = {}
    for name in ("stations", "transactions"):
        assert name in metadata.tables
        found[name] = _count(url, name)
    return found


def _count(url: str, table: str) -> int:
    if urlsplit(url).scheme.startswith("postgres"):
        return asyncio.run(_count_there(url, table))
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    try:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    finally:
        connection.close()


async def _count_there(url: str, table: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval(f"SELECT count(*) FROM {table}"))
    finally:
        await connection.close()
