"""The message log: every call of a station and to a station, with what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.params import FromQuery, QueryParameter

from releve.api.here import Asker, Key, StationKey, TheDesk, aware, the_station
from releve.api.paging import After, Count, paged
from releve.services.errors import NotFound
from releve.services.views import ExchangeView, Page

TAGS = ["Messages"]


@get(
    "/stations/{station:str}/messages",
    operation_id="listMessages",
    summary="A station's message log",
    tags=TAGS,
)
async def list_messages(
    request: Request[Any, Any, Any],
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    action: Annotated[
        str | None, QueryParameter(description="The action, as on the wire.", max_length=100)
    ] = None,
    outcome: Annotated[
        str | None,
        QueryParameter(
            description="answered, error, timeout, malformed, dropped or send.", max_length=40
        ),
    ] = None,
    search: Annotated[
        str, QueryParameter(description="Part of request or response.", max_length=200)
    ] = "",
    since: FromQuery[datetime | None] = None,
    until: FromQuery[datetime | None] = None,
    after: After = None,
    limit: Count = 50,
) -> Response[Page[ExchangeView]]:
    """Calls in both directions, newest first. Payloads are JSON text with secrets masked."""
    found = await the_station(desk, asker, station)
    page = desk.catalogue.messages(
        asker.operator,
        found.id,
        action=action,
        outcome=outcome,
        search=search,
        since=aware(since, "since"),
        until=aware(until, "until"),
        after=after,
        limit=limit,
    )
    return await paged(request, page)


@get("/messages/{message:str}", operation_id="getMessage", summary="One message", tags=TAGS)
async def get_message(desk: TheDesk, asker: Asker, message: Key) -> ExchangeView:
    """One call with its answer."""
    found = await desk.catalogue.message(asker.operator, message)
    if found is None:
        raise NotFound("There is no such message.")
    return found


ROUTES = (list_messages, get_message)
