"""The unit of work, the message log, and the store that makes both."""

from __future__ import annotations

from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

import msgspec

from releve.domain.events import Event
from releve.domain.ids import OperatorId, StationId
from releve.domain.station import Station
from releve.services.ports.access import Access
from releve.services.ports.charging import Checks, ReservationRows
from releve.services.ports.files import Files
from releve.services.ports.kept import Documents, Holdings, OperationRows
from releve.services.ports.monitoring import StationEventRows
from releve.services.ports.payments import Payments
from releve.services.ports.rows import (
    Anomalies,
    Samples,
    Stations,
    Tokens,
    Transactions,
    Variables,
)
from releve.services.ports.security import SecurityEvents, StationCertificates


class Work(Protocol):
    """A unit of work, bound to one operator. Reads are awaited. Writes are collected and applied in order, all or none,
    by the commit that leaving the `async with` block waits for; many units share one database transaction and one
    flush to disk. An exception inside the block discards the writes."""

    operator: OperatorId
    stations: Stations
    tokens: Tokens
    transactions: Transactions
    samples: Samples
    security_events: SecurityEvents
    station_certificates: StationCertificates
    anomalies: Anomalies
    variables: Variables
    access: Access
    operations: OperationRows
    holdings: Holdings
    documents: Documents
    reservations: ReservationRows
    checks: Checks
    payments: Payments
    files: Files
    events: StationEventRows

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
