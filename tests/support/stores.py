"""Stores to test with: opened, emptied, and filled with values that say no more than a test needs."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from releve import storage
from releve.domain.anomaly import Anomaly, AnomalyKind
from releve.domain.events import MeterSampled, StationChanged
from releve.domain.ids import (
    DEFAULT_OPERATOR,
    AnomalyId,
    ApiKeyId,
    OperatorId,
    StationId,
    TokenId,
    TransactionId,
    UserId,
)
from releve.domain.meter import ENERGY_IMPORT, POWER_IMPORT, MeterSample, Reading, summarise
from releve.domain.station import Station
from releve.domain.token import Token
from releve.domain.transaction import EventKind, Transaction, TransactionFact
from releve.services.ports import Announced, ApiKey, Exchange, SignIn, User
from releve.storage.tables import metadata

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ONE, TWO = DEFAULT_OPERATOR, OperatorId(2)
_ids = itertools.count(1_000)


class TurnedClock:
    """A clock that a test turns by hand."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at
        self.seconds = 0.0

    def now(self) -> datetime:
        """The time that was set."""
        return self.at

    def monotonic(self) -> float:
        """Seconds that were let pass."""
        return self.seconds

    def turn(self, seconds: float) -> None:
        """Let time pass."""
        self.at += timedelta(seconds=seconds)
        self.seconds += seconds


class Heard:
    """A bus that remembers what was published."""

    def __init__(self) -> None:
        self.announced: list[Announced] = []

    def publish(self, announced: Sequence[Announced]) -> None:
        """Remember."""
        self.announced += announced

    def listened(self, operator: OperatorId) -> bool:
        """Always: everything is to be remembered."""
        return True

    @property
    def ids(self) -> list[int | None]:
        """Places of what was heard."""
        return [one.id for one in self.announced]


@asynccontextmanager
async def opened(url: str, **options: Any) -> AsyncIterator[storage.SqlStore]:
    """A store on a migrated database."""
    options = {"clock": TurnedClock(), "bus": Heard(), **options}
    store = await storage.open_store(url, **options)
    try:
        yield store
    finally:
        await store.close()


async def emptied(url: str) -> str:
    """A migrated PostgreSQL database without rows but the default operator."""
    await storage.migrate(url)
    connection = await asyncpg.connect(url)
    try:
        # For tables of some rows DELETE takes a tenth of the time of TRUNCATE.
        tables = [
            table.name for table in reversed(metadata.sorted_tables) if table.name != "operators"
        ]
        await connection.execute("; ".join(f"DELETE FROM {name}" for name in tables))
        await connection.execute("DELETE FROM operators WHERE id <> 1")
    finally:
        await connection.close()
    return url


def is_postgres(url: str) -> bool:
    """Which database it is."""
    return urlsplit(url).scheme.startswith("postgres")


def station(identity: str = "CP-1", operator: OperatorId = ONE, **about: Any) -> Station:
    """A station."""
    number = StationId(next(_ids))
    return Station(id=number, operator=operator, identity=identity, created_at=NOW, **about)


def token(value: str = "ADA", operator: OperatorId = ONE, **about: Any) -> Token:
    """A token."""
    number = TokenId(next(_ids))
    return Token(id=number, operator=operator, value=value, created_at=NOW, **about)


def transaction(at: StationId, reference: str = "1", **about: Any) -> Transaction:
    """A transaction that began now, unless told."""
    begun = {"operator": ONE, "received_at": NOW, "started_at": NOW, **about}
    return Transaction(id=TransactionId(next(_ids)), station=at, reference=reference, **begun)


def fact(
    of: Transaction, seq_no: int | None = 0, digest: str = "d", **about: Any
) -> TransactionFact:
    """An update of a transaction."""
    told = {"at": NOW, "received_at": NOW, "raw": '{"a": 1}', "kind": EventKind.UPDATED, **about}
    return TransactionFact(
        transaction=of.id,
        operator=of.operator,
        station=of.station,
        seq_no=seq_no,
        digest=digest,
        **told,
    )


def sample(
    at: datetime = NOW, energy_wh: float | None = 1000.0, power_w: float = 7000.0
) -> MeterSample:
    """A sample of energy and power."""
    readings = [Reading(POWER_IMPORT, power_w, "W")]
    if energy_wh is not None:
        readings.append(Reading(ENERGY_IMPORT, energy_wh, "Wh"))
    return summarise(at, tuple(readings))


def anomaly(at: StationId, **about: Any) -> Anomaly:
    """An anomaly."""
    told = {"operator": ONE, "kind": AnomalyKind.METER_GAP, "seen_at": NOW, **about}
    return Anomaly(id=AnomalyId(next(_ids)), station=at, **told)


def user(name: str = "ada", operator: OperatorId = ONE, **about: Any) -> User:
    """A user."""
    number = UserId(next(_ids))
    return User(id=number, operator=operator, name=name, password="hash", created_at=NOW, **about)


def sign_in(of: User, digest: str = "cookie") -> SignIn:
    """A sign-in for a day."""
    return SignIn(
        digest=digest,
        user=of.id,
        operator=of.operator,
        created_at=NOW,
        expires_at=NOW + timedelta(days=1),
    )


def api_key(digest: str = "key", operator: OperatorId = ONE) -> ApiKey:
    """A key that may read."""
    number = ApiKeyId(next(_ids))
    return ApiKey(
        id=number,
        operator=operator,
        name="k",
        digest=digest,
        hint="rlv",
        scopes=("read", "control"),
        created_at=NOW,
    )


def exchange(of: StationId, **about: Any) -> Exchange:
    """A heartbeat that was answered."""
    told = {
        "operator": ONE,
        "at": NOW,
        "inbound": True,
        "action": "Heartbeat",
        "message_id": "m1",
        "request": "{}",
        "response": '{"currentTime":"x"}',
        **about,
    }
    return Exchange(station=of, **told)


def changed(of: Station, what: str = "name") -> StationChanged:
    """A durable event."""
    return StationChanged(
        operator=of.operator, station=of.id, identity=of.identity, at=NOW, what=(what,)
    )


def sampled(of: Station) -> MeterSampled:
    """An event that is not durable."""
    return MeterSampled(
        operator=of.operator, station=of.id, identity=of.identity, at=NOW, evse=1, sampled_at=NOW
    )
