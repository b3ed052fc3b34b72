"""Connector states, from StatusNotification and from NotifyEvent: 2.x may use either (G01.FR.03 to G01.FR.07)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from releve.dialects.v2.wire import WireEventData
from releve.domain.station import ConnectorStatus, Evse

_STATUS: dict[str, ConnectorStatus] = {
    str(status): status for status in ConnectorStatus if status is not ConnectorStatus.UNKNOWN
}
_AVAILABILITY_STATE = "availabilitystate"
_CONNECTOR = "connector"
_STATION = "chargingstation"


def connector_state(evse: int, connector: int, word: str, at: datetime) -> Evse:
    """State of a connector; a word that is not in the standard is shown, and means unknown."""
    return Evse(
        evse=evse,
        connector=connector,
        status=_STATUS.get(word, ConnectorStatus.UNKNOWN),
        reported=str(word),
        reported_at=at,
    )


def availability_states(events: Sequence[WireEventData]) -> list[Evse]:
    """States of connectors, and of the station as EVSE 0, among monitored events, in their order.

    The state of an EVSE as a whole is left out: it says nothing about which of its connectors has it.
    """
    found = []
    for event in events:
        if event.variable.name.casefold() != _AVAILABILITY_STATE:
            continue
        where = _place(event)
        if where is not None:
            found.append(connector_state(*where, event.actual_value, event.timestamp))
    return found


def _place(event: WireEventData) -> tuple[int, int] | None:
    kind = event.component.name.casefold()
    evse = event.component.evse
    if kind == _STATION:
        return 0, 0
    if kind == _CONNECTOR and evse is not None and evse.connector_id:
        return evse.id, evse.connector_id
    return None
