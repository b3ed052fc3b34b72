"""What was asked of stations and takes time: its progress and its end."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from releve.domain.diagnostics import CUSTOMER
from releve.domain.ids import OperationId
from releve.domain.operation import CONFIDENTIAL, OperationPart, OperationState
from releve.services.errors import NotFound
from releve.services.views import OperationFilter, OperationView, Page
from releve.web.i18n import N_
from releve.web.operation_words import KINDS
from releve.web.pages.station_commands import CONTROL
from releve.web.visit import Asked, Visit

PAGE = 25
STATES = ("open", *OperationState)


@get("/operations")
async def operations(visit: Asked) -> Response[Any]:
    """The list; only its part when htmx asks."""
    found = await _found(visit)
    if visit.partial:
        return visit.part("operations/list.html", found=found)
    return await visit.page("operations/page.html", found=found, states=STATES, kinds=sorted(KINDS))


@get("/operations/{operation_id:str}")
async def operation(visit: Asked, operation_id: FromPath[str]) -> Response[Any]:
    """One of them: what was asked, what came of it, part by part."""
    shown = await _operation(visit, operation_id)
    hidden = shown.kind in CONFIDENTIAL and not visit.may("admin")
    parts = [] if hidden else await _parts(visit, shown)
    context: dict[str, Any] = {
        "operation": shown,
        "parts": parts,
        "told": await _told(visit, shown, hidden),
    }
    if visit.partial:
        return visit.part("operations/facts.html", **context)
    return await visit.page("operations/one.html", **context)


async def _told(visit: Visit, shown: OperationView, hidden: bool) -> str | None:
    """What a station told of a customer, in one text; None for whatever else was asked, and for who may not read it."""
    if shown.kind != CUSTOMER or hidden or shown.state != OperationState.DONE:
        return None
    return await visit.desk.services.customers.text(
        visit.principal.operator, OperationId(int(shown.id))
    )


@get("/operations/{operation_id:str}/cancel", opt=CONTROL)
async def dialog(visit: Asked, operation_id: FromPath[str]) -> Response[Any]:
    """Ask whether to stop waiting for it."""
    return visit.part("operations/cancel.html", operation=await _operation(visit, operation_id))


@post("/operations/{operation_id:str}/cancel", opt=CONTROL, status_code=200)
async def cancel(visit: Asked, operation_id: FromPath[str]) -> Response[Any]:
    """Stop waiting for it; the page it was asked from shows itself again."""
    shown = await _operation(visit, operation_id)
    await visit.form()
    await visit.desk.services.operations.cancel(
        visit.principal.operator, OperationId(int(shown.id)), by=visit.principal.name
    )
    return Response("", status_code=200, headers={"hx-refresh": "true"})


async def _parts(visit: Visit, shown: OperationView) -> list[OperationPart]:
    return await visit.desk.services.operations.parts(
        visit.principal.operator, OperationId(int(shown.id))
    )


async def _operation(visit: Visit, operation_id: str) -> OperationView:
    found = await visit.desk.catalogue.operation(visit.principal.operator, operation_id)
    if found is None:
        raise NotFound(N_("There is no such operation."))
    return found


async def _found(visit: Visit) -> Page[OperationView]:
    query = visit.query
    state = query.get("state", "")
    wanted = OperationFilter(
        station=query.get("station") or None,
        kind=query.get("kind") or None,
        state=state if state in STATES else None,
    )
    operator = visit.principal.operator
    try:
        after = query.get("after") or None
        return await visit.desk.catalogue.operations(operator, wanted, after=after, limit=PAGE)
    except ValueError:
        return await visit.desk.catalogue.operations(operator, wanted, limit=PAGE)


ROUTES = (operations, operation, dialog, cancel)
