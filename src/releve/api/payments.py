"""Payments that drivers make without a contract, what was settled, and the QR codes that lead to them."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post, put
from litestar.params import JSONBody, QueryParameter

from releve.api.command_forms import CommandResult, EvseNumber, Name, fields_of
from releve.api.here import Asker, Key, StationKey, TheDesk, row_id, station_id, the_station
from releve.api.paging import After, Count, paged
from releve.api.tokens import Amount
from releve.domain.ids import PaymentId
from releve.domain.payment import Payment
from releve.services.desk import Desk
from releve.services.errors import NotFound
from releve.services.payment_views import (
    PaymentFilter,
    PaymentView,
    SettlementFilter,
    SettlementView,
)
from releve.services.payments import Wish
from releve.services.views import Page
from releve.services.web_payments import WebPayments

TAGS = ["Payments"]
CONTROL = {"scope": "control"}
ADMIN = {"scope": "admin", "pace": "gentle"}
States = Literal["opened", "authorized", "charging", "due", "settled", "canceled", "failed"]
StateFilter = Annotated[States | None, QueryParameter(name="state", description="How they stand.")]
Whose = Annotated[
    str | None, QueryParameter(description="A station's id or identity.", max_length=255)
]


class NewPayment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kiosk or the like has had a payment authorised. psp_ref: the provider's reference, the idToken of the
    transaction. amount: what was authorised, the most that it may cost. max_*: what the driver wants it limited to.
    """

    station: Name
    psp_ref: Name
    evse: EvseNumber | None = None
    amount: Amount | None = None
    currency: Annotated[str, msgspec.Meta(pattern=r"^([A-Za-z]{3})?$")] = ""
    max_energy_wh: Annotated[int, msgspec.Meta(ge=1)] | None = None
    max_time_s: Annotated[int, msgspec.Meta(ge=1, le=604800)] | None = None


class PaymentStart(CommandResult, frozen=True, kw_only=True):
    """The station's answer to the start, and the payment."""

    payment: PaymentView


class QrSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """validity_s: how long the station shows a code. length: of its password. per_evse: each EVSE has its own code.
    static: codes without a password (stickers) are good, too; anybody can copy those. amount: to be authorised.
    """

    enabled: bool = True
    validity_s: Annotated[int, msgspec.Meta(ge=10, le=3600)] = 60
    length: Annotated[int, msgspec.Meta(ge=6, le=32)] = 12
    per_evse: bool = True
    static: bool = False
    amount: Amount = "50"
    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z]{3}$")] = "EUR"


class QrView(msgspec.Struct, frozen=True, kw_only=True):
    """How a station makes its codes. The secret is never shown."""

    enabled: bool
    validity_s: int
    length: int
    per_evse: bool
    static: bool
    amount: str
    currency: str


class QrResult(CommandResult, frozen=True, kw_only=True):
    """The station's answers, and what counts now; null while the station has taken nothing."""

    setup: QrView | None


@get("/payments", operation_id="listPayments", summary="List payments", tags=TAGS)
async def list_payments(
    request: Request[Any, Any, Any],
    desk: TheDesk,
    asker: Asker,
    station: Whose = None,
    in_state: StateFilter = None,
    after: After = None,
    limit: Count = 50,
) -> Response[Page[PaymentView]]:
    """Newest first."""
    wanted = PaymentFilter(
        station=(await the_station(desk, asker, station)).id if station else None, state=in_state
    )
    return await paged(
        request, desk.catalogue.payments(asker.operator, wanted, after=after, limit=limit)
    )


