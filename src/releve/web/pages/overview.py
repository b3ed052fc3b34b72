"""The first page: how the site is now."""

from __future__ import annotations

from typing import Any

from litestar import Response, get

from releve.services.views import TransactionFilter
from releve.web.visit import Asked, Visit

SHOWN = 12
ANOMALIES_SHOWN = 5


@get("/")
async def overview(visit: Asked) -> Response[Any]:
    """Summary, active transactions, recent anomalies."""
    return await visit.page(
        "overview/page.html",
        summary=await visit.desk.catalogue.summary(visit.principal.operator),
        active=await _active(visit),
        anomalies=await _anomalies(visit),
    )


@get("/navigation")
async def navigation(visit: Asked) -> Response[Any]:
    """The navigation's entries with their counts, for the page at `?at=`."""
    counts = await visit.desk.catalogue.summary(visit.principal.operator)
    at = visit.query.get("at", "/")
    return visit.part("navigation_list.html", counts=counts, here=at)


@get("/overview/summary")
async def summary(visit: Asked) -> Response[Any]:
    """The cards on top."""
    found = await visit.desk.catalogue.summary(visit.principal.operator)
    return visit.part("overview/summary.html", summary=found)


@get("/overview/active")
async def active(visit: Asked) -> Response[Any]:
    """The active transactions."""
    return visit.part("overview/active.html", active=await _active(visit))


@get("/overview/anomalies")
async def anomalies(visit: Asked) -> Response[Any]:
    """The latest open anomalies."""
    return visit.part("overview/anomalies.html", anomalies=await _anomalies(visit))


async def _active(visit: Visit) -> Any:
    running = TransactionFilter(state="active")
    return await visit.desk.catalogue.transactions(visit.principal.operator, running, limit=SHOWN)


async def _anomalies(visit: Visit) -> Any:
    return await visit.desk.catalogue.anomalies(visit.principal.operator, limit=ANOMALIES_SHOWN)


ROUTES = (overview, navigation, summary, active, anomalies)
