"""What authorises a driver: identification tokens, their groups, and the judgement over them."""

from __future__ import annotations

from datetime import datetime
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


class Verdict(StrEnum):
    """2.1 AuthorizationStatusEnumType, as far as the system itself decides it."""

    ACCEPTED = "Accepted"
    BLOCKED = "Blocked"
    EXPIRED = "Expired"
    INVALID = "Invalid"
    UNKNOWN = "Unknown"
    CONCURRENT_TX = "ConcurrentTx"


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
    expires_at: datetime | None = None
    master: bool = False
    """Member of the master pass group: may stop any transaction, may not start one (C16)."""
    concurrent: bool = False
    """May be in several transactions at once."""
    charge_limit: Limit | None = None
    """What each of its transactions is limited to (E16); None: not limited."""
    created_at: datetime


class Judgement(msgspec.Struct, frozen=True):
    """The answer to "may this token charge here now?", with what the station needs to cache it."""

    verdict: Verdict
    group: str | None = None
    expires_at: datetime | None = None
    limit: Limit | None = None
    """What the transaction is limited to when it begins with this token."""


def judge(presented: IdToken, known: Token | None, at: datetime) -> Judgement:
    """Judge a presented token by what is known of it, at the system's time `at`.

    The type is not compared when the token came from a version without types (1.6: type "").
    """
    if presented.type == NO_AUTHORIZATION:
        return Judgement(Verdict.ACCEPTED)  # C02.FR.01: a token of this type needs no authorisation
    if known is None:
        return Judgement(Verdict.UNKNOWN)
    if presented.type and presented.type.casefold() != known.type.casefold():
        return Judgement(Verdict.UNKNOWN)
    if known.blocked:
        return Judgement(Verdict.BLOCKED, known.group, known.expires_at)
    if known.expires_at is not None and known.expires_at <= at:
        return Judgement(Verdict.EXPIRED, known.group, known.expires_at)
    return Judgement(Verdict.ACCEPTED, known.group, known.expires_at, known.charge_limit)
