"""Anomalies: what did not fit, for people to see to."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromQuery, JSONBody, QueryParameter

from releve.api.here import Asker, Key, Note, TheDesk, row_id, the_station, transaction_id
from releve.api.paging import After, Count, paged
from releve.domain.anomaly import AnomalyKind
from releve.domain.ids import AnomalyId
from releve.services.errors import NotFound
from releve.services.views import AnomalyView, Page

TAGS = ["Anomalies"]


class Resolution(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """note: what was found or done, for the record."""

    note: Note = ""


class Resolved(msgspec.Struct, frozen=True, kw_only=True):
    """The anomaly is seen to."""

    id: str
    resolved_by: str
    note: str


@get("/anomalies", operation_id="listAnomalies", summary="List anomalies", tags=TAGS)
async def list_anomalies(
    request: Request[Any, Any, Any],
    desk: TheDesk,
    asker: Asker,
    station: Annotated[
        str | None, QueryParameter(description="A station's id or identity.", max_length=255)
    ] = None,
    transaction: Annotated[
        str | None, QueryParameter(description="A transaction's id.", max_length=20)
    ] = None,
    kind: FromQuery[AnomalyKind | None] = None,
    resolved: Annotated[
        Literal["false", "true", "any"],
        QueryParameter(description="true: those seen to; any: both."),
    ] = "false",
    after: After = None,
    limit: Count = 50,
) -> Response[Page[AnomalyView]]:
    """What did not fit, newest first. Some kinds keep a transaction from billing until they are resolved."""
    found = desk.catalogue.anomalies(
        asker.operator,
        station=(await the_station(desk, asker, station)).id if station else None,
        transaction=str(await transaction_id(desk, asker, transaction)) if transaction else None,
        kind=kind.value if kind else None,
        resolved=None if resolved == "any" else resolved == "true",
        after=after,
        limit=limit,
    )
    return await paged(request, found)


@post(
    "/anomalies/{anomaly:str}/resolve",
    operation_id="resolveAnomaly",
    summary="Mark an anomaly as seen to",
    tags=TAGS,
    opt={"scope": "control"},
    status_code=200,
)
async def resolve_anomaly(
    desk: TheDesk, asker: Asker, anomaly: Key, data: JSONBody[Resolution | None] = None
) -> Resolved:
    """Resolve it, under your name. A transaction that only this one held is released for billing."""
    number = row_id(anomaly)
    if number is None:
        raise NotFound("There is no such anomaly.")
    note = data.note if data is not None else ""
    done = await desk.services.anomalies.resolve(
        asker.operator, AnomalyId(number), by=asker.name, note=note
    )
    return Resolved(id=str(done.id), resolved_by=done.resolved_by, note=done.note)


ROUTES = (list_anomalies, resolve_anomaly)
