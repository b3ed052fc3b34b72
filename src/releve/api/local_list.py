"""Local authorization lists: what stations know of tokens when they cannot ask."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import get, post, put
from litestar.params import JSONBody, QueryParameter

from releve.api.command_forms import CommandResult, result_of
from releve.api.here import Asker, Line, StationKey, TheDesk, station_id
from releve.api.operations import operation_view
from releve.domain.local_list import ListRule, ListState, LocalList, UpdateKind
from releve.services.views import OperationView

TAGS = ["Local lists"]
CONTROL = {"scope": "control", "pace": "gentle"}
Values = Annotated[list[Line], msgspec.Meta(max_length=10_000)]
Patience = Annotated[
    float | None,
    QueryParameter(description="How long the station may take, seconds.", ge=1, le=120),
]


class LocalListView(msgspec.Struct, frozen=True, kw_only=True):
    """state: off (not kept in step), waiting, in-step, failed, not-supported. version, size: as the station confirmed.

    certain: all that the station has is known. left_out: tokens beyond what the station can hold.
    """

    state: ListState
    rule: ListRule
    groups: list[str]
    chosen: list[str]
    version: int
    size: int
    certain: bool
    left_out: int
    detail: str
    changed_at: datetime | None


class ListSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """automatic: keep the list in step. rule: all tokens, those of `groups`, or those `chosen` by their values."""

    automatic: bool
    rule: ListRule = ListRule.ALL
    groups: Values = []
    chosen: Values = []


class ListUpdate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """update: Full replaces the list, Differential changes it. tokens: registered tokens for it, by value; absent:
    those of the rule, or what has changed. remove: values to take off, by a Differential.
    """

    update: UpdateKind = UpdateKind.FULL
    tokens: Values | None = None
    remove: Values = []


@get(
    "/stations/{station:str}/local-list",
    operation_id="getLocalList",
    summary="How a station's local list stands",
    tags=TAGS,
)
async def get_local_list(desk: TheDesk, asker: Asker, station: StationKey) -> LocalListView:
    """What is wanted of it, and what the station has confirmed."""
    number = await station_id(desk, asker, station)
    return _view(await desk.services.local_list.look(asker.operator, number))


@put(
    "/stations/{station:str}/local-list",
    operation_id="configureLocalList",
    summary="Say which tokens belong on a station's local list",
    tags=TAGS,
    opt={"scope": "admin"},
)
async def configure_local_list(
    desk: TheDesk, asker: Asker, station: StationKey, data: JSONBody[ListSettings]
) -> LocalListView:
    """A list that is kept in step follows every change of a token, at once or when the station returns."""
    number = await station_id(desk, asker, station)
    changed = await desk.services.local_list.configure(
        asker.operator,
        number,
        automatic=data.automatic,
        rule=data.rule,
        groups=data.groups,
        chosen=data.chosen,
    )
    return _view(changed)


@post(
    "/stations/{station:str}/local-list/send",
    operation_id="sendLocalList",
    summary="Send a local list now",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def send_local_list(
    desk: TheDesk, asker: Asker, station: StationKey, data: JSONBody[ListUpdate | None] = None
) -> OperationView:
    """In as many messages as the station's limits ask for. The operation is done when the last one was accepted."""
    body = data or ListUpdate()
    operation = await desk.services.local_list.send(
        asker.operator,
        await station_id(desk, asker, station),
        body.update,
        tokens=body.tokens,
        remove=body.remove,
        by=asker.name,
    )
    return await operation_view(desk, asker.operator, operation)


@post(
    "/stations/{station:str}/local-list/clear",
    operation_id="clearLocalList",
    summary="Empty a station's local list",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def clear_local_list(desk: TheDesk, asker: Asker, station: StationKey) -> OperationView:
    """Takes all tokens off, and stops keeping the list in step."""
    number = await station_id(desk, asker, station)
    operation = await desk.services.local_list.clear(asker.operator, number, by=asker.name)
    return await operation_view(desk, asker.operator, operation)


@post(
    "/stations/{station:str}/local-list/version",
    operation_id="getLocalListVersion",
    summary="Ask for the version of the local list",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def ask_version(
    desk: TheDesk, asker: Asker, station: StationKey, timeout: Patience = None
) -> CommandResult:
    """`details.version`: 0 when the station has no list, -1 when it does not support one (1.6)."""
    outcome = await desk.services.local_list.ask_version(
        asker.operator,
        await station_id(desk, asker, station),
        by=asker.name,
        timeout=timeout,
    )
    return result_of(outcome)


def _view(held: LocalList) -> LocalListView:
    return LocalListView(
        state=held.state,
        rule=held.rule,
        groups=list(held.groups),
        chosen=list(held.chosen),
        version=held.version,
        size=held.size,
        certain=held.certain,
        left_out=held.left_out,
        detail=held.detail,
        changed_at=held.changed_at,
    )


ROUTES = (
    get_local_list,
    configure_local_list,
    send_local_list,
    clear_local_list,
    ask_version,
)
