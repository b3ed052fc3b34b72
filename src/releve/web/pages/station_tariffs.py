"""Tariffs at stations (2.1): a default installed, read or removed; another tariff for a running transaction."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from releve.domain.commands import Outcome
from releve.domain.ids import StationId, TransactionId
from releve.domain.installed_tariff import DEFAULT
from releve.services.errors import NotFound, RequestError
from releve.web.forms import Form
from releve.web.i18n import N_
from releve.web.pages.station_commands import CONTROL, words
from releve.web.visit import Asked, Visit

Refused = tuple[str, str] | None


@get("/stations/{station_id:str}/tariffs/default", opt=CONTROL)
async def ask_default(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The dialog."""
    return await _default_dialog(visit, station_id, Form(visit.query))


@post("/stations/{station_id:str}/tariffs/default", opt=CONTROL, status_code=200)
async def set_default(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Install it; the station reckons the cost by itself from then on."""
    station, row = await visit.station(station_id)
    form, who = await visit.form(), visit.principal
    try:
        outcome = await visit.desk.services.station_tariffs.set_default(
            who.operator,
            row,
            form.required("tariff"),
            evse=form.integer("evse") or 0,
            unchecked=form.flag("unchecked"),
            by=who.name,
        )
    except RequestError as refused:
        told = (refused.field or "tariff", visit.refusal(refused))
        return await _default_dialog(visit, station_id, form, told)
    return _answered(visit, outcome, f"/stations/{station.id}/display")


async def _default_dialog(
    visit: Visit, station_id: str, form: Form, refused: Refused = None
) -> Response[Any]:
    station, _ = await visit.station(station_id)
    return visit.part(
        "tariffs/default.html",
        status=422 if refused else 200,
        station=station,
        tariffs=await visit.desk.services.tariffs.all(visit.principal.operator),
        form=form,
        refused=refused,
    )


@post("/stations/{station_id:str}/tariffs/read", opt=CONTROL, status_code=200)
async def read(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Ask which tariffs it has."""
    station, row = await visit.station(station_id)
    await visit.form()
    who = visit.principal
    outcome = await visit.desk.services.station_tariffs.read(who.operator, row, by=who.name)
    return _answered(visit, outcome, f"/stations/{station.id}/display")


@get("/stations/{station_id:str}/tariffs/clear", opt=CONTROL)
async def ask_clear(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Whether it is meant: the one that the query names (`tariff`), or all defaults."""
    station, row = await visit.station(station_id)
    name = visit.query.get("tariff", "")
    if name:
        await _installed(visit, row, name)
    return visit.part("tariffs/clear.html", station=station, name=name)


@post("/stations/{station_id:str}/tariffs/clear", opt=CONTROL, status_code=200)
async def clear(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Remove one default, or all."""
    station, row = await visit.station(station_id)
    name, who = (await visit.form()).text("tariff"), visit.principal
    if name:
        await _installed(visit, row, name)
    outcome = await visit.desk.services.station_tariffs.clear(
        who.operator, row, tariff_ids=(name,) if name else (), by=who.name
    )
    return _answered(visit, outcome, f"/stations/{station.id}/display")


async def _installed(visit: Visit, row: StationId, name: str) -> None:
    known = await visit.desk.services.station_tariffs.installed(visit.principal.operator, row)
    if not any(one.tariff_id == name and one.of == DEFAULT for one in known):
        raise NotFound(N_("The station has no such default tariff, as far as is known."))


# --- a running transaction ------------------------------------------------------------------------------------------


@get("/transactions/{transaction_id:str}/tariff", opt=CONTROL)
async def ask_change(visit: Asked, transaction_id: FromPath[str]) -> Response[Any]:
    """The dialog."""
    return await _change_dialog(visit, transaction_id, Form())


@post("/transactions/{transaction_id:str}/tariff", opt=CONTROL, status_code=200)
async def change(visit: Asked, transaction_id: FromPath[str]) -> Response[Any]:
    """Price it by another tariff from now on."""
    found = await visit.transaction(transaction_id)
    form, who = await visit.form(), visit.principal
    try:
        outcome = await visit.desk.services.station_tariffs.change(
            who.operator,
            TransactionId(int(found.id)),
            form.required("tariff"),
            unchecked=form.flag("unchecked"),
            by=who.name,
        )
    except RequestError as refused:
        told = (refused.field or "tariff", visit.refusal(refused))
        return await _change_dialog(visit, transaction_id, form, told)
    return _answered(visit, outcome, f"/transactions/{found.id}")


async def _change_dialog(
    visit: Visit, transaction_id: str, form: Form, refused: Refused = None
) -> Response[Any]:
    return visit.part(
        "tariffs/change.html",
        status=422 if refused else 200,
        transaction=await visit.transaction(transaction_id),
        tariffs=await visit.desk.services.tariffs.all(visit.principal.operator),
        form=form,
        refused=refused,
    )


@post("/transactions/{transaction_id:str}/cost", opt=CONTROL, status_code=200)
async def show_cost(visit: Asked, transaction_id: FromPath[str]) -> Response[Any]:
    """Show the driver what it costs so far, now."""
    found = await visit.transaction(transaction_id)
    await visit.form()
    who = visit.principal
    outcome = await visit.desk.services.cost_telling.tell(
        who.operator, TransactionId(int(found.id)), by=who.name
    )
    return _answered(visit, outcome, f"/transactions/{found.id}")


def _answered(visit: Visit, outcome: Outcome, href: str) -> Response[Any]:
    return visit.part("tariffs/answered.html", outcome=outcome, words=words(outcome), href=href)


ROUTES = (ask_default, set_default, read, ask_clear, clear, ask_change, change, show_cost)
