"""Security events and how stations prove who they are, as pages and the API show them, and the port that finds them."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from releve.domain.ids import OperatorId
from releve.services.page import Page, View


class SecurityEventView(View, frozen=True, kw_only=True):
    """See `domain.security.SecurityEvent`. alarm: critical, and nobody has acknowledged it."""

    id: str
    station: str
    identity: str
    kind: str
    critical: bool
    alarm: bool
    source: str
    info: str = ""
    at: datetime
    received_at: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    note: str = ""


class SecurityEventFilter(View, frozen=True, kw_only=True):
    station: str | None = None
    """Row id."""
    critical: bool | None = None
    alarm: bool = False
    """Only those that are alarms."""
    kind: str | None = None


class SecurityReads(Protocol):
    async def security_events(
        self,
        operator: OperatorId,
        filter: SecurityEventFilter,
        *,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[SecurityEventView]: ...

    """Newest first."""

    async def security_alarms(self, operator: OperatorId) -> int: ...

    """How many alarms there are, at all stations that are not removed; counted up to 1000."""
