"""E: TransactionEvent and GetTransactionStatus."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from releve.dialects.v2.tariff import total_cost
from releve.dialects.v2.transactions import report, status_told
from releve.dialects.v21.authorization import id_token_info
from releve.dialects.v21.tariff_and_cost import take_costs
from releve.dialects.v21.version import v21
from releve.domain.commands import Outcome
from releve.domain.limits import Limit
from releve.domain.notice import Notice
from releve.domain.transaction_check import GetTransactionStatus
from releve.ocpp.messages.v21 import (
    GetTransactionStatusRequest,
    GetTransactionStatusResponse,
    MessageContent,
    MessageFormatEnum,
    TransactionEventRequest,
    TransactionEventResponse,
    TransactionLimit,
)
from releve.services.live import Inbound, LiveStation
from releve.services.services import Services
from releve.services.transaction_report import Answer, Report

_TAKEN_IN = TransactionEventResponse()
_FORMATS = {str(kind): kind for kind in MessageFormatEnum}


@v21.answers
async def transaction_event(
    request: TransactionEventRequest, inbound: Inbound, services: Services
) -> TransactionEventResponse:
    answer = await services.transactions.report(inbound, _report(request))
    await take_costs(request, inbound, services)
    # E16.FR.11: what it costs so far, so that a station can keep a limit in cost.
    total = total_cost(services, inbound, request.transaction_info.transaction_id)
    if answer is None:
        return _TAKEN_IN if total is None else TransactionEventResponse(total_cost=total)
    return _response(answer, total)


def _report(request: TransactionEventRequest) -> Report:
    """With what 2.1 adds; most events say nothing of it."""
    told = report(request, answers_limits=True)
    info = request.transaction_info
    if info.transaction_limit is not None:
        told = msgspec.structs.replace(told, limit=_limit(info.transaction_limit))
    if info.operation_mode is not None:
        told = msgspec.structs.replace(told, operation_mode=str(info.operation_mode))
    return told


def _limit(wire: TransactionLimit) -> Limit:
    cost = wire.max_cost
    return Limit(
        energy_wh=wire.max_energy,
        time_s=wire.max_time,
        cost=None if cost is None else Decimal(repr(cost)),
        soc_pct=wire.max_soc,
    )


def _response(answer: Answer, total: float | None) -> TransactionEventResponse:
    judgement, limit, notice = answer.judgement, answer.limit, answer.notice
    return TransactionEventResponse(
        total_cost=total,
        id_token_info=None if judgement is None else id_token_info(judgement),
        transaction_limit=None if limit is None else _wire_limit(limit),
        updated_personal_message=None if notice is None else _message(notice),
        updated_personal_message_extra=[] if notice is None else _others(notice),
    )


def _wire_limit(limit: Limit) -> TransactionLimit:
    return TransactionLimit(
        max_cost=None if limit.cost is None else float(limit.cost),
        max_energy=limit.energy_wh,
        max_time=limit.time_s,
        max_soc=limit.soc_pct,
    )


def _message(notice: Notice) -> MessageContent:
    return MessageContent(
        format=_FORMATS.get(notice.format, MessageFormatEnum.UTF8),
        language=notice.language,
        content=notice.content,
    )


def _others(notice: Notice) -> list[MessageContent]:
    form = _FORMATS.get(notice.format, MessageFormatEnum.UTF8)
    return [
        MessageContent(format=form, language=language, content=content)
        for language, content in notice.others[:4]
    ]


@v21.asks
def get_transaction_status(
    command: GetTransactionStatus, station: LiveStation
) -> GetTransactionStatusRequest:
    return GetTransactionStatusRequest(transaction_id=command.reference)


@v21.hears
def transaction_status(
    command: GetTransactionStatus, response: GetTransactionStatusResponse
) -> Outcome:
    return status_told(response)
