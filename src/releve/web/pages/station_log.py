"""A station's message log: every call and its answer, in both directions."""

from __future__ import annotations

import re
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from releve.services.views import ExchangeView, Page
from releve.web.exports import download, everything, json_lines
from releve.web.visit import Asked, Visit

PAGE = 50
LONGEST_SEARCH = 100


@get("/stations/{station_id:str}/messages")
async def messages(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Newest first; only the list when htmx or the follower asks."""
    station, _ = await visit.station(station_id)
    try:
        found = await _found(visit, station.id, visit.query.get("after") or None, PAGE)
        problem = ""
    except ValueError:
        found, problem = Page[ExchangeView](items=[]), "time"
    context: dict[str, Any] = {"station": station, "found": found, "problem": problem}
    if visit.partial:
        return visit.part("station/exchanges.html", **context)
    return await visit.page("station/messages.html", tab="messages", **context)


@get("/stations/{station_id:str}/messages.jsonl")
async def as_lines(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """All that the filters find, one JSON object per line."""
    station, _ = await visit.station(station_id)

    async def read(after: str | None) -> Page[ExchangeView]:
        return await _found(visit, station.id, after, 500)

    name = re.sub(r"[^A-Za-z0-9._-]", "_", station.identity)[:80]
    return download(json_lines(everything(read)), f"{name}.jsonl", "application/jsonl")


async def _found(visit: Visit, station: str, after: str | None, limit: int) -> Page[ExchangeView]:
    query = visit.query
    return await visit.desk.catalogue.messages(
        visit.principal.operator,
        station,
        action=query.get("action", "").strip() or None,
        outcome=query.get("outcome") or None,
        search=query.get("search", "").strip()[:LONGEST_SEARCH],
        since=visit.fmt.read(query.get("since", "")),
        until=visit.fmt.read(query.get("until", "")),
        after=after,
        limit=limit,
    )


ROUTES = (messages, as_lines)
