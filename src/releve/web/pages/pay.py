"""What drivers see who pay by scanning a code: no sign-in, nothing of the console."""

from __future__ import annotations

import contextlib
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from releve.domain.ids import OperatorId, StationId
from releve.domain.payment import Payment, PaymentState
from releve.services.errors import NotFound, NotNow
from releve.services.web_payments import Refused
from releve.web.i18n import N_
from releve.web.visit import Asked, Visit

OPEN = {"scope": "none"}
NO_PAYMENT = N_("There is no such payment.")
NO_RECEIPT = N_("There is no such receipt.")
SAFE_SCHEMES = ("https://", "http://", "/")


@get("/pay/{identity:str}/{evse:int}/{password:str}/{version:str}", opt=OPEN)
async def of_evse(
    visit: Asked,
    identity: FromPath[str],
    evse: FromPath[int],
    password: FromPath[str],
    version: FromPath[str],
) -> Response[Any]:
    """The code of an EVSE."""
    return await _scanned(visit, identity, evse, password, version)


@get("/pay/{identity:str}/{password:str}/{version:str}", opt=OPEN)
async def of_station(
    visit: Asked, identity: FromPath[str], password: FromPath[str], version: FromPath[str]
) -> Response[Any]:
    """The code of a station, which will ask for the EVSE."""
    return await _scanned(visit, identity, None, password, version)


@get("/pay/{identity:str}/{evse:int}", opt=OPEN)
async def of_sticker(visit: Asked, identity: FromPath[str], evse: FromPath[int]) -> Response[Any]:
    """A static code, where the operator takes them."""
    return await _scanned(visit, identity, evse, None, None)


async def _scanned(
    visit: Visit, identity: str, evse: int | None, password: str | None, version: str | None
) -> Response[Any]:
    """On to the provider's page (C25.FR.20), or nowhere (C25.FR.08)."""
    desk = visit.desk.services.web_payments
    found = await desk.scan(identity, evse, password, version, visit.query)
    if isinstance(found, Refused):
        return visit.part("pay/refused.html", status=403, problem=visit.text(found.text))
    payment = await desk.begin(found)
    provider = visit.desk.services.payments.provider
    page = "" if provider is None else provider.page(payment)
    if not page.startswith(SAFE_SCHEMES):
        raise NotFound(NO_PAYMENT)
    return Redirect(page, status_code=303)


@get("/payments/{key:str}", opt=OPEN)
async def status(visit: Asked, key: FromPath[str]) -> Response[Any]:
    """How a payment stands; with the built-in provider also the place to say yes or no."""
    payment = await _payment(visit, key)
    return await _shown(visit, key, payment)


@post("/payments/{key:str}/authorize", opt=OPEN)
async def authorize(visit: Asked, key: FromPath[str]) -> Response[Any]:
    """The driver says yes, on the page of the built-in provider."""
    payment = await _payment(visit, key)
    _only_manual(visit)
    with contextlib.suppress(NotNow):  # a second press: the page shows how it stands
        await visit.desk.services.payments.authorized(payment.operator, payment.id, by="driver")
    return Redirect(f"/payments/{key}", status_code=303)


@post("/payments/{key:str}/cancel", opt=OPEN)
async def cancel(visit: Asked, key: FromPath[str]) -> Response[Any]:
    """The driver says no."""
    payment = await _payment(visit, key)
    _only_manual(visit)
    with contextlib.suppress(NotNow):
        await visit.desk.services.payments.cancel(payment.operator, payment.id)
    return Redirect(f"/payments/{key}", status_code=303)


@get("/receipts/{key:str}", opt=OPEN)
async def receipt(visit: Asked, key: FromPath[str]) -> Response[Any]:
    """What was paid, for the driver (C21.FR.03, C24.FR.11, C25.FR.41)."""
    operator, _, secret = key.partition(".")
    if not operator.isdecimal() or not secret:
        raise NotFound(NO_RECEIPT)
    async with visit.desk.services.store.work(OperatorId(int(operator))) as work:
        found = await work.payments.receipt(secret)
        if found is None:
            raise NotFound(NO_RECEIPT)
        station = await work.stations.get(found.station)
        row = await work.transactions.get(found.transaction) if found.transaction else None
    return visit.part("pay/receipt.html", settlement=found, station=station, row=row)


async def _payment(visit: Visit, key: str) -> Payment:
    operator, _, reference = key.partition(".")
    if operator.isdecimal() and reference:
        number = OperatorId(int(operator))
        found = await visit.desk.services.payments.find(number, reference)
        if found is not None:
            return found
    raise NotFound(NO_PAYMENT)


def _only_manual(visit: Visit) -> None:
    """Of another provider only the provider itself can say that a payment is authorised."""
    if visit.desk.settings.payment_provider != "manual":
        raise NotFound(NO_PAYMENT)


async def _shown(visit: Visit, key: str, payment: Payment) -> Response[Any]:
    settlements = visit.desk.services.settlements
    async with visit.desk.services.store.work(payment.operator) as work:
        station = await work.stations.get(StationId(payment.station))
        paid = await work.payments.settlements_for(payment.psp_ref)
    receipts = [url for url in map(settlements.receipt_url, paid) if url]
    return visit.part(
        "pay/status.html",
        payment=payment,
        key=key,
        station=station,
        receipt=receipts[-1] if receipts else "",
        asks=payment.state is PaymentState.OPENED
        and visit.desk.settings.payment_provider == "manual",
        ended=payment.state.ended,
    )


ROUTES = (of_evse, of_station, of_sticker, status, authorize, cancel, receipt)
