"""A station's display: what it shows, a message for it, and the tariffs that it knows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from releve.domain.display_message import DisplayMessage, Format, Priority, ShownIn, Text
from releve.domain.ids import StationId
from releve.services.errors import Invalid, RequestError
from releve.services.views import StationView
from releve.web.forms import Form
from releve.web.i18n import N_
from releve.web.pages.station_commands import CONTROL, words
from releve.web.visit import Asked, Visit

PRIORITIES = tuple(priority.value for priority in Priority)
STATES = ("", *(state.value for state in ShownIn))
FORMATS = tuple(form.value for form in Format)
FIELDS = ("id", "content", "text", "priority", "state", "format", "language", "start_at", "end_at")


@get("/stations/{station_id:str}/display")
async def display(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The tab; only its list when htmx asks."""
    station, row = await visit.station(station_id)
    context = await _context(visit, station, row)
    if visit.partial:
        return visit.part("station/display_messages.html", **context)
    tariffs = await visit.desk.services.station_tariffs.installed(visit.principal.operator, row)
    return await visit.page(
        "station/display.html", tab="display", tariffs=tariffs, **_blank(), **context
    )


@post("/stations/{station_id:str}/display/show", opt=CONTROL, status_code=200)
async def show(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Send a message, and show what became of it."""
    station, row = await visit.station(station_id)
    form = await visit.form()
    services, who = visit.desk.services, visit.principal
    try:
        message = await _message(visit, form, row)
        outcome = await services.displays.show(who.operator, row, message, by=who.name)
    except RequestError as refused:
        problem = (refused.field, visit.refusal(refused))
        return visit.part(
            "station/display_form.html", status=422, **_blank(form, problem), station=station
        )
    return visit.part(
        "station/display_shown.html", station=station, outcome=outcome, words=words(outcome)
    )


@post("/stations/{station_id:str}/display/read", opt=CONTROL, status_code=200)
async def read(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Ask the station for its messages: the list follows when it has told them."""
    station, row = await visit.station(station_id)
    who = visit.principal
    operation = await visit.desk.services.displays.read(who.operator, row, by=who.name)
    context = await _context(visit, station, row)
    return visit.part("station/display_messages.html", operation=operation, **context)


@post("/stations/{station_id:str}/display/{number:int}/clear", opt=CONTROL, status_code=200)
async def clear(visit: Asked, station_id: FromPath[str], number: FromPath[int]) -> Response[Any]:
    """Take a message away."""
    station, row = await visit.station(station_id)
    who = visit.principal
    outcome = await visit.desk.services.displays.clear(who.operator, row, number, by=who.name)
    context = await _context(visit, station, row)
    return visit.part(
        "station/display_messages.html", outcome=outcome, words=words(outcome), **context
    )


async def _context(visit: Visit, station: StationView, row: StationId) -> dict[str, Any]:
    displays, operator = visit.desk.services.displays, visit.principal.operator
    messages = await displays.all(operator, row)
    front = [m for m in messages if m.priority is Priority.ALWAYS_FRONT]
    shown = front[-1:] or [m for m in messages if m.priority is Priority.IN_FRONT] or messages
    now = visit.desk.clock.now()
    return {
        "station": station,
        "messages": messages,
        "preview": [m for m in shown if m.start_at is None or m.start_at <= now],
        "able": await displays.abilities(operator, row),
    }


def _blank(form: Form | None = None, refused: tuple[str, str] | None = None) -> dict[str, Any]:
    return {
        "form": form or Form({"priority": Priority.NORMAL_CYCLE.value, "format": "UTF8"}),
        "refused": refused,
        "fields": FIELDS,
        "priorities": PRIORITIES,
        "states": STATES,
        "formats": FORMATS,
    }


async def _message(visit: Visit, form: Form, row: StationId) -> DisplayMessage:
    number = form.integer("id")
    if number is None:
        number = await visit.desk.services.displays.free_id(visit.principal.operator, row)
    state = form.choice("state", STATES)
    return DisplayMessage(
        id=number,
        priority=Priority(form.choice("priority", PRIORITIES)),
        text=Text(
            content=form.required("content"),
            format=Format(form.choice("format", FORMATS)),
            language=form.text("language") or None,
        ),
        state=ShownIn(state) if state else None,
        start_at=_time(visit, form, "start_at"),
        end_at=_time(visit, form, "end_at"),
    )


def _time(visit: Visit, form: Form, name: str) -> datetime | None:
    try:
        return visit.fmt.read(form.text(name))
    except ValueError:
        raise Invalid(N_("This is not a date and time."), field=name) from None


ROUTES = (display, show, read, clear)
