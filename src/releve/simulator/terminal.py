"""The payment terminal that is built into a station (2.1 C18 to C22)."""

from typing import TYPE_CHECKING

from releve.ocpp.messages import v21
from releve.simulator import sessions
from releve.simulator.tokens import Token

if TYPE_CHECKING:
    from releve.simulator.evse import Evse
    from releve.simulator.station import Station

DIRECT_PAYMENT = "DirectPayment"


async def pay(station: "Station", evse: "Evse", psp_ref: str) -> bool:
    """A driver holds a bank card to the terminal, and the provider authorises it: the session may begin (C18)."""
    station.note("paid", f"the terminal of EVSE {evse.id} has authorised {psp_ref}", evse.id)
    return await sessions.present_token(station, evse, Token(psp_ref, DIRECT_PAYMENT))


async def settle(
    station: "Station",
    psp_ref: str,
    transaction: str | None,
    amount: float,
    status: str = "Settled",
    vat_number: str | None = None,
) -> str:
    """The terminal has settled, or could not (C21, C22); the address of the receipt that the CSMS gives."""
    answer = await station.ask(
        v21.NotifySettlementRequest(
            transaction_id=transaction,
            psp_ref=psp_ref,
            status=v21.PaymentStatusEnum(status),
            settlement_amount=amount,
            settlement_time=station.now(),
            vat_number=vat_number,
        )
    )
    url = answer.receipt_url or ""
    station.note("settled", f"the terminal shows {url or 'no receipt'}", status=status)
    return url


async def check_vat_number(station: "Station", vat_number: str, evse: int | None) -> bool:
    """The driver has typed a VAT number; whether the CSMS finds it right (C18.FR.08)."""
    answer = await station.ask(v21.VatNumberValidationRequest(vat_number=vat_number, evse_id=evse))
    return answer.status is v21.GenericStatusEnum.ACCEPTED
