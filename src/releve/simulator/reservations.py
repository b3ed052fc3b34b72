"""Reservations: one EVSE, or any of the station's, for one token or its group (1.6, 5.13; block H)."""

from datetime import datetime
from typing import TYPE_CHECKING

from releve.simulator.evse import Evse, Reservation, Status
from releve.simulator.tokens import Token, TokenInfo

if TYPE_CHECKING:
    from releve.simulator.station import Station


def reserve(
    station: "Station",
    number: int,
    reservation_id: int,
    token: Token,
    group: str | None,
    expires_at: datetime,
    connector_type: str | None = None,
) -> str:
    """Reserve EVSE `number`, or any that is free (0); returns the wire's status, the same in all versions.

    connector_type: only an EVSE that has one, by the wire's name.
    """
    cancel(station, reservation_id)  # the same id replaces (1.6, 5.13; H01.FR.02)
    evse = _pick(station, number, connector_type)
    if evse is None:
        return "Rejected" if number else _why_none(station, connector_type)
    if evse.status is not Status.AVAILABLE:
        return {Status.FAULTED: "Faulted", Status.UNAVAILABLE: "Unavailable"}.get(
            evse.status, "Occupied"
        )
    evse.reservation = Reservation(reservation_id, evse.id, token, group, expires_at)
    station.note("reserved", f"EVSE {evse.id} is reserved until {expires_at:%H:%M:%S}", evse.id)
    station.settle()
    return "Accepted"


def cancel(station: "Station", reservation_id: int) -> bool:
    """Release a reservation; tells whether there was one."""
    for evse in station.evses.values():
        if evse.reservation is not None and evse.reservation.id == reservation_id:
            evse.reservation = None
            station.settle()
            return True
    return False


def expire(station: "Station") -> None:
    """Release what is over."""
    now = station.now()
    for evse in station.evses.values():
        reservation = evse.reservation
        if reservation is not None and reservation.expires_at <= now:
            evse.reservation = None
            station.note("expired", f"the reservation of EVSE {evse.id} has expired", evse.id)
            _tell(station, reservation.id)


def admits(station: "Station", evse: Evse, token: Token, info: TokenInfo) -> bool:
    """Whether `token` may use `evse` as far as reservations go."""
    reservation = evse.reservation
    if reservation is None or reservation.token.key == token.key:
        return True
    group = reservation.group
    return (
        group is not None and info.group is not None and group.casefold() == info.group.casefold()
    )


def use(station: "Station", evse: Evse) -> int | None:
    """A transaction begins: the reservation is used up; returns its id."""
    reservation, evse.reservation = evse.reservation, None
    return None if reservation is None else reservation.id


def _tell(station: "Station", reservation_id: int, *, removed: bool = False) -> None:
    station.post(
        lambda: station.dialect.reservation_ended(station, reservation_id, removed=removed)
    )


def drop(station: "Station") -> None:
    """Give up reservations of EVSEs that broke down or went out of service (H01.FR.16, H01.FR.17)."""
    for evse in station.evses.values():
        reservation = evse.reservation
        if reservation is not None and (evse.fault is not None or not evse.operative):
            evse.reservation = None
            station.note("removed", f"the reservation of EVSE {evse.id} is given up", evse.id)
            _tell(station, reservation.id, removed=True)


def _candidates(station: "Station", connector_type: str | None) -> list[Evse]:
    evses = list(station.evses.values())
    return evses if connector_type is None else [e for e in evses if connector_type in e.connectors]


def _pick(station: "Station", number: int, connector_type: str | None) -> Evse | None:
    if number:
        return station.evses.get(number)
    free = (e for e in _candidates(station, connector_type) if e.status is Status.AVAILABLE)
    return next(free, None)


def _why_none(station: "Station", connector_type: str | None) -> str:
    """H01.FR.11 to H01.FR.14: what all the EVSEs in question have in common, else that they are taken."""
    states = {evse.status for evse in _candidates(station, connector_type)}
    if not states:
        return "Rejected"
    if states == {Status.FAULTED}:
        return "Faulted"
    return "Unavailable" if states == {Status.UNAVAILABLE} else "Occupied"
