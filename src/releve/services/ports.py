"""What services need from outside, as protocols. Storage, bus and gateway provide them; `app.py` ties them together.

Awaiting: handlers are driven without an asyncio Task (one per message would cost more than the message). An
implementation of these ports may therefore suspend only on a future or on something that it runs in a task of its
own; `asyncio.timeout`, `current_task` and the like do not work directly below a handler.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

import msgspec

from releve.domain.anomaly import Anomaly, AnomalyKind
from releve.domain.commands import Command, Outcome, VariableName
from releve.domain.events import Event
from releve.domain.ids import (
    AnomalyId,
    ApiKeyId,
    OperatorId,
    StationId,
    TokenId,
    TransactionId,
    UserId,
)
from releve.domain.ledger import Point
from releve.domain.meter import MeterSample
from releve.domain.station import Connectivity, Evse, Station
from releve.domain.token import IdToken, Token
from releve.domain.transaction import Transaction, TransactionFact

if TYPE_CHECKING:
    from releve.services.live import LiveStation


class StoreFailed(Exception):
    """The store could not keep what it was given. The reason is for the log and `/readyz`, never for a station."""


class Unstorable(StoreFailed):
    """What was given can never be stored (a number beyond 63 bits): to try again would fail again."""


class Conflict(Exception):
    """A unique key is taken already. `what` names it in an operator's words."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, aware, UTC."""

    def monotonic(self) -> float:
        """Seconds that never go back; only differences mean something."""


class Ids(Protocol):
    def next(self) -> int:
        """A new row id: positive, 63 bits, growing, unique among all processes on this store."""

    def number(self) -> int:
        """A random positive 31-bit number, for 1.6 transaction ids and remoteStartId."""

    def secret(self, length: int) -> str:
        """`length` random characters from a-z, A-Z, 0-9, for passwords and keys."""


# --- the unit of work -------------------------------------------------------------------------------------------


class Stations(Protocol):
    async def get(self, station: StationId) -> Station | None: ...
    async def find(
        self, identity: str
    ) -> Station | None: ...  # exact first, then ignoring case when just one matches
    def add(self, station: Station) -> None: ...  # Conflict at commit when the identity is taken
    def save(self, station: Station) -> None: ...  # all columns of an existing row
    def remove(self, station: StationId) -> None: ...
    def connected(
        self, station: StationId, epoch: int, at: datetime, peer: str, version: str
    ) -> None: ...
    def disconnected(
        self, station: StationId, epoch: int, at: datetime
    ) -> None: ...  # not if another epoch
    def heard(self, seen: Sequence[tuple[StationId, datetime]]) -> None: ...  # last_heard_at, bulk
    async def evses(self, station: StationId) -> list[Evse]: ...
    def save_evse(
        self, station: StationId, evse: Evse
    ) -> None: ...  # upsert by (station, evse, connector)


class Tokens(Protocol):
    async def get(self, token: TokenId) -> Token | None: ...
    async def find(self, presented: IdToken) -> Token | None: ...

    """By casefolded value; by type too when several share the value. May be served from a cache that every change
    made through this port invalidates."""

    def add(self, token: Token) -> None: ...
    def save(self, token: Token) -> None: ...
    def remove(self, token: TokenId) -> None: ...


class Transactions(Protocol):
    async def get(self, transaction: TransactionId) -> Transaction | None: ...
    async def find(self, station: StationId, reference: str) -> Transaction | None: ...
    async def find_start(
        self, station: StationId, start_key: str
    ) -> Transaction | None: ...  # latest with that key
    async def live(self, station: StationId) -> list[Transaction]: ...

    """Active and presumed-ended ones, and those ended in the last day (at most 50), oldest first."""

    async def active_with(
        self, token: IdToken
    ) -> list[Transaction]: ...  # active, any station of the operator
    async def last_ended(self, station: StationId, evse: int) -> Transaction | None: ...
    async def unfinished(
        self, before: datetime
    ) -> list[Transaction]: ...  # ended but not complete, ended_at < before
    def add(self, transaction: Transaction) -> None: ...
    def save(self, transaction: Transaction) -> None: ...

    """Replace the derived columns of an existing row. Several saves of one row in a batch collapse to the last."""

    async def facts(
        self, transaction: TransactionId
    ) -> list[TransactionFact]: ...  # by seq_no, then received_at
    def add_fact(
        self, fact: TransactionFact
    ) -> None: ...  # ignored when (transaction, seq_no, digest) exists


class Samples(Protocol):
    def add(
        self,
        station: StationId,
        evse: int,
        transaction: TransactionId | None,
        sample: MeterSample,
        received_at: datetime,
        digest: int,
    ) -> None: ...

    """Ignored when (station, evse, sample.at, digest) exists: a replay. digest: 63-bit hash of its readings."""

    async def registers(
        self, transaction: TransactionId
    ) -> list[Point]: ...  # energy_wh not None, by time


class Anomalies(Protocol):
    def add(self, anomaly: Anomaly) -> None: ...
    async def get(self, anomaly: AnomalyId) -> Anomaly | None: ...
    def save(self, anomaly: Anomaly) -> None: ...
    async def open(
        self, station: StationId, kind: AnomalyKind, transaction: TransactionId | None
    ) -> Anomaly | None: ...
    async def open_of(self, transaction: TransactionId) -> list[Anomaly]: ...


class Variable(msgspec.Struct, frozen=True, kw_only=True):
    """A variable as last reported by the station."""

    name: VariableName
    value: str | None = None
    mutability: str = ""
    """ReadOnly, WriteOnly, ReadWrite, or empty when not told."""
    data_type: str = ""
    unit: str = ""
    values_list: str = ""
    reported_at: datetime


