"""Transactions and the facts they are derived from."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter

from sqlalchemy import func, select

from releve.domain.ids import StationId, TransactionId
from releve.domain.token import IdToken
from releve.domain.transaction import Transaction, TransactionFact, TransactionState
from releve.storage.mapping import Mapper, clean
from releve.storage.queries import Query, value
from releve.storage.repositories.base import Repository
from releve.storage.tables import NONE, facts, transactions
from releve.storage.tables.charging import ACTIVE, LIMITED, OPEN, PRESUMED, UNFINISHED
from releve.storage.times import DAY_US, micros
from releve.storage.unit import BASE_BYTES
from releve.storage.writes import Row, Value, insert, insert_new, update

TRANSACTION = Mapper(Transaction)
FACT = Mapper(TransactionFact, absent={"seq_no": NONE})
_DERIVED = ("sorted_at", "token_key")
_COLUMNS = (*TRANSACTION.columns, *_DERIVED)
_OWN = ("id", "operator_id")
_MOVING = (
    "charging",
    "offline",
    "meter_last_wh",
    "meter_last_at",
    "energy_wh",
    "power_w",
    "soc_pct",
)
"""What a meter value changes of its transaction. No index has any of them."""
_SAVED = (*_OWN, *(name for name in _COLUMNS if name not in (*_OWN, "station_id")))
_PLACES = tuple(_COLUMNS.index(name) for name in _SAVED)
_SHORT = Mapper(
    Transaction, leave=[f for f in TRANSACTION.fields if f not in ("id", "operator", *_MOVING)]
)
RECENT_LIMIT = 50
OPEN_LIMIT = 200


def _row(transaction: Transaction) -> Row:
    known = transaction.started_at or transaction.received_at
    token = transaction.token
    key = None if token is None else clean(token.casefold())
    return (*TRANSACTION.encode(transaction), micros(known), key)


def _saved(transaction: Transaction) -> Row:
    row = _row(transaction)
    return tuple([row[place] for place in _PLACES])


SAVE = update(
    transactions,
    _OWN,
    _SAVED[2:],
    saved=Value(
        whole=_saved,
        write=update(transactions, _OWN, _SHORT.columns[2:]),
        short=_SHORT.encode,
        rest=attrgetter(*(name for name in TRANSACTION.fields if name not in _MOVING)),
    ),
)
ADD = insert(transactions, _COLUMNS)
ADD_FACT = insert_new(facts, FACT.columns)

t = transactions.c
_TRANSACTIONS = select(*(t[name] for name in TRANSACTION.columns)).where(
    t.operator_id == value("operator")
)
_AT_STATION = _TRANSACTIONS.where(t.station_id == value("station"))
_NEWEST = (t.sorted_at.desc(), t.id.desc())
GET = Query(_TRANSACTIONS.where(t.id == value("transaction")))
FIND = Query(_AT_STATION.where(t.reference == value("reference")))
FIND_START = Query(_AT_STATION.where(t.start_key == value("start_key")).order_by(*_NEWEST).limit(1))
STILL_OPEN = Query(_AT_STATION.where(OPEN).order_by(*_NEWEST).limit(OPEN_LIMIT))
RECENT = Query(
    _AT_STATION.where(t.state == TransactionState.ENDED.value, t.ended_at >= value("since"))
    .order_by(t.ended_at.desc(), t.id.desc())
    .limit(RECENT_LIMIT)
)
ACTIVE_WITH = Query(
    _TRANSACTIONS.where(ACTIVE, t.token_key == value("key")).order_by(t.sorted_at, t.id)
)
LAST_ENDED = Query(
    _AT_STATION.where(
        t.evse == value("evse"), t.state != TransactionState.ACTIVE.value, t.ended_at.is_not(None)
    )
    .order_by(t.ended_at.desc(), t.id.desc())
    .limit(1)
)
UNFINISHED_ONES = Query(
    _TRANSACTIONS.where(UNFINISHED, t.ended_at < value("before"))
    .order_by(t.ended_at, t.id)
    .limit(1000)
)
LIMITED_ONES = Query(_TRANSACTIONS.where(LIMITED).order_by(t.id).limit(10_000))
PRESUMED_ONES = Query(
    _TRANSACTIONS.where(PRESUMED).order_by(t.sorted_at.desc(), t.id.desc()).limit(1000)
)
SILENT_ONES = Query(
    _TRANSACTIONS.where(ACTIVE, func.coalesce(t.meter_last_at, t.sorted_at) < value("before"))
    .order_by(t.sorted_at.desc(), t.id.desc())
    .limit(500)
)
FACTS = Query(
    select(*(facts.c[name] for name in FACT.columns))
    .where(facts.c.operator_id == value("operator"), facts.c.transaction_id == value("transaction"))
    .order_by(facts.c.seq_no, facts.c.received_at, facts.c.at)
)


class StoredTransactions(Repository):
    """Implements `services.ports.Transactions`."""

    __slots__ = ()

    async def get(self, transaction: TransactionId) -> Transaction | None:
        """The transaction with this row id."""
        return await self._one(GET, transaction=transaction)

    async def find(self, station: StationId, reference: str) -> Transaction | None:
        """The transaction that the station calls so."""
        return await self._one(FIND, station=station, reference=clean(reference))

    async def find_start(self, station: StationId, start_key: str) -> Transaction | None:
        """The latest one that began with this start message."""
        return await self._one(FIND_START, station=station, start_key=start_key)

    async def live(self, station: StationId) -> list[Transaction]:
        """Those not ended (the latest 200), and the latest 50 that ended in the last day; oldest first."""
        since = micros(self._shared.clock.now()) - DAY_US
        found = await self._many(STILL_OPEN, station=station)
        found += await self._many(RECENT, station=station, since=since)
        return sorted(found, key=lambda one: (one.started_at or one.received_at, one.id))

    async def active_with(self, token: IdToken) -> list[Transaction]:
        """Active ones of this token's value at any station, oldest first. The type is the caller's to compare."""
        return await self._many(ACTIVE_WITH, key=clean(token.key))

    async def last_ended(self, station: StationId, evse: int) -> Transaction | None:
        """The one that ended last on this EVSE."""
        return await self._one(LAST_ENDED, station=station, evse=evse)

    async def unfinished(self, before: datetime) -> list[Transaction]:
        """Ended before then and not complete, oldest end first; at most 1000."""
        return await self._many(UNFINISHED_ONES, before=micros(before))

    async def limited(self) -> list[Transaction]:
        """Running ones that have limits; at most 10,000."""
        return await self._many(LIMITED_ONES)

    async def presumed(self) -> list[Transaction]:
        """Those presumed ended, newest first; at most 1000."""
        return await self._many(PRESUMED_ONES)

    async def silent(self, before: datetime) -> list[Transaction]:
        """Active ones without a reading since then, newest first; at most 500."""
        return await self._many(SILENT_ONES, before=micros(before))

    def add(self, transaction: Transaction) -> None:
        """Add one. Conflict at commit when the station has one of this reference."""
        self._own(transaction.operator)
        self._unit.write(ADD, _row(transaction), transaction.id)

    def save(self, transaction: Transaction) -> None:
        """Replace the derived columns: all but id, operator and station. The last save in a batch counts."""
        self._own(transaction.operator)
        self._unit.write(SAVE, transaction, transaction.id)

    async def facts(self, transaction: TransactionId) -> list[TransactionFact]:
        """By sequence number (those without first), then by receipt."""
        rows = await self._rows(FACTS, transaction=transaction)
        return [FACT.decode(row) for row in rows]

    def add_fact(self, fact: TransactionFact) -> None:
        """Append a fact; ignored when (transaction, seq_no, digest) is there already."""
        self._own(fact.operator)
        self._unit.write(ADD_FACT, FACT.encode(fact), weight=len(fact.raw) + BASE_BYTES)

    async def _one(self, query: Query, **values: object) -> Transaction | None:
        found = await self._many(query, **values)
        return found[0] if found else None

    async def _many(self, query: Query, **values: object) -> list[Transaction]:
        found = [TRANSACTION.decode(row) for row in await self._rows(query, **values)]
        for transaction in found:
            # Another node may have written it since this one did.
            self._shared.backend.kept.forget(transaction.id)
        return found
