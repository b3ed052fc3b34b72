"""Reservations as pages and the API show them, and the port that finds them."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from releve.domain.ids import OperatorId
from releve.services.page import Page, View


class ReservationView(View, frozen=True, kw_only=True):
    """A reservation. number: its id on the wire. evse absent: any of the station's, or any with `connector_type`."""

    id: str
    station: str
    identity: str
    station_name: str = ""
    number: int
    evse: int | None = None
    connector_type: str | None = None
    token: str
    token_type: str
    token_label: str = ""
    token_group: str | None = None
    state: str
    status: str = ""
    """The station's word, or how the call to it ended."""
    expires_at: datetime
    created_at: datetime
    created_by: str = ""
    ended_at: datetime | None = None
    transaction: str | None = None
    note: str = ""


class ReservationFilter(View, frozen=True, kw_only=True):
    """station: row id. open: only those that keep something free (True), or that are over (False)."""

    station: str | None = None
    token: str | None = None
    state: str | None = None
    open: bool | None = None


class ReservationReads(Protocol):
    async def reservations(
        self,
        operator: OperatorId,
        filter: ReservationFilter,
        *,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[ReservationView]: ...

    """Newest first."""

    async def reservation(
        self, operator: OperatorId, reservation: str
    ) -> ReservationView | None: ...
