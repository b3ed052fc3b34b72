"""Reservations: an EVSE, one of a kind, or any of a station's, kept for a token or its group until a time (block H)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import msgspec

from releve.domain.ids import OperatorId, ReservationId, StationId, TransactionId
from releve.domain.token import IdToken


class ReservationState(StrEnum):
    """How far a reservation is. All but REQUESTED and ACTIVE are its end."""

    REQUESTED = "requested"
    """Asked of the station, no answer yet."""
    ACTIVE = "active"
    """The station keeps it."""
    USED = "used"
    """A transaction began on it."""
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    """By the operator; the station let go of it."""
    REMOVED = "removed"
    """The station gave it up: its EVSE broke down, or was taken out of service (H01.FR.16, H01.FR.17)."""
    REFUSED = "refused"
    """The station did not take it on; `status` has its word, or what came of the call."""


OPEN = frozenset({ReservationState.REQUESTED, ReservationState.ACTIVE})


class Reservation(msgspec.Struct, frozen=True, kw_only=True):
    """One reservation. evse None: the station keeps any EVSE free; connector_type: any with such a connector."""

    id: ReservationId
    operator: OperatorId
    station: StationId
    number: int
    """Its id on the wire (1.6 reservationId), unique at the station."""
    evse: int | None = None
    connector_type: str | None = None
    token: str
    token_type: str = "ISO14443"  # noqa: S105 - a type of tokens
    token_group: str | None = None
    expires_at: datetime
    state: ReservationState = ReservationState.REQUESTED
    status: str = ""
    """The station's word: Accepted, Faulted, Occupied, Rejected, Unavailable; or how the call failed."""
    transaction: TransactionId | None = None
    """What used it."""
    created_at: datetime
    created_by: str = ""
    ended_at: datetime | None = None
    note: str = ""

    @property
    def open(self) -> bool:
        """Whether it still keeps something free, as far as is known."""
        return self.state in OPEN

    @property
    def id_token(self) -> IdToken:
        """Whom it is for."""
        return IdToken(self.token, self.token_type)


def conflict(
    wanted: Reservation, others: Iterable[Reservation], evses: Iterable[int], at: datetime
) -> Reservation | None:
    """An open reservation at the same station that leaves no room for `wanted`; None when there is room.

    A reservation for one EVSE collides with another one for it. One for any EVSE collides when all EVSEs that are
    known are spoken for. One with the same number replaces the other (H01.FR.02), which is no conflict.
    """
    rivals = [
        other
        for other in others
        if other.open and other.number != wanted.number and other.expires_at > at
    ]
    if wanted.evse is not None:
        for other in rivals:
            if other.evse == wanted.evse:
                return other
    places = set(evses)
    if places and len(rivals) >= len(places):
        return rivals[-1]
    return None
