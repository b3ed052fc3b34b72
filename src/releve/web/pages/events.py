"""What stations' own monitors told, and the files that stations handed in."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Stream

from releve.domain.file import FileId
from releve.services.errors import NotFound
from releve.services.views import EventFilter, Page, StationEventView
from releve.web.i18n import N_
from releve.web.operation_words import SEVERITIES
from releve.web.visit import Asked, Visit

PAGE = 50
LONGEST_SEARCH = 100


@get("/events")
async def events(visit: Asked) -> Response[Any]:
    """Newest first; only the list when htmx asks."""
    found = await _found(visit)
    context: dict[str, Any] = {"found": found, "severities": SEVERITIES}
    if visit.partial:
        return visit.part("events/list.html", **context)
    return await visit.page("events/page.html", **context)


@get("/files/{file_id:str}")
async def download(visit: Asked, file_id: FromPath[str]) -> Stream:
    """A file that a station handed in, to be saved: never opened here."""
    view = await visit.desk.catalogue.file(visit.principal.operator, file_id)
    if view is None:
        raise NotFound(N_("There is no such file."))
    files = visit.desk.services.files
    stored = await files.get(visit.principal.operator, FileId(int(view.id)))
    headers = {  # the name was made safe when it came
        "content-disposition": f'attachment; filename="{view.name}"',
        "content-length": str(view.size),
        "content-security-policy": "default-src 'none'; sandbox",
        "x-content-type-options": "nosniff",
    }
    return Stream(files.read(stored), media_type="application/octet-stream", headers=headers)


async def _found(visit: Visit) -> Page[StationEventView]:
    query, operator = visit.query, visit.principal.operator
    severity = query.get("severity", "")
    wanted = EventFilter(
        station=query.get("station") or None,
        severity=int(severity) if severity in map(str, range(10)) else None,
        search=query.get("search", "").strip()[:LONGEST_SEARCH],
    )
    catalogue = visit.desk.catalogue
    try:
        after = query.get("after") or None
        return await catalogue.station_events(operator, wanted, after=after, limit=PAGE)
    except ValueError:
        return await catalogue.station_events(operator, wanted, limit=PAGE)


ROUTES = (events, download)
