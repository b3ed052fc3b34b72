"""C18 to C25: VAT numbers, settlements, and payments on a page. Only 2.1 has them."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from releve.dialects.registry import meaning
from releve.dialects.v21.version import v21
from releve.domain.commands import Outcome, Result
from releve.domain.payment import SettlementStatus
from releve.ocpp.messages.v21 import (
    Address,
    GenericStatusEnum,
    NotifySettlementRequest,
    NotifySettlementResponse,
    NotifyWebPaymentStartedRequest,
    NotifyWebPaymentStartedResponse,
    StatusInfo,
    VatNumberValidationRequest,
    VatNumberValidationResponse,
)
from releve.services.live import Inbound, LiveStation
from releve.services.services import Services
from releve.services.settlements import Told
from releve.services.vat_numbers import VatAnswer
from releve.services.web_payments import NotifyWebPaymentStarted


@v21.answers
async def vat_number_validation(
    request: VatNumberValidationRequest, inbound: Inbound, services: Services
) -> VatNumberValidationResponse:
    answer = await services.vat_numbers.validate(request.vat_number)
    return VatNumberValidationResponse(
        vat_number=request.vat_number,
        evse_id=request.evse_id,  # C18.FR.10
        status=GenericStatusEnum.ACCEPTED if answer.valid else GenericStatusEnum.REJECTED,
        status_info=_info(answer),
        company=_company(answer),
    )


def _info(answer: VatAnswer) -> StatusInfo | None:
    if not answer.code:
        return None
    return StatusInfo(reason_code=answer.code, additional_info=answer.text or None)


def _company(answer: VatAnswer) -> Address | None:
    """The register's address; one that does not fit the standard's fields is left out."""
    if answer.company is None:
        return None
    try:
        return msgspec.convert(answer.company, Address)
    except msgspec.ValidationError:
        return None


@v21.answers
async def notify_settlement(
    request: NotifySettlementRequest, inbound: Inbound, services: Services
) -> NotifySettlementResponse:
    company = request.vat_company
    with meaning("a settlement"):
        status = SettlementStatus(request.status.value)
    receipt = await services.settlements.told(
        inbound,
        Told(
            reference=request.transaction_id or "",
            psp_ref=request.psp_ref,
            status=status,
            amount=Decimal(repr(request.settlement_amount)),
            settled_at=request.settlement_time,
            info=request.status_info or "",
            receipt_id=request.receipt_id or "",
            receipt_url=request.receipt_url or "",
            vat_number=request.vat_number or "",
            vat_company={} if company is None else msgspec.to_builtins(company),
        ),
    )
    return NotifySettlementResponse(receipt_url=receipt.url or None, receipt_id=receipt.id or None)


@v21.asks
def notify_web_payment_started(
    command: NotifyWebPaymentStarted, station: LiveStation
) -> NotifyWebPaymentStartedRequest:
    return NotifyWebPaymentStartedRequest(evse_id=command.evse, timeout=command.timeout_s)


@v21.hears
def web_payment_noted(
    command: NotifyWebPaymentStarted, response: NotifyWebPaymentStartedResponse
) -> Outcome:
    return Outcome(result=Result.ANSWERED, accepted=True)
