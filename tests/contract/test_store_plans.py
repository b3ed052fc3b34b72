"""Every query finds its rows by an index: tables that grow for ever are never read from end to end.

SQLite is told that its tables are large (`storage.statistics`), so its plans are those of a large database.
PostgreSQL judges by what it has; here it is forbidden to scan, and does so only where no index can help.
"""

from __future__ import annotations

import asyncio
import pkgutil
import sqlite3
from datetime import timedelta
from importlib import import_module

import asyncpg
import pytest

import releve.storage.repositories
from releve.services.views import StationFilter, TransactionFilter
from releve.storage import rollup, store
from releve.storage.catalogue import search, stations
from releve.storage.queries import POSTGRES, SQLITE, Query, once
from releve.storage.tables import metadata
from tests.support.stores import (
    NOW,
    ONE,
    anomaly,
    exchange,
    is_postgres,
    opened,
    sample,
    station,
    token,
)
from tests.support.stores import transaction as a_transaction

LARGE = {
    "anomalies",
    "file_passes",
    "files",
    "holdings",
    "message_log",
    "operation_parts",
    "operations",
    "outbox",
    "payments",
    "reservations",
    "rolled_samples",
    "sample_spans",
    "security_events",
    "station_certificates",
    "samples",
    "settlements",
    "station_events",
    "stream_values",
    "transaction_checks",
    "transaction_facts",
    "transactions",
    "variables",
}
WHOLE_OF_ONE_OPERATOR = {"stations", "evses", "tokens"}
"""Some hundred thousand rows: a part of a name has to be looked for in all of them."""
SOME = 30


async def fill(store):
    """A little of everything that lists show."""
    made = [station(f"S-{n}") for n in range(SOME)]
    store.log(exchange(made[0].id))  # it is written with the commit that follows
    async with store.work(ONE) as work:
        for one in made:
            work.stations.add(one)
            run = a_transaction(one.id, f"r-{one.id}", token=f"T-{one.id}")
            work.transactions.add(run)
            work.samples.add(one.id, 1, run.id, sample(), NOW, 1)
            work.tokens.add(token(f"T-{one.id}"))
            work.anomalies.add(anomaly(one.id))


@pytest.fixture
async def filled(store):
    """A store on each database with some rows in it."""
    await fill(store)
    return store


async def lists(catalogue, at):
    """Every way in which the catalogue is asked."""
    page = await catalogue.stations(ONE, StationFilter(), limit=10)
    for wanted in (
        StationFilter(),
        StationFilter(connectivity="offline"),
        StationFilter(connectivity="online", quarantined=None),
        StationFilter(status="Faulted"),
        StationFilter(status="Charging"),
        StationFilter(quarantined=True),
        StationFilter(search="s-1"),
    ):
        await catalogue.stations(ONE, wanted)
        await catalogue.stations(ONE, wanted, after=page.next)
    await catalogue.station(ONE, "S-1")
    await catalogue.station(ONE, at)
    page = await catalogue.transactions(ONE, TransactionFilter(), limit=10)
    some = {"station": at, "since": NOW - timedelta(days=1), "until": NOW}
    for wanted in (
        TransactionFilter(),
        TransactionFilter(station=at),
        TransactionFilter(station=at, evse=1),
        TransactionFilter(evse=9),
        TransactionFilter(token="T-1"),
        *(TransactionFilter(state=state) for state in ("active", "ended", "presumed-ended")),
        TransactionFilter(held=True),
        TransactionFilter(held=False),
        TransactionFilter(since=NOW - timedelta(days=1)),
        TransactionFilter(until=NOW),
        TransactionFilter(held=True, state="ended", **some),
        TransactionFilter(search="s-1"),
        TransactionFilter(search="s-1", state="active", **some),
        TransactionFilter(search="nothing"),
    ):
        await catalogue.transactions(ONE, wanted)
        await catalogue.transactions(ONE, wanted, after=page.next)
    await others(catalogue, at, page.items[0].id)


async def others(catalogue, at, run):
    """What is no list of stations or transactions."""
    await catalogue.transaction(ONE, run)
    await catalogue.facts(ONE, run)
    await catalogue.series(ONE, run, readings=True)
    await catalogue.station_series(ONE, at, since=NOW - timedelta(days=7))
    await catalogue.summary(ONE)
    await catalogue.tokens(ONE, search="t-1")
    await catalogue.variables(ONE, at)
    for wanted in ({}, {"station": at}, {"transaction": run}, {"kind": "flapping"}):
        for resolved in (None, False, True):
            await catalogue.anomalies(ONE, resolved=resolved, **wanted)
    await catalogue.messages(ONE, at, search="x")
    await catalogue.announced(ONE, after=0, topics=frozenset({"station"}))
    await catalogue.last_announced(ONE)


