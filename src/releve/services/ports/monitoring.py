"""Rows of what monitors told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from releve.domain.ids import StationId
from releve.domain.monitoring import StationEvent, StreamValue


class StationEventRows(Protocol):
    """Events and values of streams: they grow without bound, and are pruned by age."""

    def add(self, event: StationEvent) -> None: ...  # ignored when the station told it before
    def add_value(self, value: StreamValue) -> None: ...  # ignored when it is there
    async def values(
        self,
        station: StationId,
        monitor: int,
        since: datetime | None,
        until: datetime | None,
        limit: int,
    ) -> Sequence[StreamValue]: ...  # newest first
