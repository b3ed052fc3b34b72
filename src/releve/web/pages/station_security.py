"""How a station proves who it is: profile, password, certificate; and what it told of its security."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from releve.domain.ids import StationId
from releve.services.errors import Invalid, NotFound, RequestError
from releve.services.security.profiles import Move
from releve.services.security.trust import certificate_names
from releve.web.forms import Form
from releve.web.i18n import N_
from releve.web.pages.security_events import events_of
from releve.web.pages.station_commands import CONTROL
from releve.web.pages.stations import ADMIN
from releve.web.visit import Asked, Visit


@get("/stations/{station_id:str}/security")
async def security(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The page's tab; only the list of events when htmx asks."""
    if visit.partial:
        station, _ = await visit.station(station_id)
        return visit.part("security_events/list.html", found=await events_of(visit, station.id))
    return await _page(visit, station_id)


@post("/stations/{station_id:str}/security/password", opt=ADMIN, status_code=200)
async def password(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Give the station a new password; shown once."""
    _, row = await visit.station(station_id)
    await visit.form()
    try:
        operation, made = await visit.desk.services.security.passwords.change(
            visit.principal.operator, row, by=visit.principal.name
        )
    except RequestError as refused:
        return await _page(visit, station_id, refused)
    return await _page(visit, station_id, made=(operation, made))


@post("/stations/{station_id:str}/security/profile", opt=ADMIN)
async def profile(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Move the station to another profile, or set only what it has to come with."""
    _, row = await visit.station(station_id)
    form = await visit.form()
    try:
        await _move(visit, row, form)
    except RequestError as refused:
        return await _page(visit, station_id, refused)
    return Redirect(f"/stations/{row}/security?saved=yes", status_code=303)


async def _move(visit: Visit, row: StationId, form: Form) -> None:
    wanted = int(form.choice("profile", ("0", "1", "2", "3")))
    profiles = visit.desk.services.security.profiles
    if form.choice("how", ("station", "here")) == "here":
        await profiles.set_here(visit.principal.operator, row, wanted, lower=form.flag("lower"))
        return
    settings = visit.desk.settings
    url = settings.stations_at_over_tls(wanted) if wanted > 1 else settings.stations_at
    slot = form.integer("slot", most=100)
    await profiles.move(
        visit.principal.operator,
        row,
        Move(to=wanted, url=url, slot=2 if slot is None else slot),
        by=visit.principal.name,
    )


@post("/stations/{station_id:str}/security/renew", opt=CONTROL)
async def renew(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Have the station ask for a new certificate; the operation shows what comes of it."""
    _, row = await visit.station(station_id)
    await visit.form()
    try:
        operation = await visit.desk.services.certificates.renew(
            visit.principal.operator, row, by=visit.principal.name
        )
    except RequestError as refused:
        return await _page(visit, station_id, refused)
    return Redirect(f"/operations/{operation.id}", status_code=303)


@post("/stations/{station_id:str}/security/certificate", opt=ADMIN)
async def certificate(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The name in its certificate, and whether it may be expired."""
    _, row = await visit.station(station_id)
    form = await visit.form()
    try:
        await visit.desk.services.security.profiles.set_certificate(
            visit.principal.operator,
            row,
            name=form.text("certificate_name"),
            accept_expired=form.flag("accept_expired"),
        )
    except Invalid as refused:
        return await _page(visit, station_id, refused)
    return Redirect(f"/stations/{row}/security?saved=yes", status_code=303)


@post("/stations/{station_id:str}/security/revoke", opt=ADMIN)
async def revoke(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Believe a certificate no more."""
    _, row = await visit.station(station_id)
    form = await visit.form()
    try:
        await visit.desk.services.certificates.revoke(
            visit.principal.operator, row, form.required("serial")
        )
    except RequestError as refused:
        return await _page(visit, station_id, refused)
    return Redirect(f"/stations/{row}/security?saved=yes", status_code=303)


@post("/stations/{station_id:str}/security/acknowledge", opt=CONTROL)
async def acknowledge_all(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """All alarms of the station at once."""
    _, row = await visit.station(station_id)
    await visit.form()
    await visit.desk.services.security.events.acknowledge_all(
        visit.principal.operator, row, by=visit.principal.name
    )
    return Redirect(f"/stations/{row}/security", status_code=303)


async def _page(
    visit: Visit,
    station_id: str,
    refused: RequestError | None = None,
    made: tuple[Any, str] | None = None,
) -> Response[Any]:
    station, number = await visit.station(station_id)
    operator = visit.principal.operator
    async with visit.desk.services.store.work(operator) as work:
        row = await work.stations.get(number)
    if row is None:
        raise NotFound(N_("There is no such station."))
    return await visit.page(
        "station/security.html",
        status=422 if refused else 200,
        tab="security",
        station=station,
        row=row,
        names=sorted(certificate_names(row)),
        certificates=await visit.desk.services.certificates.of(operator, number),
        found=await events_of(visit, station.id),
        form=Form(
            {
                "certificate_name": row.certificate_name,
                "accept_expired": "yes" if row.accept_expired else "",
            }
        ),
        refused=(refused.field, visit.refusal(refused)) if refused else None,
        made=made,
        now=visit.desk.clock.now(),
    )


ROUTES = (security, password, profile, renew, certificate, revoke, acknowledge_all)
