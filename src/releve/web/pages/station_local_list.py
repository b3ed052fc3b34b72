"""A station's local authorization list: how it stands, which tokens belong on it, sending it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from releve.domain.ids import StationId
from releve.domain.local_list import ListRule, UpdateKind
from releve.domain.operation import Operation
from releve.services.errors import RequestError
from releve.web.forms import Form
from releve.web.pages.station_commands import CONTROL
from releve.web.visit import Asked, Visit

ADMIN = {"scope": "admin"}
MOST_SHOWN = 200


@get("/stations/{station_id:str}/local-list")
async def local_list(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The card."""
    return await _card(visit, station_id)


@post("/stations/{station_id:str}/local-list", opt=ADMIN, status_code=200)
async def configure(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Save which tokens belong on it, and whether it is kept in step."""
    _, row = await visit.station(station_id)
    form = await visit.form()
    try:
        await visit.desk.services.local_list.configure(
            visit.principal.operator,
            row,
            automatic=form.flag("automatic"),
            rule=ListRule(form.choice("rule", tuple(ListRule))),
            groups=lines(form.text("groups")),
            chosen=lines(form.text("chosen")),
        )
    except RequestError as refused:
        return await _card(visit, station_id, form=form, refused=refused)
    return await _card(visit, station_id)


@post("/stations/{station_id:str}/local-list/send", opt=CONTROL, status_code=200)
async def send(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Send all of it now."""

    async def asked(row: StationId) -> Operation:
        who = visit.principal
        return await visit.desk.services.local_list.send(
            who.operator, row, UpdateKind.FULL, by=who.name
        )

    return await _done(visit, station_id, asked)


@post("/stations/{station_id:str}/local-list/clear", opt=CONTROL, status_code=200)
async def clear(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Take all tokens off."""

    async def asked(row: StationId) -> Operation:
        who = visit.principal
        return await visit.desk.services.local_list.clear(who.operator, row, by=who.name)

    return await _done(visit, station_id, asked)


async def _done(
    visit: Visit, station_id: str, ask: Callable[[StationId], Awaitable[Operation]]
) -> Response[Any]:
    _, row = await visit.station(station_id)
    try:
        operation = await ask(row)
    except RequestError as refused:
        return await _card(visit, station_id, refused=refused)
    return await _card(visit, station_id, operation=operation)


async def _card(
    visit: Visit,
    station_id: str,
    *,
    form: Form | None = None,
    refused: RequestError | None = None,
    operation: Operation | None = None,
) -> Response[Any]:
    station, row = await visit.station(station_id)
    held = await visit.desk.services.local_list.look(visit.principal.operator, row)
    shown = form or Form(
        {
            "automatic": "yes" if held.automatic else "",
            "rule": held.rule.value,
            "groups": "\n".join(held.groups),
            "chosen": "\n".join(held.chosen[:MOST_SHOWN]),
        }
    )
    return visit.part(
        "station/local_list.html",
        station=station,
        held=held,
        form=shown,
        operation=operation,
        refused=(refused.field, visit.refusal(refused)) if refused else None,
        open=form is not None,
    )


def lines(text: str) -> list[str]:
    """One entry a line; empty ones do not count."""
    return [line.strip() for line in text.splitlines() if line.strip()]


ROUTES = (local_list, configure, send, clear)
