"""Who may charge: the local list, the cache, the CSMS, and what is left when the line is down."""

from typing import TYPE_CHECKING

from releve.simulator.line import CallFailed
from releve.simulator.tokens import Token, TokenInfo, same_group
from releve.simulator.transaction import Transaction

if TYPE_CHECKING:
    from releve.simulator.station import Station

ACCEPTED = TokenInfo("Accepted")
UNKNOWN = TokenInfo("Invalid")


async def authorize(station: "Station", token: Token) -> TokenInfo:
    """Judge `token`, asking the CSMS where it has to be asked (1.6, 3.5; 2.x C01, C10-C15)."""
    if not station.behaviour.auth_enabled:
        return ACCEPTED  # C01.FR.01
    known = _known(station, token)
    accepted = known is not None and known.accepted(station.now())
    if known is not None and accepted and station.behaviour.local_pre_authorize:
        return known
    if not station.online:
        return _offline(station, known)
    try:
        info = await station.dialect.authorize(station, token)
    except CallFailed as problem:
        station.note("undelivered", f"the CSMS did not judge {token.text}: {problem}")
        return _offline(station, known)
    if station.behaviour.cache_enabled:
        station.book.learn(token, info)
    return info


def masters(station: "Station", info: TokenInfo) -> bool:
    """Whether it is a master pass: accepted, and of the group that the station was told (C16)."""
    wanted = station.behaviour.master_group.casefold()
    return bool(wanted) and info.accepted_now and (info.group or "").casefold() == wanted


async def may_stop(station: "Station", transaction: Transaction, token: Token) -> bool:
    """The token that began may stop, and so may one of the same group (1.6, 3.10; C01.FR.03)."""
    own = transaction.token
    if own is None or own.key == token.key:
        return True
    if station.book.find(own) is None or station.book.find(token) is None:
        await authorize(station, token)
    return same_group(station.book.find(own), station.book.find(token))


def _known(station: "Station", token: Token) -> TokenInfo | None:
    book, settings = station.book, station.behaviour
    if settings.local_list_enabled and token.key in book.local:
        return book.local[token.key]
    return book.cache.get(token.key) if settings.cache_enabled else None


def _offline(station: "Station", known: TokenInfo | None) -> TokenInfo:
    """What the station decides alone (1.6, 3.5.4; C15)."""
    if known is not None:
        if station.behaviour.local_authorize_offline or not known.accepted(station.now()):
            return known
        return UNKNOWN
    return ACCEPTED if station.behaviour.offline_unknown_id else UNKNOWN
