"""What the operator wants in or out of service, beside what the station reports (G03, G04)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from releve.domain.holding import Holding
from releve.domain.station import ConnectorStatus, Evse


class AvailabilityWish(Holding, frozen=True, kw_only=True):
    """The latest ChangeAvailability for one place. evse 0: the whole station; connector 0: all of the EVSE's.

    A station keeps it over restarts (G03.FR.05, G04.FR.06; 1.6 5.2).
    """

    kind: ClassVar[str] = "availability"

    evse: int = 0
    connector: int = 0
    operative: bool
    status: str
    """The station's word: Accepted, Scheduled (once its transactions have ended), Rejected."""
    at: datetime
    by: str = ""

    @property
    def key(self) -> str:
        """The place."""
        return f"{self.evse}.{self.connector}"


def fulfilled(wish: AvailabilityWish, evses: Iterable[Evse]) -> bool:
    """Whether all that the wish is about is reported as wanted. A broken connector is out of service as well."""
    states = [
        e.status
        for e in evses
        if e.evse and wish.evse in (0, e.evse) and wish.connector in (0, e.connector)
    ]
    if not states or wish.status == "Rejected":
        return False
    if wish.operative:
        return ConnectorStatus.UNAVAILABLE not in states
    out = (ConnectorStatus.UNAVAILABLE, ConnectorStatus.FAULTED)
    return all(state in out for state in states)
