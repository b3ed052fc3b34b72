"""What stations tell of their security, and what this system noticed; alarms wait for somebody to see to them."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from releve.domain.ids import SecurityEventId
from releve.services.errors import NotFound
from releve.services.security_views import SecurityEventFilter, SecurityEventView
from releve.services.views import Page
from releve.web.i18n import N_
from releve.web.pages.station_commands import CONTROL
from releve.web.visit import Asked, Visit

PAGE = 25
SHOWN = ("alarm", "critical", "all")


@get("/security-events")
async def security_events(visit: Asked) -> Response[Any]:
    """The list; only its part when htmx asks."""
    found = await events_of(visit)
    if visit.partial:
        return visit.part("security_events/list.html", found=found)
    return await visit.page("security_events/page.html", found=found)


@get("/security-events/{event_id:str}/acknowledge", opt=CONTROL)
async def dialog(visit: Asked, event_id: FromPath[str]) -> Response[Any]:
    """Ask for a note."""
    return visit.part("security_events/acknowledge.html", event_id=_number(event_id))


@post("/security-events/{event_id:str}/acknowledge", opt=CONTROL, status_code=200)
async def acknowledge(visit: Asked, event_id: FromPath[str]) -> Response[Any]:
    """Mark as seen to; the page it was asked from shows itself again."""
    form = await visit.form()
    await visit.desk.services.security.events.acknowledge(
        visit.principal.operator,
        SecurityEventId(_number(event_id)),
        by=visit.principal.name,
        note=form.text("note"),
    )
    return Response("", status_code=200, headers={"hx-refresh": "true"})


async def events_of(visit: Visit, station: str | None = None) -> Page[SecurityEventView]:
    """The page of events that the query asks for."""
    shown = visit.query.get("show", "")
    wanted = SecurityEventFilter(
        station=station,
        alarm=station is None and shown in ("", "alarm"),
        critical=True if shown == "critical" else None,
    )
    operator, after = visit.principal.operator, visit.query.get("after") or None
    try:
        return await visit.desk.catalogue.security_events(operator, wanted, after=after, limit=PAGE)
    except ValueError:
        return await visit.desk.catalogue.security_events(operator, wanted, limit=PAGE)


def _number(event: str) -> int:
    if not event.isdecimal():
        raise NotFound(N_("There is no such security event."))
    return int(event)


ROUTES = (security_events, dialog, acknowledge)
