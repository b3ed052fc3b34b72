"""Repositories of security events and of stations' certificates."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from releve.domain.ids import SecurityEventId, StationId
from releve.domain.security import SecurityEvent, StationCertificate


class SecurityEvents(Protocol):
    """Rows of security events."""

    async def get(self, event: SecurityEventId) -> SecurityEvent | None: ...
    async def known(
        self, station: StationId, kind: str, at: datetime, info: str
    ) -> bool: ...  # the station told it already
    async def open(self, station: StationId) -> list[SecurityEvent]: ...  # alarms, newest first
    def add(self, event: SecurityEvent) -> None: ...
    def save(self, event: SecurityEvent) -> None: ...  # who acknowledged it, and when


class StationCertificates(Protocol):
    """Rows of certificates that were signed for stations."""

    async def of(self, station: StationId) -> list[StationCertificate]: ...  # newest first
    async def get(self, issuer: str, serial: str) -> StationCertificate | None: ...
    async def revoked(
        self, after: datetime
    ) -> list[tuple[str, str, datetime]]: ...  # issuer, serial, since: not yet expired
    async def ending(
        self, before: datetime
    ) -> list[StationCertificate]: ...  # active ones, soonest first
    def save(self, certificate: StationCertificate) -> None: ...  # add, or change its state