async def asked(store, monkeypatch):
    """The statements that all this makes."""
    statements = []
    select = store.backend.select

    async def noted(statement):
        statements.append(statement)
        return await select(statement)

    monkeypatch.setattr(store.backend, "select", noted)
    found = await store.catalogue.station(ONE, "S-1")
    await lists(store.catalogue, found.id)
    return statements


@pytest.mark.parametrize(("few", "many"), [(300, 3000), (0, 3000), (0, 0)])
async def test_what_pages_show_is_found_by_indexes(filled, store_url, monkeypatch, few, many):
    """few: how many make a search or a status a common one, which is met by going through a list in its order."""
    monkeypatch.setattr(search, "FEW", few)
    monkeypatch.setattr(search, "MANY", many)
    monkeypatch.setattr(stations, "RARE", few)
    statements = await asked(filled, monkeypatch)
    assert len(statements) > 100
    dialect = POSTGRES if is_postgres(store_url) else SQLITE
    wrong = await scans(store_url, [once(statement, dialect) for statement in statements])
    assert wrong == {}


def queries():
    """Every query with a fixed text, by where it stands."""
    modules = [rollup, store]
    for info in pkgutil.iter_modules(releve.storage.repositories.__path__):
        modules.append(import_module(f"releve.storage.repositories.{info.name}"))
    return {
        f"{module.__name__}.{name}": query
        for module in modules
        for name, query in vars(module).items()
        if isinstance(query, Query)
    }


async def test_what_handlers_ask_is_found_by_indexes(store_url):
    dialect = POSTGRES if is_postgres(store_url) else SQLITE
    found = queries()
    assert len(found) > 20
    wrong = await scans(store_url, [once(query.statement, dialect) for query in found.values()])
    assert wrong == {}


async def test_a_missing_index_is_noticed(filled, store_url, monkeypatch):
    statements = await asked(filled, monkeypatch)
    dialect = POSTGRES if is_postgres(store_url) else SQLITE
    texts = [once(statement, dialect) for statement in statements]
    wrong = await scans(store_url, texts, first="DROP INDEX ix_message_log_station")
    assert wrong
    assert all("message_log" in text for text in wrong)


async def test_missing_figures_are_noticed(sqlite_url, monkeypatch):
    async with opened(sqlite_url) as store:
        await fill(store)
        statements = await asked(store, monkeypatch)
    texts = [once(statement, SQLITE) for statement in statements]
    first = "DELETE FROM sqlite_stat1 WHERE idx = 'ix_transactions_named'"
    assert await scans(sqlite_url, texts, first=first)


async def scans(url, statements, first=""):
    """Texts that read a large table from end to end, or sort what they could read in order; with their plans.

    first: a statement that is taken back afterwards.
    """
    if is_postgres(url):
        return await scans_of_postgres(url, statements, first)
    return await asyncio.to_thread(scans_of_sqlite, url, statements, first)


def scans_of_sqlite(url, statements, first):
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    connection.execute("BEGIN")
    if first:
        connection.execute(first)
        connection.execute("ANALYZE sqlite_schema")  # have the figures read again
    wrong = {}
    for sql, parameters in statements:
        rows = connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)
        plan = [row[3] for row in rows]
        if any(scan_of_sqlite(step, plan) for step in plan):
            wrong[sql] = plan
    connection.execute("ROLLBACK")
    connection.close()
    return wrong


def scan_of_sqlite(step, plan):
    """Whether a step of a plan looks at all rows of a large table, or at all of an operator's transactions."""
    words = step.split()
    # OR by indexes finds all that there is, of a list of which a page is wanted, and sorts it.
    if step == "MULTI-INDEX OR":
        return True
    name = words[1].rstrip("_0123456789") if len(words) > 1 else ""
    if name in LARGE and (
        words[0] == "SCAN" or "AUTOMATIC" in words
    ):  # an index made for this once
        return True
    whole = words[0] == "SEARCH" and name == "transactions" and step.endswith("(operator_id=?)")
    # In the order of an index, a page is full soon; to be sorted, all would have to be read. Partial ones are small.
    small = any(
        f"ix_transactions_{kind} " in step for kind in ("going", "active", "held", "presumed")
    )
    return whole and not small and any("TEMP B-TREE" in one for one in plan)


async def scans_of_postgres(url, statements, first):
    connection = await asyncpg.connect(url)
    wrong = {}
    try:
        await connection.execute("BEGIN; SET LOCAL enable_seqscan = off")
        if first:
            await connection.execute(first)
        for sql, parameters in statements:
            rows = await connection.fetch(f"EXPLAIN {sql}", *parameters)
            plan = [row[0] for row in rows]
            if any(f"Seq Scan on {table}" in step for step in plan for table in LARGE):
                wrong[sql] = plan
        await connection.execute("ROLLBACK")
    finally:
        await connection.close()
    return wrong


def test_every_table_is_large_or_known_not_to_be():
    small = {"api_keys", "documents", "marks", "operators", "sign_ins", "users"}
    assert set(metadata.tables) == LARGE | WHOLE_OF_ONE_OPERATOR | small
