"""What pages and the API show of files and of what monitors told."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from releve.domain.ids import OperatorId
from releve.services.page import Page, View


class FileView(View, frozen=True, kw_only=True):
    """kind: log, handed in by a station, or firmware. operation: what it came with."""

    id: str
    station: str | None = None
    identity: str | None = None
    kind: str
    name: str
    size: int
    sha256: str
    md5: str
    operation: str | None = None
    by: str = ""
    created_at: datetime


class FileFilter(View, frozen=True, kw_only=True):
    station: str | None = None
    """Row id."""
    kind: str | None = None


class StationEventView(View, frozen=True, kw_only=True):
    """One event of a monitor. at: by the station's clock. value: null for a variable that can only be written."""

    id: str
    station: str
    identity: str
    event: int
    at: datetime
    received_at: datetime
    trigger: str
    notification: str
    severity: int | None = None
    cause: int | None = None
    component: str
    component_instance: str = ""
    evse: int | None = None
    connector: int | None = None
    variable: str
    instance: str = ""
    value: str | None = None
    cleared: bool = False
    monitor: int | None = None
    tech_code: str = ""
    tech_info: str = ""
    reference: str = ""
    about: str = ""
    """Component and variable, as people read them."""


class EventFilter(View, frozen=True, kw_only=True):
    station: str | None = None
    """Row id."""
    severity: int | None = None
    """This grave or graver: 0 to 9."""
    search: str = ""
    """Part of component, variable, value or tech info; case does not matter."""
    since: datetime | None = None
    until: datetime | None = None


class UpkeepReads(Protocol):
    """Files and events, newest first."""

    async def files(
        self,
        operator: OperatorId,
        filter: FileFilter,
        *,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[FileView]: ...
    async def file(self, operator: OperatorId, file: str) -> FileView | None: ...
    async def station_events(
        self,
        operator: OperatorId,
        filter: EventFilter,
        *,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[StationEventView]: ...
