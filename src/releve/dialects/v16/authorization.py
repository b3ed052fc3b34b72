"""Authorize, the cache, and what 1.6 calls an IdTagInfo."""

from __future__ import annotations

from releve.dialects.outcome import outcome
from releve.dialects.registry import Unsupported
from releve.dialects.v16.version import v16
from releve.domain.commands import ClearCache, Outcome
from releve.domain.token import IdToken, Judgement, Verdict
from releve.ocpp.messages.v16 import (
    AuthorizationStatus,
    AuthorizeRequest,
    AuthorizeResponse,
    ClearCacheRequest,
    ClearCacheResponse,
    IdTagInfo,
)
from releve.services.live import Inbound, LiveStation
from releve.services.services import Services

ID_TAG_LIMIT = 20
"""CiString20Type."""

_STATUS = {
    Verdict.ACCEPTED: AuthorizationStatus.ACCEPTED,
    Verdict.BLOCKED: AuthorizationStatus.BLOCKED,
    Verdict.EXPIRED: AuthorizationStatus.EXPIRED,
    Verdict.INVALID: AuthorizationStatus.INVALID,
    Verdict.UNKNOWN: AuthorizationStatus.INVALID,  # 1.6 7.2: "Identifier is unknown" is Invalid
    Verdict.CONCURRENT_TX: AuthorizationStatus.CONCURRENT_TX,
    # 1.6 7.2: Blocked is "not allowed for charging", whatever the reason.
    Verdict.NO_CREDIT: AuthorizationStatus.BLOCKED,
    Verdict.NOT_ALLOWED_TYPE_EVSE: AuthorizationStatus.BLOCKED,
    Verdict.NOT_AT_THIS_LOCATION: AuthorizationStatus.BLOCKED,
    Verdict.NOT_AT_THIS_TIME: AuthorizationStatus.BLOCKED,
}


def presented(id_tag: str) -> IdToken:
    """A token of 1.6: its type is not told."""
    return IdToken(id_tag, "")


def id_tag_info(judgement: Judgement) -> IdTagInfo:
    """A parent that is too long for 1.6 is left out: half of it would make other groups of it."""
    group = judgement.group
    return IdTagInfo(
        status=_STATUS[judgement.verdict],
        expiry_date=judgement.expires_at,
        parent_id_tag=group if group and len(group) <= ID_TAG_LIMIT else None,
    )


def id_tag(token: IdToken) -> str:
    """A token as 1.6 writes it; raises Unsupported where it does not fit."""
    if len(token.value) > ID_TAG_LIMIT:
        raise Unsupported(f"a token of OCPP 1.6 has at most {ID_TAG_LIMIT} characters")
    return token.value


@v16.answers
async def authorize(
    request: AuthorizeRequest, inbound: Inbound, services: Services
) -> AuthorizeResponse:
    judgement = await services.authorization.authorize(inbound, presented(request.id_tag))
    return AuthorizeResponse(id_tag_info=id_tag_info(judgement))


@v16.asks
def clear_cache(command: ClearCache, station: LiveStation) -> ClearCacheRequest:
    return ClearCacheRequest()


@v16.hears
def cache_cleared(command: ClearCache, response: ClearCacheResponse) -> Outcome:
    return outcome(response.status)
