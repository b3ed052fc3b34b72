"""E: TransactionEvent and GetTransactionStatus."""

from __future__ import annotations

from releve.dialects.v2.tariff import total_cost
from releve.dialects.v2.transactions import report, status_told
from releve.dialects.v201.authorization import id_token_info
from releve.dialects.v201.version import v201
from releve.domain.commands import Outcome
from releve.domain.notice import Notice
from releve.domain.transaction_check import GetTransactionStatus
from releve.ocpp.messages.v201 import (
    GetTransactionStatusRequest,
    GetTransactionStatusResponse,
    MessageContent,
    MessageFormatEnum,
    TransactionEventRequest,
    TransactionEventResponse,
)
from releve.services.live import Inbound, LiveStation
from releve.services.services import Services
from releve.services.transaction_report import Answer

MESSAGE_LIMIT = 512
_TAKEN_IN = TransactionEventResponse()
_FORMATS = {str(kind): kind for kind in MessageFormatEnum}


@v201.answers
async def transaction_event(
    request: TransactionEventRequest, inbound: Inbound, services: Services
) -> TransactionEventResponse:
    answer = await services.transactions.report(inbound, report(request))
    total = total_cost(services, inbound, request.transaction_info.transaction_id)
    if answer is None:
        return _TAKEN_IN if total is None else TransactionEventResponse(total_cost=total)
    return _response(answer, total)


def _response(answer: Answer, total: float | None) -> TransactionEventResponse:
    """Limits are not told: 2.0.1 has none, they are watched here (`services.limit_watch`)."""
    judgement, notice = answer.judgement, answer.notice
    return TransactionEventResponse(
        total_cost=total,
        id_token_info=None if judgement is None else id_token_info(judgement),
        updated_personal_message=None if notice is None else _message(notice),
    )


def _message(notice: Notice) -> MessageContent:
    """Its beginning, where 2.0.1 has no room for all of it."""
    return MessageContent(
        format=_FORMATS.get(notice.format, MessageFormatEnum.UTF8),
        language=notice.language,
        content=notice.content[:MESSAGE_LIMIT],
    )


@v201.asks
def get_transaction_status(
    command: GetTransactionStatus, station: LiveStation
) -> GetTransactionStatusRequest:
    return GetTransactionStatusRequest(transaction_id=command.reference)


@v201.hears
def transaction_status(
    command: GetTransactionStatus, response: GetTransactionStatusResponse
) -> Outcome:
    return status_told(response)
