"""Security events of stations: an alarm is a critical one that nobody has acknowledged."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post
from litestar.params import JSONBody, QueryParameter

from releve.api.here import Asker, Key, Note, StationKey, TheDesk, row_id, station_id, the_station
from releve.api.paging import After, Count, paged
from releve.domain.ids import SecurityEventId
from releve.services.errors import NotFound
from releve.services.security_views import SecurityEventFilter, SecurityEventView
from releve.services.views import Page

TAGS = ["Security"]
CONTROL = {"scope": "control"}


class Acknowledgement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """note: what was found or done, for the record."""

    note: Note = ""


class Acknowledged(msgspec.Struct, frozen=True, kw_only=True):
    """How many events are acknowledged now that were alarms."""

    acknowledged: int


@get(
    "/security-events", operation_id="listSecurityEvents", summary="List security events", tags=TAGS
)
async def list_security_events(
    request: Request[Any, Any, Any],
    desk: TheDesk,
    asker: Asker,
    station: Annotated[
        str | None, QueryParameter(description="A station's id or identity.", max_length=255)
    ] = None,
    critical: Annotated[
        Literal["true", "false", "any"], QueryParameter(description="As the standard calls it.")
    ] = "any",
    alarm: Annotated[
        bool, QueryParameter(description="Only those that nobody has acknowledged yet.")
    ] = False,
    kind: Annotated[
        str | None, QueryParameter(description="The event's name.", max_length=100)
    ] = None,
    after: After = None,
    limit: Count = 50,
) -> Response[Page[SecurityEventView]]:
    """Newest first, whatever the stations' clocks say."""
    wanted = SecurityEventFilter(
        station=(await the_station(desk, asker, station)).id if station else None,
        critical=None if critical == "any" else critical == "true",
        alarm=alarm,
        kind=kind,
    )
    found = desk.catalogue.security_events(asker.operator, wanted, after=after, limit=limit)
    return await paged(request, found)


@post(
    "/security-events/{event:str}/acknowledge",
    operation_id="acknowledgeSecurityEvent",
    summary="Acknowledge a security event",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def acknowledge(
    desk: TheDesk, asker: Asker, event: Key, data: JSONBody[Acknowledgement | None] = None
) -> Acknowledged:
    """It has been seen to: no alarm any more."""
    number = row_id(event)
    if number is None:
        raise NotFound("There is no such security event.")
    await desk.services.security.events.acknowledge(
        asker.operator,
        SecurityEventId(number),
        by=asker.name,
        note=data.note if data is not None else "",
    )
    return Acknowledged(acknowledged=1)


@post(
    "/stations/{station:str}/security-events/acknowledge",
    operation_id="acknowledgeSecurityEvents",
    summary="Acknowledge all alarms of a station",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def acknowledge_all(
    desk: TheDesk, asker: Asker, station: StationKey, data: JSONBody[Acknowledgement | None] = None
) -> Acknowledged:
    """Those that are alarms at this moment."""
    count = await desk.services.security.events.acknowledge_all(
        asker.operator,
        await station_id(desk, asker, station),
        by=asker.name,
        note=data.note if data is not None else "",
    )
    return Acknowledged(acknowledged=count)


ROUTES = (list_security_events, acknowledge, acknowledge_all)
