"""The bus, and the door to the stations."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from releve.domain.commands import Command, Outcome
from releve.domain.events import Event
from releve.domain.ids import OperatorId, StationId
from releve.domain.station import Connectivity

if TYPE_CHECKING:
    from releve.services.live import LiveStation


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

    def size(self, station: StationId, command: Command) -> int | None:
        """Bytes of the message that the command becomes; None when it becomes none, or nobody is there."""

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
    def changed(self, station: StationId, changes: dict[str, Any]) -> None:
        """Its row has been changed by people: one whose live state is just being loaded must not miss it."""
