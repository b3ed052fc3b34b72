"""The unit of work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from releve.domain.events import Event
from releve.domain.ids import OperatorId
from releve.services.ports import (
    Access,
    Announced,
    Anomalies,
    Checks,
    Clock,
    Documents,
    Files,
    Holdings,
    OperationRows,
    Payments,
    ReservationRows,
    Samples,
    SecurityEvents,
    StationCertificates,
    StationEventRows,
    Stations,
    Tokens,
    Transactions,
    Variables,
)
from releve.storage.backend import Backend
from releve.storage.committer import Committer
from releve.storage.repositories.access import StoredAccess
from releve.storage.repositories.anomalies import StoredAnomalies
from releve.storage.repositories.base import Repository
from releve.storage.repositories.checks import StoredChecks
from releve.storage.repositories.events import StoredEvents
from releve.storage.repositories.files import StoredFiles
from releve.storage.repositories.kept import StoredDocuments, StoredHoldings
from releve.storage.repositories.operations import StoredOperations
from releve.storage.repositories.payments import StoredPayments
from releve.storage.repositories.reservations import StoredReservations
from releve.storage.repositories.samples import StoredSamples
from releve.storage.repositories.security import StoredSecurityEvents, StoredStationCertificates
from releve.storage.repositories.stations import StoredStations
from releve.storage.repositories.tokens import StoredTokens
from releve.storage.repositories.transactions import StoredTransactions
from releve.storage.repositories.variables import StoredVariables
from releve.storage.token_cache import TokenCache
from releve.storage.unit import BASE_BYTES, Unit

_REPOSITORIES: dict[str, type[Repository]] = {
    "access": StoredAccess,
    "anomalies": StoredAnomalies,
    "checks": StoredChecks,
    "documents": StoredDocuments,
    "events": StoredEvents,
    "files": StoredFiles,
    "holdings": StoredHoldings,
    "operations": StoredOperations,
    "reservations": StoredReservations,
    "payments": StoredPayments,
    "samples": StoredSamples,
    "security_events": StoredSecurityEvents,
    "station_certificates": StoredStationCertificates,
    "stations": StoredStations,
    "tokens": StoredTokens,
    "transactions": StoredTransactions,
    "variables": StoredVariables,
}


class Spans:
    """Which spans (`tables.sample_spans`) are known to be on disk. Forgets all when there are many: only a saving."""

    def __init__(self, limit: int = 200_000) -> None:
        self._known: set[tuple[int, ...]] = set()
        self._limit = limit

    def __contains__(self, span: tuple[int, ...]) -> bool:
        return span in self._known

    def add(self, span: tuple[int, ...]) -> None:
        """Note one that was committed."""
        if len(self._known) >= self._limit:
            self._known.clear()
        self._known.add(span)


@dataclass(slots=True)
class Shared:
    """What all units of one store share."""

    backend: Backend
    committer: Committer
    clock: Clock
    tokens: TokenCache
    listened: Callable[[OperatorId], bool]
    """Whether anyone listens to an operator's events now."""
    spans: Spans = field(default_factory=Spans)


class StoredWork:
    """Implements `services.ports.Work`. Repositories are made when they are first asked for: most units need two."""

    __slots__ = ("_shared", "_unit", "operator", *_REPOSITORIES)

    operator: OperatorId
    access: Access
    anomalies: Anomalies
    checks: Checks
    documents: Documents
    payments: Payments
    events: StationEventRows
    files: Files
    holdings: Holdings
    operations: OperationRows
    reservations: ReservationRows
    samples: Samples
    security_events: SecurityEvents
    station_certificates: StationCertificates
    stations: Stations
    tokens: Tokens
    transactions: Transactions
    variables: Variables

    def __init__(self, operator: OperatorId, shared: Shared) -> None:
        self.operator = operator
        self._shared = shared
        self._unit = Unit()

    def __getattr__(self, name: str) -> Any:
        """Called for a slot that is not filled yet."""
        kind = _REPOSITORIES.get(name)
        if kind is None:
            raise AttributeError(name)
        repository = kind(self.operator, self._unit, self._shared)
        setattr(self, name, repository)
        return repository

    def announce(self, event: Event) -> None:
        """Publish once the commit is on disk; a durable event is part of the commit."""
        if event.operator != self.operator:
            raise ValueError(f"operator {event.operator} in a unit of work of {self.operator}")
        self._unit.events.append(event)
        if event.durable:
            self._unit.weight += BASE_BYTES

    def wants(self, kind: type[Event]) -> bool:
        """Whether announcing such an event now serves anyone: one that is not durable needs a listener."""
        return kind.durable or self._shared.listened(self.operator)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wait until the writes are on disk. Conflict for a taken key, StoreFailed when they could not be kept.

        Cancelling the wait does not take the writes back.
        """
        unit = self._unit
        if kind is not None:
            return
        if not unit.items and not any(event.durable for event in unit.events):
            self._shared.committer.tell([Announced(None, event) for event in unit.events])
            return
        await self._shared.committer.submit(unit)
        if unit.failure is not None:
            raise unit.failure
