"""The stations' books against the database, read past all of our own code."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

import asyncpg

from tests.torture.book import Book, Charge

Rows = list[tuple[Any, ...]]
HARMLESS = ("flapping", "clock-skew")
"""Anomalies that a station deserves that comes back ten times a minute with times of yesterday."""

TRANSACTIONS = (
    "SELECT s.identity, t.id, t.reference, t.state, t.energy_wh, t.meter_start_wh, t.meter_stop_wh, t.complete, t.held"
    " FROM transactions t JOIN stations s ON s.id = t.station_id"
)
FACTS = "SELECT transaction_id, kind, seq_no FROM transaction_facts"
SAMPLES = "SELECT transaction_id, at, energy_wh FROM samples"
ANOMALIES = "SELECT s.identity, a.kind, a.transaction_id FROM anomalies a JOIN stations s ON s.id = a.station_id"


async def read(url: str) -> list[Rows]:
    """The four tables of a database that nobody writes to any more; SQLite's own check of its file on the way.

    sqlite3.DatabaseError when that finds fault.
    """
    questions = (TRANSACTIONS, FACTS, SAMPLES, ANOMALIES)
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            (sound,) = connection.execute("PRAGMA integrity_check").fetchone()
            if sound != "ok":
                raise sqlite3.DatabaseError(sound)
            return [connection.execute(question).fetchall() for question in questions]
    connection = await asyncpg.connect(url)
    try:
        return [[tuple(row) for row in await connection.fetch(q)] for q in questions]
    finally:
        await connection.close()


async def audit(url: str, books: Sequence[Book]) -> list[str]:
    """Everything in which the database differs from what the stations know; empty when nothing is lost or doubled."""
    try:
        transactions, facts, samples, anomalies = await read(url)
    except sqlite3.DatabaseError as error:
        return [f"the file is damaged: {error}"]
    events: dict[int, list[tuple[str, int]]] = defaultdict(list)
    values: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for transaction, kind, seq_no in facts:
        events[transaction].append((kind, seq_no))
    for transaction, at, wh in samples:
        values[transaction].append((at, wh))
    rows = {(row[0], row[2]): row[1:] for row in transactions}
    found = [fault for book in books for fault in (f"{book.identity}: {f}" for f in book.faults)]
    known = set()
    for book in books:
        for charge in book.charges:
            known.add((book.identity, charge.reference))
            row = rows.get((book.identity, charge.reference))
            tell = _teller(found, book, charge)
            if row is None:
                tell("is not in the database")
                continue
            _compare(tell, charge, row, events[row[0]], values[row[0]])
    unknown = set(rows) - known
    found += [f"{who} {name}: no station knows this transaction" for who, name in sorted(unknown)]
    found += [f"{who}: anomaly {kind}" for who, kind, _ in anomalies if kind not in HARMLESS]
    return found


def _teller(found: list[str], book: Book, charge: Charge) -> Callable[[str], None]:
    return lambda text: found.append(f"{book.identity} {charge.reference}: {text}")


def _compare(
    tell: Callable[[str], None],
    charge: Charge,
    row: Sequence[Any],
    events: list[tuple[str, int]],
    values: list[tuple[int, float]],
) -> None:
    """One ended transaction: nothing missing, nothing twice, and the energy right."""
    _, _, state, energy_wh, start_wh, stop_wh, complete, held = row
    _differences(tell, "event", charge.events, events)
    _differences(tell, "meter value", charge.samples, values)
    if charge.ended_wh is None:
        return
    expected = charge.ended_wh - charge.begun_wh
    if state != "ended" or not complete or held:
        tell(f"is {state}, complete {bool(complete)}, held {bool(held)}")
    if (start_wh, stop_wh, energy_wh) != (charge.begun_wh, charge.ended_wh, expected):
        tell(f"amounts to {energy_wh} Wh ({start_wh} to {stop_wh}) instead of {expected} Wh")


def _differences(tell: Callable[[str], None], what: str, told: set[Any], found: list[Any]) -> None:
    counted = Counter(found)
    for one in sorted(told - counted.keys()):
        tell(f"acknowledged {what} {one} is lost")
    for one, times in sorted(counted.items()):
        if times > 1:
            tell(f"{what} {one} is there {times} times")
        elif one not in told:
            tell(f"{what} {one} was never sent")
