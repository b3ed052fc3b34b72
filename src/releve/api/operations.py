"""Operations: what was asked of stations and takes time."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post
from litestar.params import QueryParameter

from releve.api.here import Asker, Key, TheDesk, row_id, the_station
from releve.api.paging import After, Count, paged
from releve.domain.ids import OperationId, OperatorId
from releve.domain.operation import CONFIDENTIAL, Operation, OperationState
from releve.services.desk import Desk
from releve.services.errors import NotFound
from releve.services.views import OperationFilter, OperationView, Page

TAGS = ["Operations"]
TOPIC = "operation.changed"
# `state` means another thing to the framework, so the argument has another name.
StateFilter = Annotated[
    Literal["asked", "running", "done", "failed", "cancelled", "expired", "open"] | None,
    QueryParameter(name="state", description="open: asked or running."),
]


class PartView(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a multi-part answer, as the station sent it."""

    seq_no: int
    received_at: datetime
    content: dict[str, Any]


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """All parts that have come, by number."""

    items: list[PartView]


@get("/operations", operation_id="listOperations", summary="List operations", tags=TAGS)
async def list_operations(
    request: Request[Any, Any, Any],
    desk: TheDesk,
    asker: Asker,
    station: Annotated[
        str | None, QueryParameter(description="A station's id or identity.", max_length=255)
    ] = None,
    kind: Annotated[
        str | None, QueryParameter(description="Such as base-report.", max_length=100)
    ] = None,
    in_state: StateFilter = None,
    after: After = None,
    limit: Count = 50,
) -> Response[Page[OperationView]]:
    """Newest first."""
    wanted = OperationFilter(
        station=(await the_station(desk, asker, station)).id if station else None,
        kind=kind,
        state=in_state,
    )
    found = desk.catalogue.operations(asker.operator, wanted, after=after, limit=limit)
    return await paged(request, found)


@get("/operations/{operation:str}", operation_id="getOperation", summary="One operation", tags=TAGS)
async def get_operation(
    desk: TheDesk,
    asker: Asker,
    operation: Key,
    wait: Annotated[
        float, QueryParameter(description="Wait for its end, seconds at most.", ge=0, le=120)
    ] = 0,
) -> OperationView:
    """As it stands; with `wait`, once it has ended or the time is over."""
    view = await operation_view(desk, asker.operator, operation)
    if wait and not OperationState(view.state).ended:
        return await ended(desk, asker.operator, operation, wait)
    return view


@get(
    "/operations/{operation:str}/parts",
    operation_id="getOperationParts",
    summary="What the station sent, part by part",
    tags=TAGS,
)
async def get_parts(desk: TheDesk, asker: Asker, operation: Key) -> Parts:
    """The parts of a multi-part answer as they came, in wire names. Customers' data need `admin`."""
    view = await operation_view(desk, asker.operator, operation)
    if view.kind in CONFIDENTIAL:
        asker.require("admin")
    parts = await desk.services.operations.parts(asker.operator, OperationId(int(view.id)))
    return Parts(
        items=[
            PartView(seq_no=p.seq_no, received_at=p.received_at, content=p.content) for p in parts
        ]
    )


@post(
    "/operations/{operation:str}/cancel",
    operation_id="cancelOperation",
    summary="Stop waiting for it",
    tags=TAGS,
    opt={"scope": "control"},
    status_code=200,
)
async def cancel_operation(desk: TheDesk, asker: Asker, operation: Key) -> OperationView:
    """What the station is doing is not stopped by this; what it still tells is no longer taken for this operation."""
    view = await operation_view(desk, asker.operator, operation)
    number = OperationId(int(view.id))
    await desk.services.operations.cancel(asker.operator, number, by=asker.name)
    return await operation_view(desk, asker.operator, operation)


async def operation_view(
    desk: Desk, operator: OperatorId, operation: str | Operation
) -> OperationView:
    """An operation as the API shows it; NotFound."""
    number = str(operation.id) if isinstance(operation, Operation) else operation
    found = await desk.catalogue.operation(operator, number) if row_id(number) else None
    if found is None:
        raise NotFound("There is no such operation.")
    return found


async def ended(desk: Desk, operator: OperatorId, operation: str, wait_s: float) -> OperationView:
    """The operation once it has ended, or as it stands after `wait_s` seconds."""
    last = await desk.catalogue.last_announced(operator)  # before looking: nothing falls between

    async def end() -> None:
        if OperationState((await operation_view(desk, operator, operation)).state).ended:
            return
        events = desk.feed.listen(operator, topics=frozenset({TOPIC}), after=last)
        async for announced in events:
            event: Any = announced.event
            if str(event.operation) == operation and OperationState(event.state).ended:
                return

    with suppress(TimeoutError):
        await asyncio.wait_for(end(), wait_s)
    return await operation_view(desk, operator, operation)


ROUTES = (list_operations, get_operation, get_parts, cancel_operation)
