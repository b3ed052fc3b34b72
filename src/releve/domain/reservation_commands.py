"""What is asked of a station about reservations (H01, H02)."""

from __future__ import annotations

from datetime import datetime

from releve.domain.commands import Command
from releve.domain.token import IdToken


class ReserveNow(Command, frozen=True, kw_only=True):
    """Keep an EVSE free until `expires_at`. The same number replaces an earlier reservation (H01.FR.02).

    evse None: any of the station's (1.6 connector 0). connector_type: any EVSE that has one (2.x).
    """

    number: int
    token: IdToken
    group: str | None = None
    evse: int | None = None
    connector_type: str | None = None
    expires_at: datetime


class CancelReservation(Command, frozen=True, kw_only=True):
    """Let go of a reservation."""

    number: int
