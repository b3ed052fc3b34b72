"""What did not fit, explained, to be resolved by a person."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from releve.domain.anomaly import AnomalyKind
from releve.domain.ids import AnomalyId
from releve.services.errors import NotFound
from releve.services.views import AnomalyView, Page
from releve.web.i18n import N_
from releve.web.pages.station_commands import CONTROL
from releve.web.visit import Asked, Visit

PAGE = 25
RESOLVED = {"yes": True, "all": None}


@get("/anomalies")
async def anomalies(visit: Asked) -> Response[Any]:
    """The list; only its part when htmx asks."""
    found = await _found(visit)
    if visit.partial:
        return visit.part("anomalies/list.html", found=found)
    return await visit.page("anomalies/page.html", found=found, kinds=tuple(AnomalyKind))


@get("/anomalies/{anomaly_id:str}/resolve", opt=CONTROL)
async def dialog(visit: Asked, anomaly_id: FromPath[str]) -> Response[Any]:
    """Ask for a note."""
    if not anomaly_id.isdecimal():
        raise NotFound(N_("There is no such anomaly."))
    return visit.part("anomalies/resolve.html", anomaly_id=anomaly_id)


@post("/anomalies/{anomaly_id:str}/resolve", opt=CONTROL, status_code=200)
async def resolve(visit: Asked, anomaly_id: FromPath[str]) -> Response[Any]:
    """Mark as seen to; the page it was asked from shows itself again."""
    if not anomaly_id.isdecimal():
        raise NotFound(N_("There is no such anomaly."))
    form = await visit.form()
    await visit.desk.services.anomalies.resolve(
        visit.principal.operator,
        AnomalyId(int(anomaly_id)),
        by=visit.principal.name,
        note=form.text("note"),
    )
    return Response("", status_code=200, headers={"hx-refresh": "true"})


async def _found(visit: Visit) -> Page[AnomalyView]:
    query = visit.query
    kind = query.get("kind", "")
    after = query.get("after") or None
    try:
        return await _read(visit, kind, query.get("resolved", ""), after)
    except ValueError:
        return await _read(visit, "", query.get("resolved", ""), None)


async def _read(visit: Visit, kind: str, resolved: str, after: str | None) -> Page[AnomalyView]:
    return await visit.desk.catalogue.anomalies(
        visit.principal.operator,
        kind=kind or None,
        resolved=RESOLVED.get(resolved, False),
        after=after,
        limit=PAGE,
    )


ROUTES = (anomalies, dialog, resolve)