class Variables(Protocol):
    async def all(self, station: StationId) -> list[Variable]: ...
    async def get(self, station: StationId, names: Sequence[VariableName]) -> list[Variable]: ...
    def save(self, station: StationId, variables: Sequence[Variable]) -> None: ...  # upsert by name


class User(msgspec.Struct, frozen=True, kw_only=True):
    id: UserId
    operator: OperatorId
    name: str
    password: str
    """Argon2id hash."""
    role: str = "admin"
    """admin (everything), operator (see and control), viewer (see)."""
    language: str = ""
    disabled: bool = False
    created_at: datetime


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """A browser's session. `digest`: SHA-256 of the cookie's secret, hex."""

    digest: str
    user: UserId
    operator: OperatorId
    created_at: datetime
    expires_at: datetime


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """`digest`: SHA-256 of the key, hex. scopes: read, control, admin."""

    id: ApiKeyId
    operator: OperatorId
    name: str
    digest: str
    hint: str
    """The key's first characters, to tell keys apart in lists."""
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None = None


class Access(Protocol):
    async def user(self, user: UserId) -> User | None: ...
    async def user_named(
        self, name: str
    ) -> User | None: ...  # any operator: names are unique in the install
    async def users(self) -> list[User]: ...
    def add_user(self, user: User) -> None: ...
    def save_user(self, user: User) -> None: ...
    def remove_user(self, user: UserId) -> None: ...
    async def sign_in(self, digest: str) -> SignIn | None: ...  # any operator: the result names it
    def add_sign_in(self, sign_in: SignIn) -> None: ...
    def end_sign_in(self, digest: str) -> None: ...
    def end_sign_ins_of(self, user: UserId) -> None: ...
    async def api_key(self, digest: str) -> ApiKey | None: ...  # any operator: the result names it
    async def api_keys(self) -> list[ApiKey]: ...
    def add_api_key(self, key: ApiKey) -> None: ...
    def remove_api_key(self, key: ApiKeyId) -> None: ...


class Work(Protocol):
    """A unit of work, bound to one operator. Reads are awaited. Writes are collected and applied in order, all or none,
    by the commit that leaving the `async with` block waits for; many units share one database transaction and one
    flush to disk. An exception inside the block discards the writes."""

    operator: OperatorId
    stations: Stations
    tokens: Tokens
    transactions: Transactions
    samples: Samples
    anomalies: Anomalies
    variables: Variables
    access: Access

    def announce(self, event: Event) -> None:
        """Publish once the commit is on disk; durable events are written to the outbox by the same commit."""

    def wants(self, kind: type[Event]) -> bool:
        """Whether announcing such an event now serves anyone: one that is not durable needs a listener."""

    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Raises Conflict for a taken key, StoreFailed when the store could not keep it."""


class Exchange(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One line of a station's message log: a call and what came of it, either direction."""

    station: StationId
    operator: OperatorId
    at: datetime
    inbound: bool
    """The station called us."""
    action: str
    message_id: str
    request: str
    """Payload as JSON text; secrets already masked."""
    response: str = ""
    """Payload of the answer, or of the error's details."""
    outcome: str = "answered"
    """answered, error, timeout, malformed, dropped, send."""
    error: str = ""
    """Code and description of an error, or the notes of what was tolerated."""
    duration_ms: float | None = None


class Store(Protocol):
    def work(self, operator: OperatorId) -> Work: ...

    def log(self, exchange: Exchange) -> None:
        """Append to the message log with one of the next commits. Never waits, never fails; counted when dropped."""

    async def locate(self, operator: str | None, identity: str) -> Station | None:
        """The station that knocks under `identity`; operator None: the default one. The only unbound query."""

    async def operators(self) -> list[OperatorId]:
        """All operators, for chores that go through each one's rows."""

    async def everyone_unknown(self, at: datetime) -> int:
        """At start: stations marked online become UNKNOWN since then; number of them."""

    async def healthy(self) -> str | None:
        """None, or in words why nothing can be stored now."""


# --- the bus and the door ---------------------------------------------------------------------------------------


class Announced(msgspec.Struct, frozen=True, gc=False):
    """An event on the bus. id: its place in the outbox, growing; None for events that are not durable."""

    id: int | None
    event: Event


class Feed(Protocol):
    """Live events for one listener."""

    def listen(
        self,
        operator: OperatorId,
        *,
        topics: frozenset[str] = frozenset(),
        after: int | None = None,
    ) -> AsyncIterator[Announced]:
        """Events as they happen; first those durable ones after the given outbox id. topics empty: all. A listener that
        does not keep up loses non-durable events first, and is closed when it lost a durable one (it resumes by id)."""


class Caller(Protocol):
    """Calls to stations, wherever they are connected. Never raises for what a station does: see `Outcome`."""

    async def perform(
        self, station: StationId, command: Command, *, timeout: float | None = None
    ) -> Outcome: ...

    async def call(
        self,
        station: StationId,
        action: str,
        payload: dict[str, Any],
        *,
        timeout: float | None = None,
        checked: bool = True,
    ) -> Outcome:
        """Send any action with any payload of the station's version, as it is (wire names). checked: a payload that
        breaks the version's schema is not sent."""

    async def disconnect(self, station: StationId, reason: str) -> bool:
        """Close its connection; False when there was none."""


class Presence(Protocol):
    """What only the process that holds the connections knows."""

    def connectivity(
        self, station: StationId
    ) -> Connectivity | None: ...  # None: not known here, ask the row
    def heard_at(self, station: StationId) -> datetime | None: ...
    def connected(self) -> int: ...
    def live(
        self, station: StationId
    ) -> LiveStation | None: ...  # the live state, while it is connected here