@post(
    "/payments",
    operation_id="addPayment",
    summary="Start a transaction for a payment",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def add_payment(desk: TheDesk, asker: Asker, data: JSONBody[NewPayment]) -> PaymentStart:
    """For kiosks: the station is asked to start with the payment's reference; its transaction gets the limits."""
    payment, outcome = await desk.services.payments.kiosk(
        asker.operator,
        await station_id(desk, asker, data.station),
        data.psp_ref,
        evse=data.evse,
        amount=None if data.amount is None else Decimal(data.amount),
        currency=data.currency,
        wish=Wish(
            energy_wh=None if data.max_energy_wh is None else Decimal(data.max_energy_wh),
            time_s=data.max_time_s,
        ),
        by=asker.name,
    )
    view = await _view(desk, asker.operator, payment)
    return PaymentStart(**fields_of(outcome), payment=view)


@get("/payments/{payment:str}", operation_id="getPayment", summary="One payment", tags=TAGS)
async def get_payment(desk: TheDesk, asker: Asker, payment: Key) -> PaymentView:
    """As it stands."""
    return await _found(desk, asker.operator, payment)


@post(
    "/payments/{payment:str}/cancel",
    operation_id="cancelPayment",
    summary="Give up a payment",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def cancel_payment(desk: TheDesk, asker: Asker, payment: Key) -> PaymentView:
    """Before its transaction has begun; what was authorised is given back."""
    found = await _found(desk, asker.operator, payment)
    await desk.services.payments.cancel(asker.operator, PaymentId(int(found.id)))
    return await _found(desk, asker.operator, payment)


@post(
    "/payments/{payment:str}/settle",
    operation_id="settlePayment",
    summary="Settle a payment again",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def settle_payment(desk: TheDesk, asker: Asker, payment: Key) -> PaymentView:
    """For one that the provider has refused or failed to settle."""
    found = await _found(desk, asker.operator, payment)
    await desk.services.payments.again(asker.operator, PaymentId(int(found.id)))
    return await _found(desk, asker.operator, payment)


@get("/settlements", operation_id="listSettlements", summary="List settlements", tags=TAGS)
async def list_settlements(
    request: Request[Any, Any, Any],
    desk: TheDesk,
    asker: Asker,
    station: Whose = None,
    transaction: Annotated[
        str | None, QueryParameter(description="A transaction's id.", max_length=40)
    ] = None,
    status: Annotated[
        Literal["Settled", "Canceled", "Rejected", "Failed"] | None,
        QueryParameter(description="What came of it."),
    ] = None,
    after: After = None,
    limit: Count = 50,
) -> Response[Page[SettlementView]]:
    """Newest first: by stations' terminals, by this system with the provider, and from prepaid credit."""
    wanted = SettlementFilter(
        station=(await the_station(desk, asker, station)).id if station else None,
        transaction=transaction,
        status=status,
    )
    return await paged(
        request, desk.catalogue.settlements(asker.operator, wanted, after=after, limit=limit)
    )


@get(
    "/stations/{station:str}/web-payments",
    operation_id="getWebPayments",
    summary="How a station makes its QR codes",
    tags=TAGS,
)
async def get_web_payments(desk: TheDesk, asker: Asker, station: StationKey) -> QrView:
    """404 while it was never told."""
    number = await station_id(desk, asker, station)
    setup = await desk.services.web_payments.look(asker.operator, number)
    if setup is None:
        raise NotFound("This station was not told how to make QR codes.")
    return _qr(setup)


@put(
    "/stations/{station:str}/web-payments",
    operation_id="configureWebPayments",
    summary="Have a station show QR codes for payments",
    tags=TAGS,
    opt=ADMIN,
)
async def configure_web_payments(
    desk: TheDesk, asker: Asker, station: StationKey, data: JSONBody[QrSettings]
) -> QrResult:
    """OCPP 2.1. Gives the station a new secret; codes made with the old one end at once."""
    setup, outcome = await desk.services.web_payments.configure(
        asker.operator,
        await station_id(desk, asker, station),
        enabled=data.enabled,
        validity_s=data.validity_s,
        length=data.length,
        per_evse=data.per_evse,
        static=data.static,
        amount=Decimal(data.amount),
        currency=data.currency,
        by=asker.name,
    )
    return QrResult(**fields_of(outcome), setup=None if setup is None else _qr(setup))


def _qr(setup: WebPayments) -> QrView:
    return QrView(
        enabled=setup.enabled,
        validity_s=setup.validity_s,
        length=setup.length,
        per_evse=setup.per_evse,
        static=setup.static,
        amount=str(setup.amount),
        currency=setup.currency,
    )


async def _found(desk: Desk, operator: Any, payment: str) -> PaymentView:
    found = await desk.catalogue.payment(operator, payment) if row_id(payment) else None
    if found is None:
        raise NotFound("There is no such payment.")
    return found


async def _view(desk: Desk, operator: Any, payment: Payment) -> PaymentView:
    return await _found(desk, operator, str(payment.id))


ROUTES = (
    list_payments,
    add_payment,
    get_payment,
    cancel_payment,
    settle_payment,
    list_settlements,
    get_web_payments,
    configure_web_payments,
)
