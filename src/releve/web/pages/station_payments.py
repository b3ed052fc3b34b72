"""Payments at a station: how it makes its QR codes, the addresses of static ones, and what was settled there (2.1)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from releve.services.errors import Invalid, RequestError
from releve.services.payment_views import SettlementFilter
from releve.services.web_payments import WebPayments
from releve.web.forms import Form
from releve.web.i18n import N_
from releve.web.pages.station_commands import words
from releve.web.pages.stations import ADMIN
from releve.web.tariff_values import amount
from releve.web.visit import Asked, Visit

SHOWN = 20
NEW = {
    "enabled": "yes",
    "validity_s": "60",
    "length": "12",
    "per_evse": "yes",
    "amount": "50",
    "currency": "EUR",
}


@get("/stations/{station_id:str}/payments")
async def payments(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The tab."""
    station, row = await visit.station(station_id)
    services, operator = visit.desk.services, visit.principal.operator
    setup = await services.web_payments.look(operator, row)
    numbers = sorted({e.evse for e in station.evses if e.evse})
    static = setup is not None and setup.enabled and setup.static
    return await visit.page(
        "station/payments.html",
        tab="payments",
        station=station,
        setup=setup,
        provider=services.payments.provider is not None,
        addresses=[
            (number, services.web_payments.static_address(station.identity, number))
            for number in (numbers if static else ())
        ],
        found=await visit.desk.catalogue.settlements(
            operator,
            SettlementFilter(station=station.id),
            after=visit.query.get("after") or None,
            limit=SHOWN,
        ),
    )


@get("/stations/{station_id:str}/payments/codes", opt=ADMIN)
async def dialog(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The dialog, with how it is now."""
    _, row = await visit.station(station_id)
    setup = await visit.desk.services.web_payments.look(visit.principal.operator, row)
    return await _dialog(visit, station_id, Form(NEW if setup is None else _filled(setup)))


@post("/stations/{station_id:str}/payments/codes", opt=ADMIN, status_code=200)
async def configure(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Give it a new secret and how to make its codes."""
    station, row = await visit.station(station_id)
    form, who = await visit.form(), visit.principal
    try:
        currency = form.required("currency").upper()
        if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
            raise Invalid(
                N_("The currency is a code of three capital letters, as in EUR."), field="currency"
            )
        _, outcome = await visit.desk.services.web_payments.configure(
            who.operator,
            row,
            enabled=form.flag("enabled"),
            validity_s=_whole(form, "validity_s"),
            length=_whole(form, "length"),
            per_evse=form.flag("per_evse"),
            static=form.flag("static"),
            amount=_amount(form),
            currency=currency,
            by=who.name,
        )
    except RequestError as refused:
        told = (refused.field, visit.refusal(refused))
        return await _dialog(visit, station_id, form, told)
    said = msgspec.structs.replace(outcome, payload=None)  # the secret was in what was asked for
    return visit.part(
        "station/payments_told.html", station=station, outcome=said, words=words(outcome)
    )


def _whole(form: Form, name: str) -> int:
    form.required(name)
    return form.integer(name) or 0


def _amount(form: Form) -> Decimal:
    form.required("amount")
    return amount(form, "amount") or Decimal(0)


def _filled(setup: WebPayments) -> dict[str, str]:
    return {
        "enabled": "yes" if setup.enabled else "",
        "validity_s": str(setup.validity_s),
        "length": str(setup.length),
        "per_evse": "yes" if setup.per_evse else "",
        "static": "yes" if setup.static else "",
        "amount": f"{setup.amount:f}",
        "currency": setup.currency,
    }


async def _dialog(
    visit: Visit, station_id: str, form: Form, refused: tuple[str, str] | None = None
) -> Response[Any]:
    station, row = await visit.station(station_id)
    setup = await visit.desk.services.web_payments.look(visit.principal.operator, row)
    return visit.part(
        "station/payments_codes.html",
        status=422 if refused else 200,
        station=station,
        known=setup is not None,
        form=form,
        refused=refused,
    )


ROUTES = (payments, dialog, configure)
