"""Tariffs: the register, and the form of one: prices with conditions, taxes, texts, and whom it is for."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from releve.domain.tariff import FIXED, ComponentKind, Tariff
from releve.domain.tariff_check import FORMATS
from releve.domain.tariff_text import shown
from releve.services.errors import Invalid, NotNow, RequestError
from releve.web.forms import Form
from releve.web.i18n import N_
from releve.web.pages.stations import ADMIN
from releve.web.tariff_form import SCALES, changed, filled, one_tax, tariff_of
from releve.web.tariff_words import TariffWords
from releve.web.visit import Asked, Visit

SECTIONS = {
    ComponentKind.ENERGY: (N_("Energy"), N_("Price per kWh"), N_("For each kWh that is charged.")),
    ComponentKind.CHARGING_TIME: (
        N_("Charging time"),
        N_("Price per minute of charging"),
        N_("While energy flows."),
    ),
    ComponentKind.IDLE_TIME: (
        N_("Idle time"),
        N_("Price per minute of idling"),
        N_("While the car is connected and does not charge."),
    ),
    ComponentKind.FIXED_FEE: (
        N_("Fixed fee"),
        N_("Price per session"),
        N_("Once, when the transaction begins."),
    ),
    ComponentKind.RESERVATION_TIME: (
        N_("Reservation time"),
        N_("Price per minute of reservation"),
        N_("From the reservation until charging begins or it ends."),
    ),
    ComponentKind.RESERVATION_FIXED: (
        N_("Reservation fee"),
        N_("Price per reservation"),
        N_("Once for each reservation."),
    ),
}
STEPS = {
    "energy": N_("Energy (kWh)"),
    "power": N_("Power (kW)"),
    "current": N_("Current of all phases (A)"),
    "time": N_("Time since the start (minutes)"),
    "charging_time": N_("Time of charging (minutes)"),
    "idle_time": N_("Time of idling (minutes)"),
}
NEW = {
    "currency": "EUR",
    "everyone": "yes",
    "energy.0.price": "",
    "tax.0.type": "vat",
    "tax.0.percent": "",
}
assert STEPS.keys() == SCALES.keys()


@get("/tariffs")
async def tariffs(visit: Asked) -> Response[Any]:
    """The list."""
    found = await visit.desk.services.tariffs.all(visit.principal.operator)
    rows = [(tariff, shown(tariff, visit.language), _lines(visit, tariff)) for tariff in found]
    return await visit.page("tariffs/page.html", rows=rows)


@get("/tariffs/new", opt=ADMIN)
async def new(visit: Asked) -> Response[Any]:
    """The empty form."""
    return await _page(visit, Form(NEW | {"time_zone": visit.fmt.zone.key}))


@post("/tariffs/new", opt=ADMIN)
async def add(visit: Asked) -> Response[Any]:
    """Register one."""
    form = await visit.form()
    try:
        tariff = tariff_of(form, visit.fmt)
        await visit.desk.services.tariffs.add(visit.principal.operator, tariff)
    except RequestError as refused:
        return await _page(visit, form, refused=refused)
    return Redirect("/tariffs", status_code=303)


@post("/tariffs/new/draft", opt=ADMIN, status_code=200)
async def draft(visit: Asked) -> Response[Any]:
    """A row was added, taken away or moved up: the fields again, with all that was typed."""
    form = changed(await visit.form())
    action, _, name = form.text("change").partition(" ")
    fresh = f"{name}.{form.rows(name)[-1]}" if action == "add" and form.rows(name) else ""
    return visit.part("tariffs/fields.html", **_fields(visit, form) | {"fresh": fresh})


@post("/tariffs/new/words", opt=ADMIN, status_code=200)
async def words(visit: Asked) -> Response[Any]:
    """What is filled in so far, in words."""
    return visit.part("tariffs/words.html", **_said(visit, await visit.form()))


@get("/tariffs/{name:str}")
async def one(visit: Asked, name: FromPath[str]) -> Response[Any]:
    """A tariff with all its prices."""
    tariff = await visit.desk.services.tariffs.get(visit.principal.operator, name)
    said = TariffWords(visit.text, visit.fmt)
    return await visit.page(
        "tariffs/tariff.html",
        tariff=tariff,
        text=shown(tariff, visit.language),
        lines=said.lines(tariff),
        current=name == tariff.name,
        editable=one_tax(tariff),
        prices=[
            (
                kind,
                said.money(element.price, tariff.currency),
                said.when(element.conditions),
                component.tax_rates,
            )
            for kind, component in tariff.components
            for element in component.prices
        ],
    )


@get("/tariffs/{name:str}/edit", opt=ADMIN)
async def edit(visit: Asked, name: FromPath[str]) -> Response[Any]:
    """The form of one that is there."""
    tariff = await _editable(visit, name)
    return await _page(visit, filled(tariff, visit.fmt), known=tariff)


@post("/tariffs/{name:str}/edit", opt=ADMIN)
async def change(visit: Asked, name: FromPath[str]) -> Response[Any]:
    """Replace it; transactions that run keep what they began with."""
    known = await _editable(visit, name)
    form = (await visit.form()).with_({"name": known.name})
    try:
        tariff = tariff_of(form, visit.fmt)
        await visit.desk.services.tariffs.change(visit.principal.operator, tariff)
    except RequestError as refused:
        return await _page(visit, form, refused=refused, known=known)
    return Redirect("/tariffs", status_code=303)


async def _editable(visit: Visit, name: str) -> Tariff:
    tariff = await visit.desk.services.tariffs.get(visit.principal.operator, name)
    if tariff.name != name or not one_tax(tariff):
        raise NotNow(N_("This tariff is changed through the API only: its taxes differ by price."))
    return tariff


@post("/tariffs/{name:str}/remove", opt=ADMIN)
async def remove(visit: Asked, name: FromPath[str]) -> Response[Any]:
    """Forget a tariff."""
    await visit.desk.services.tariffs.remove(visit.principal.operator, name)
    return Redirect("/tariffs", status_code=303)


def _lines(visit: Visit, tariff: Tariff) -> list[str]:
    return TariffWords(visit.text, visit.fmt).lines(tariff)


def _said(visit: Visit, form: Form) -> dict[str, Any]:
    """The tariff in words, or what keeps it from being one yet."""
    try:
        tariff = tariff_of(form.with_({"name": form.text("name") or "draft"}), visit.fmt)
    except Invalid as refused:
        return {"lines": [], "waits": visit.refusal(refused)}
    return {"lines": _lines(visit, tariff), "waits": ""}


def _fields(
    visit: Visit, form: Form, refused: RequestError | None = None, known: Tariff | None = None
) -> dict[str, Any]:
    return {
        "form": form,
        "fresh": "",
        "known": known,
        "sections": SECTIONS,
        "steps": STEPS,
        "fixed": FIXED,
        "formats": FORMATS,
        "refused": (refused.field, visit.refusal(refused)) if refused else None,
        "days": visit.fmt.weekdays,
        **_said(visit, form),
    }


async def _page(
    visit: Visit, form: Form, refused: RequestError | None = None, known: Tariff | None = None
) -> Response[Any]:
    return await visit.page(
        "tariffs/form.html", status=422 if refused else 200, **_fields(visit, form, refused, known)
    )


ROUTES = (tariffs, new, add, draft, words, one, edit, change, remove)
