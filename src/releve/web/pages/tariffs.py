"""Tariffs: the register, with a form for flat rates."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from releve.domain.tariff import Conditions, Scope, Tariff, TariffText, flat
from releve.domain.tariff_text import shown
from releve.services.errors import Invalid, RequestError
from releve.web.forms import Form
from releve.web.i18n import N_
from releve.web.pages.stations import ADMIN
from releve.web.visit import Asked, Visit

FIELDS = ("name", "currency", "energy", "kwh", "minute", "session", "idle_minute", "tax", "scope")
LISTS = ("tokens", "groups", "stations", "sites")


@get("/tariffs")
async def tariffs(visit: Asked) -> Response[Any]:
    """The list."""
    found = await visit.desk.services.tariffs.all(visit.principal.operator)
    rows = [(tariff, shown(tariff, visit.language)) for tariff in found]
    return await visit.page("tariffs/page.html", rows=rows)


@get("/tariffs/new", opt=ADMIN)
async def new(visit: Asked) -> Response[Any]:
    """The empty form."""
    return await _page(visit, Form({"currency": "EUR", "everyone": "yes"}))


@post("/tariffs/new", opt=ADMIN)
async def add(visit: Asked) -> Response[Any]:
    """Register a flat rate."""
    form = await visit.form()
    try:
        await visit.desk.services.tariffs.add(visit.principal.operator, _tariff(form))
    except RequestError as refused:
        return await _page(visit, form, refused=refused)
    return Redirect("/tariffs", status_code=303)


@get("/tariffs/{name:str}")
async def one(visit: Asked, name: FromPath[str]) -> Response[Any]:
    """A tariff with all its prices."""
    tariff = await visit.desk.services.tariffs.get(visit.principal.operator, name)
    return await visit.page(
        "tariffs/tariff.html",
        tariff=tariff,
        text=shown(tariff, visit.language),
        prices=[
            (kind, element.price, _when(visit, element.conditions), component.tax_rates)
            for kind, component in tariff.components
            for element in component.prices
        ],
    )


@post("/tariffs/{name:str}/remove", opt=ADMIN)
async def remove(visit: Asked, name: FromPath[str]) -> Response[Any]:
    """Forget a tariff."""
    await visit.desk.services.tariffs.remove(visit.principal.operator, name)
    return Redirect("/tariffs", status_code=303)


WORDS = {
    "start_time_of_day": N_("from %s"),
    "end_time_of_day": N_("until %s"),
    "valid_from_date": N_("from %s"),
    "valid_to_date": N_("until %s"),
    "evse_kind": "%s",
    "min_energy": N_("from %s Wh on"),
    "max_energy": N_("up to %s Wh"),
    "min_current": N_("from %s A on"),
    "max_current": N_("below %s A"),
    "min_power": N_("from %s W on"),
    "max_power": N_("below %s W"),
    "min_time": N_("after %s s"),
    "max_time": N_("in the first %s s"),
    "min_charging_time": N_("after %s s of charging"),
    "max_charging_time": N_("in the first %s s of charging"),
    "min_idle_time": N_("after %s s of idling"),
    "max_idle_time": N_("in the first %s s of idling"),
    "payment_brand": "%s",
    "payment_recognition": "%s",
}


def _when(visit: Visit, conditions: Conditions | None) -> str:
    """Conditions in words; empty: always."""
    if conditions is None:
        return ""
    said = [
        visit.text(text) % getattr(conditions, name)
        for name, text in WORDS.items()
        if getattr(conditions, name) is not None
    ]
    return ", ".join([*said, *conditions.day_of_week])


def _tariff(form: Form) -> Tariff:
    scope = Scope(
        everyone=form.flag("everyone"),
        **{name: tuple(_words(form.text(name))) for name in LISTS},
    )
    made = flat(
        form.required("name"),
        form.required("currency").upper(),
        kwh=_money(form, "kwh"),
        minute=_money(form, "minute"),
        session=_money(form, "session"),
        idle_minute=_money(form, "idle_minute"),
        idle_after_s=60 * (form.integer("idle_after", most=1440) or 0),
        tax=_money(form, "tax"),
        scope=scope,
    )
    text = form.text("text")
    if not text:
        return made
    described = TariffText(content=text, language=form.text("text_language") or "en")
    return msgspec.structs.replace(made, description=(described,))


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _money(form: Form, name: str) -> Decimal | None:
    """An amount as people write it, with a point or a comma; None when the field is empty."""
    text = form.text(name).replace(",", ".")
    if not text:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise Invalid(N_("This is not an amount."), field=name) from None
    if not amount.is_finite() or abs(amount) >= 1_000_000:
        raise Invalid(N_("This is not an amount."), field=name)
    return amount


async def _page(visit: Visit, form: Form, refused: RequestError | None = None) -> Response[Any]:
    return await visit.page(
        "tariffs/form.html",
        status=422 if refused else 200,
        form=form,
        fields=FIELDS,
        refused=(refused.field, visit.refusal(refused)) if refused else None,
    )


ROUTES = (tariffs, new, add, one, remove)
