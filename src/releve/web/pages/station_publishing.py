"""Firmware that a local controller publishes to the stations behind it (L03, L04)."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from releve.domain.firmware import PUBLISH
from releve.services.errors import RequestError
from releve.services.views import OperationFilter
from releve.web.forms import Form
from releve.web.i18n import N_
from releve.web.pages.station_commands import CONTROL, words
from releve.web.visit import Asked, Visit

ANSWERS: dict[str, tuple[str, str, str]] = {
    "Unpublished": ("ok", N_("It publishes the image no longer"), ""),
    "NoFirmware": ("calm", N_("It did not publish this image"), ""),
    "DownloadOngoing": (
        "warn",
        N_("A station is fetching it"),
        N_("The controller goes on publishing the image: withdraw it later."),
    ),
}


@get("/stations/{station_id:str}/publishing")
async def publishing(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The card: what it publishes, and the latest request."""
    station, row = await visit.station(station_id)
    operator, services = visit.principal.operator, visit.desk.services
    wanted = OperationFilter(station=station.id, kind=PUBLISH)
    found = await visit.desk.catalogue.operations(operator, wanted, limit=1)
    return visit.part(
        "publishing/card.html",
        station=station,
        published=await services.publishing.published(operator, row),
        images={one.id: one for one in await services.images.all(operator)},
        latest=found.items[0] if found.items else None,
    )


@get("/stations/{station_id:str}/publishing/publish", opt=CONTROL)
async def dialog(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The dialog."""
    return await _dialog(visit, station_id, Form(visit.query))


@post("/stations/{station_id:str}/publishing/publish", opt=CONTROL, status_code=200)
async def publish(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Ask it to publish an image."""
    station, row = await visit.station(station_id)
    form, who, services = await visit.form(), visit.principal, visit.desk.services
    try:
        operation = await services.publishing.publish(
            who.operator,
            row,
            await services.images.get(who.operator, form.required("image")),
            checksum=form.text("checksum"),
            retries=form.integer("retries", most=100),
            retry_interval_s=form.integer("retry_interval_s", most=86_400),
            by=who.name,
        )
    except RequestError as refused:
        return await _dialog(visit, station_id, form, (refused.field, visit.refusal(refused)))
    return visit.part("upkeep/begun.html", station=station, operation=operation)


@post("/stations/{station_id:str}/publishing/withdraw", opt=CONTROL, status_code=200)
async def withdraw(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Ask it to publish an image no longer; the dialog says what it answered."""
    station, row = await visit.station(station_id)
    form, who = await visit.form(), visit.principal
    outcome = await visit.desk.services.publishing.unpublish(
        who.operator, row, form.required("checksum"), by=who.name
    )
    said = ANSWERS.get(outcome.status or "") or words(outcome)
    shown = msgspec.structs.replace(outcome, status=None) if outcome.status in ANSWERS else outcome
    return visit.part("publishing/withdrawn.html", station=station, outcome=shown, words=said)


async def _dialog(
    visit: Visit, station_id: str, form: Form, refused: tuple[str, str] | None = None
) -> Response[Any]:
    station, _ = await visit.station(station_id)
    return visit.part(
        "publishing/publish.html",
        status=422 if refused else 200,
        station=station,
        images=await visit.desk.services.images.all(visit.principal.operator),
        form=form,
        refused=refused,
    )


ROUTES = (publishing, dialog, publish, withdraw)
