"""Starts that the CSMS asks for, and where they take place."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from releve.simulator import authorization, sessions
from releve.simulator.dialect import Then
from releve.simulator.evse import Evse
from releve.simulator.profiles.model import Profile
from releve.simulator.tokens import Token, TokenInfo
from releve.simulator.transaction import Transaction

if TYPE_CHECKING:
    from releve.simulator.station import Station


def choose(station: "Station", number: int | None) -> Evse | None:
    """The EVSE for a remote start: the one named, or one with a waiting car, or any free one (1.6, 5.11)."""
    able = [evse for evse in station.evses.values() if may_start(evse)]
    if number is not None:
        return next((evse for evse in able if evse.id == number), None)
    with_car = [evse for evse in able if evse.plugged]
    return next(iter(with_car or able), None)


def charging(station: "Station", is_meant: Callable[[Transaction], bool]) -> Evse | None:
    """The EVSE whose transaction is the one meant, if there is such."""
    for evse in station.evses.values():
        if evse.transaction is not None and is_meant(evse.transaction):
            return evse
    return None


def may_start(evse: Evse) -> bool:
    """Whether nothing stands in the way of a new driver."""
    waiting = evse.transaction is None or evse.transaction.token is None
    return waiting and evse.token is None and evse.operative and evse.fault is None


async def start(
    station: "Station",
    evse: Evse,
    token: Token,
    profile: Profile | None,
    remote_start_id: int | None = None,
) -> None:
    """Try what was accepted: authorise if that is configured, then begin or wait for a car."""
    info = TokenInfo("Accepted")
    if station.behaviour.authorize_remote:
        info = await authorization.authorize(station, token)
        if not info.accepted_now:
            text = f"the remote start of {token.text} is not accepted: {info.status}"
            station.note("not-authorized", text, evse.id, status=info.status)
            return
    if not may_start(evse):
        station.note("not-authorized", f"EVSE {evse.id} was taken meanwhile", evse.id)
        return
    evse.pending_profile = profile
    sessions.grant(station, evse, token, info, remote_start_id, remote=True)


def later(action: Callable[[], None]) -> Then:
    """`action` as what follows an answer."""

    async def then() -> None:
        action()

    return then
