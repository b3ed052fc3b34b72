"""E: TransactionEvent."""

from __future__ import annotations

from releve.dialects.v2.transactions import report
from releve.dialects.v201.authorization import id_token_info
from releve.dialects.v201.version import v201
from releve.ocpp.messages.v201 import TransactionEventRequest, TransactionEventResponse
from releve.services.live import Inbound
from releve.services.services import Services

_TAKEN_IN = TransactionEventResponse()


@v201.answers
async def transaction_event(
    request: TransactionEventRequest, inbound: Inbound, services: Services
) -> TransactionEventResponse:
    judgement = await services.transactions.report(inbound, report(request))
    if judgement is None:
        return _TAKEN_IN
    return TransactionEventResponse(id_token_info=id_token_info(judgement))
