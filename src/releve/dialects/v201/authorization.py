"""C: Authorize, the cache, and tokens as 2.0.1 writes them."""

from __future__ import annotations

from releve.dialects.registry import Unsupported
from releve.dialects.v2.certificates import presented_contract
from releve.dialects.v2.outcome import heard
from releve.dialects.v2.transactions import presented
from releve.dialects.v201.offers import offered
from releve.dialects.v201.version import v201
from releve.domain import token as domain
from releve.domain.commands import ClearCache, Outcome
from releve.ocpp.messages.v201 import (
    AuthorizationStatusEnum,
    AuthorizeCertificateStatusEnum,
    AuthorizeRequest,
    AuthorizeResponse,
    ClearCacheRequest,
    ClearCacheResponse,
    IdToken,
    IdTokenEnum,
    IdTokenInfo,
    MessageContent,
    MessageFormatEnum,
)
from releve.services.live import Inbound, LiveStation
from releve.services.services import Services

TOKEN_LIMIT = 36
"""identifierString[0..36]."""

_STATUS = {verdict: AuthorizationStatusEnum(verdict.value) for verdict in domain.Verdict}
_TYPES = {kind.value.casefold(): kind for kind in IdTokenEnum}


def id_token_info(judgement: domain.Judgement) -> IdTokenInfo:
    message = judgement.message
    return IdTokenInfo(
        status=_STATUS[judgement.verdict],
        cache_expiry_date_time=judgement.cache_until or judgement.expires_at,
        group_id_token=group_token(judgement.group),
        evse_id=list(judgement.evses),  # C01.FR.19, C01.FR.20, C01.FR.22: empty ones are not sent
        charging_priority=judgement.priority,
        language1=judgement.language or None,
        language2=judgement.language2 or None,
        personal_message=MessageContent(
            format=MessageFormatEnum.UTF8, language=judgement.language or None, content=message
        )
        if message
        else None,
    )


def group_token(group: str | None) -> IdToken | None:
    """A group, left out when it is too long: half of it would make other groups of it."""
    if not group or len(group) > TOKEN_LIMIT:
        return None
    return IdToken(id_token=group, type=IdTokenEnum.CENTRAL)


def wire_token(token: domain.IdToken) -> IdToken:
    """A token as 2.0.1 writes it; one from 1.6 has no type, and is a card. Raises Unsupported where it does not fit."""
    kind = _TYPES.get((token.type or IdTokenEnum.ISO14443).casefold())
    if kind is None:
        raise Unsupported(f"OCPP 2.0.1 has no tokens of type {token.type}")
    if len(token.value) > TOKEN_LIMIT:
        raise Unsupported(f"a token of OCPP 2.0.1 has at most {TOKEN_LIMIT} characters")
    return IdToken(id_token=token.value, type=kind)


@v201.answers
async def authorize(
    request: AuthorizeRequest, inbound: Inbound, services: Services
) -> AuthorizeResponse:
    if request.certificate or request.iso15118_certificate_hash_data:
        contract = presented_contract(presented(request.id_token), request)
        judged = await services.contracts.authorize(inbound, contract)
        response = AuthorizeResponse(
            id_token_info=id_token_info(judged.judgement),
            certificate_status=AuthorizeCertificateStatusEnum(judged.certificate)
            if judged.certificate
            else None,
        )
        offer = await services.offers.at_authorization(
            inbound, presented(request.id_token), judged.judgement
        )
        return offered(response, offer)
    token = presented(request.id_token)
    judgement = await services.authorization.authorize(inbound, token)
    offer = await services.offers.at_authorization(inbound, token, judgement)
    return offered(AuthorizeResponse(id_token_info=id_token_info(judgement)), offer)


@v201.asks
def clear_cache(command: ClearCache, station: LiveStation) -> ClearCacheRequest:
    return ClearCacheRequest()


@v201.hears
def cache_cleared(command: ClearCache, response: ClearCacheResponse) -> Outcome:
    return heard(response)
