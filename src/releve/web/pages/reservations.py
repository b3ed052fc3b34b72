"""Reservations: what is kept free for whom, asking for one, letting go of one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from releve.domain.ids import ReservationId
from releve.domain.reservation import ReservationState
from releve.services.errors import Invalid, NotFound, RequestError
from releve.services.reservation_views import ReservationFilter, ReservationView
from releve.services.reservations import Wish
from releve.services.views import Page
from releve.web.forms import Form
from releve.web.i18n import N_
from releve.web.pages.station_commands import CONTROL, token_of, tokens_for, words
from releve.web.visit import Asked, Visit

PAGE = 25
STATES = ("open", *ReservationState)
DURATIONS = (
    ("30", N_("30 minutes")),
    ("60", N_("1 hour")),
    ("120", N_("2 hours")),
    ("480", N_("8 hours")),
)
CONNECTORS = (
    "cCCS2",
    "cCCS1",
    "cType2",
    "sType2",
    "cType1",
    "cG105",
    "sType3",
    "sCEE-7-7",
    "cTesla",
)


@get("/reservations")
async def reservations(visit: Asked) -> Response[Any]:
    """The list; only its part when htmx asks."""
    found = await _found(visit)
    if visit.partial:
        return visit.part("reservations/list.html", found=found)
    return await visit.page("reservations/page.html", found=found, states=STATES)


@get("/stations/{station_id:str}/reservations")
async def of_station(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The station's card: what it keeps free now."""
    station, _ = await visit.station(station_id)
    return visit.part(
        "reservations/card.html", station=station, reserved=await open_at(visit, station.id)
    )


@get("/stations/{station_id:str}/reserve", opt=CONTROL)
async def dialog(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """For whom, where, until when."""
    return await _dialog(visit, station_id, Form(visit.query))


@post("/stations/{station_id:str}/reserve", opt=CONTROL, status_code=200)
async def reserve(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Ask the station, and show its answer."""
    station, row = await visit.station(station_id)
    form, who = await visit.form(), visit.principal
    try:
        wish = await _wish(visit, form)
        made, outcome = await visit.desk.services.reservations.reserve(
            who.operator, row, wish, by=who.name
        )
    except RequestError as refused:
        return await _dialog(visit, station_id, form, (refused.field, visit.refusal(refused)))
    return visit.part(
        "reservations/made.html",
        station=station,
        reservation=made,
        outcome=outcome,
        words=words(outcome),
    )


@get("/reservations/{reservation_id:str}/cancel", opt=CONTROL)
async def cancel_dialog(visit: Asked, reservation_id: FromPath[str]) -> Response[Any]:
    """Are you sure?"""
    found = await _reservation(visit, reservation_id)
    return visit.part("reservations/cancel.html", reservation=found)


@post("/reservations/{reservation_id:str}/cancel", opt=CONTROL, status_code=200)
async def cancel(visit: Asked, reservation_id: FromPath[str]) -> Response[Any]:
    """Ask the station to let go of it, and show its answer."""
    found = await _reservation(visit, reservation_id)
    await visit.form()
    who = visit.principal
    _, outcome = await visit.desk.services.reservations.cancel(
        who.operator, ReservationId(int(found.id)), by=who.name
    )
    return visit.part(
        "reservations/cancelled.html", reservation=found, outcome=outcome, words=words(outcome)
    )


async def open_at(visit: Visit, station: str) -> list[ReservationView]:
    """What a station keeps free."""
    wanted = ReservationFilter(station=station, open=True)
    found = await visit.desk.catalogue.reservations(visit.principal.operator, wanted, limit=PAGE)
    return found.items


async def _wish(visit: Visit, form: Form) -> Wish:
    token = await token_of(visit, form.required("token"))
    minutes = form.integer("minutes", least=1, most=60 * 24 * 366)
    if minutes is None:
        raise Invalid(N_("This is needed."), field="minutes")
    assert token is not None
    return Wish(
        token=token,
        expires_at=visit.desk.clock.now() + timedelta(minutes=minutes),
        evse=form.integer("evse", least=1),
        connector_type=form.text("connector_type") or None,
        group=form.text("group") or None,
        anyway=form.flag("anyway"),
    )


async def _dialog(
    visit: Visit, station_id: str, form: Form, refused: tuple[str, str] | None = None
) -> Response[Any]:
    station, _ = await visit.station(station_id)
    return visit.part(
        "reservations/new.html",
        status=422 if refused else 200,
        station=station,
        form=form,
        tokens=await tokens_for(visit),
        durations=DURATIONS,
        connectors=CONNECTORS,
        refused=refused,
    )


async def _reservation(visit: Visit, reservation: str) -> ReservationView:
    found = await visit.desk.catalogue.reservation(visit.principal.operator, reservation)
    if found is None:
        raise NotFound(N_("There is no such reservation."))
    return found


async def _found(visit: Visit) -> Page[ReservationView]:
    query = visit.query
    state = query.get("state", "")
    wanted = ReservationFilter(
        station=query.get("station") or None,
        state=state if state in tuple(ReservationState) else None,
        open=True if state == "open" else None,
    )
    catalogue, operator = visit.desk.catalogue, visit.principal.operator
    try:
        after = query.get("after") or None
        return await catalogue.reservations(operator, wanted, after=after, limit=PAGE)
    except ValueError:
        return await catalogue.reservations(operator, wanted, limit=PAGE)


ROUTES = (reservations, of_station, dialog, reserve, cancel_dialog, cancel)
