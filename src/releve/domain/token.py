"""What authorises a driver: identification tokens, their groups, and the judgement over them."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

import msgspec

from releve.domain.ids import OperatorId, TokenId
from releve.domain.limits import Limit


class IdToken(msgspec.Struct, frozen=True):
    """A token as presented. Two are equal when value and type are, whatever the case (C01, CiString)."""

    value: str
    type: str = "ISO14443"

    @property
    def key(self) -> str:
        """The form under which tokens are compared and stored."""
        return self.value.casefold()


NO_AUTHORIZATION = "NoAuthorization"
CENTRAL = "Central"
KEY_CODE = "KeyCode"
DIRECT_PAYMENT = "DirectPayment"
"""2.1: the token is the payment service provider's reference of a payment that it has authorised (C18, C24, C25)."""


class Verdict(StrEnum):
    """2.1 AuthorizationStatusEnumType."""

    ACCEPTED = "Accepted"
    BLOCKED = "Blocked"
    EXPIRED = "Expired"
    INVALID = "Invalid"
    UNKNOWN = "Unknown"
    CONCURRENT_TX = "ConcurrentTx"
    NO_CREDIT = "NoCredit"
    NOT_ALLOWED_TYPE_EVSE = "NotAllowedTypeEVSE"
    NOT_AT_THIS_LOCATION = "NotAtThisLocation"
    NOT_AT_THIS_TIME = "NotAtThisTime"


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token that the operator knows."""

    id: TokenId
    operator: OperatorId
    value: str
    type: str = "ISO14443"
    label: str = ""
    group: str | None = None
    """Members of one group may stop each other's transactions (1.6 parentIdTag, 2.x groupIdToken)."""
    blocked: bool = False
    not_before: datetime | None = None
    expires_at: datetime | None = None
    master: bool = False
    """Member of the master pass group: may stop any transaction, may not start one (C16)."""
    concurrent: bool = False
    """May be in several transactions at once."""
    charge_limit: Limit | None = None
    """What each of its transactions is limited to (E16); None: not limited."""
    places: tuple[str, ...] = ()
    """Where it may charge: `site:NAME`, `IDENTITY` or `IDENTITY/EVSE`. Empty: everywhere."""
    connector_types: tuple[str, ...] = ()
    """Types of connector at which it may charge, in 2.1's words (cCCS2, sType2, ...). Empty: all."""
    language: str = ""
    """RFC 5646 tag of the language in which stations speak to its holder; empty: theirs."""
    language2: str = ""
    message: str = ""
    """What stations show to its holder (2.x personalMessage)."""
    priority: int | None = None
    """-9 to 9; above 0 charges before others, below 0 after them (2.x chargingPriority). None: not told."""
    cache_s: int | None = None
    """How long stations may rely on a judgement in their cache, seconds. None: until the token expires."""
    credit: Decimal | None = None
    """Prepaid: what is left of it (2.1 C17). None: not prepaid."""
    currency: str = ""
    """ISO 4217, of the credit."""
    created_at: datetime


class Place(msgspec.Struct, frozen=True):
    """Where a token is presented: a station, with the types of its connectors where the question needs them."""

    identity: str
    site: str = ""
    connector_types: frozenset[str] | None = None
    """None: not known."""


class Judgement(msgspec.Struct, frozen=True):
    """The answer to "may this token charge here now?", with what the station needs to act on it and to cache it."""

    verdict: Verdict
    group: str | None = None
    expires_at: datetime | None = None
    """When the token itself ends."""
    cache_until: datetime | None = None
    """Until when a station may rely on this answer; None: as long as the token lasts."""
    evses: tuple[int, ...] = ()
    """The station's EVSEs at which it may charge; empty: all of them (C01.FR.19, C01.FR.20)."""
    language: str = ""
    language2: str = ""
    message: str = ""
    priority: int | None = None
    limit: Limit | None = None
    """What the transaction is limited to when it begins with this token."""


def judge(
    presented: IdToken, known: Token | None, at: datetime, place: Place | None = None
) -> Judgement:
    """Judge a presented token by what is known of it, at the system's time `at`.

    The type is not compared when the token came from a version without types (1.6: type "").
    """
    if presented.type == NO_AUTHORIZATION:
        return Judgement(Verdict.ACCEPTED)  # C02.FR.02: a token of this type needs no authorisation
    if known is None or (presented.type and presented.type.casefold() != known.type.casefold()):
        return Judgement(nobody(presented))
    verdict, evses = _verdict(known, at, place)
    return Judgement(
        verdict,
        known.group,  # C01.FR.06, C09.FR.09, C09.FR.12
        known.expires_at,
        _cache_until(known, at),
        evses,
        known.language,
        known.language2,
        known.message,
        known.priority,
        _limit(known),
    )


def nobody(presented: IdToken) -> Verdict:
    """The verdict on a token that nobody registered: for a key code the standard has its own (C04.FR.01)."""
    return Verdict.INVALID if presented.type == KEY_CODE else Verdict.UNKNOWN


def _verdict(known: Token, at: datetime, place: Place | None) -> tuple[Verdict, tuple[int, ...]]:
    if known.blocked:
        return Verdict.BLOCKED, ()
    if known.expires_at is not None and known.expires_at <= at:
        return Verdict.EXPIRED, ()
    if known.not_before is not None and known.not_before > at:
        return Verdict.NOT_AT_THIS_TIME, ()
    evses: tuple[int, ...] | None = () if place is None else allowed_evses(known, place)
    if evses is None:
        return Verdict.NOT_AT_THIS_LOCATION, ()  # C01.FR.22: without a list of EVSEs
    if place is not None and _wrong_type(known, place):
        return Verdict.NOT_ALLOWED_TYPE_EVSE, ()  # C01.FR.18
    if known.credit is not None and known.credit <= 0:
        return Verdict.NO_CREDIT, ()  # C17.FR.02
    return Verdict.ACCEPTED, evses


def allowed_evses(known: Token, place: Place) -> tuple[int, ...] | None:
    """The EVSEs of a station at which a token may charge: () for all, None for none."""
    if not known.places:
        return ()  # C01.FR.19
    identity, site = place.identity.casefold(), f"site:{place.site}".casefold()
    evses: set[int] = set()
    for entry in known.places:
        folded = entry.casefold()
        if folded == identity or (place.site and folded == site):
            return ()
        station, slash, number = folded.rpartition("/")
        if slash and station == identity and number.isdecimal():
            evses.add(int(number))
    return tuple(sorted(evses)) or None  # C01.FR.20


def _wrong_type(known: Token, place: Place) -> bool:
    """A station whose connectors are not known is given the benefit of the doubt."""
    if not known.connector_types or not place.connector_types:
        return False
    return not {t.casefold() for t in known.connector_types} & {
        t.casefold() for t in place.connector_types
    }


def _limit(known: Token) -> Limit | None:
    """What the token's transactions may come to: its limit, and no more than its credit (C17.FR.03)."""
    if known.credit is None:
        return known.charge_limit
    return Limit(cost=max(known.credit, Decimal(0))).lowest(known.charge_limit)


def _cache_until(known: Token, at: datetime) -> datetime | None:
    if known.credit is not None:
        return at  # C17.FR.01, C17.FR.02: the credit changes, so each use must ask
    if known.cache_s is None:
        return known.expires_at
    until = at + timedelta(seconds=known.cache_s)
    return until if known.expires_at is None else min(until, known.expires_at)
