"""How a station proves who it is: profile, password, certificate; and what it told of its security."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from releve.domain.ids import StationId
from releve.domain.provisioning import OcppInterface
from releve.domain.security import HIGHEST_PROFILE
from releve.domain.station import Station
from releve.services.errors import Invalid, NotFound, RequestError
from releve.services.security.profiles import Move
from releve.services.security.trust import certificate_names
from releve.services.views import OperationFilter, OperationView, StationView
from releve.web.forms import Form
from releve.web.i18n import N_
from releve.web.network_form import address_of
from releve.web.pages.security_events import events_of
from releve.web.pages.station_commands import CONTROL
from releve.web.pages.stations import ADMIN
from releve.web.visit import Asked, Visit

CARDS = ("profile", "password", "certificate")
FOLLOWED = ("security-profile", "password", "certificate")
"""Kinds of operations whose newest is shown."""
OLD = "ocpp1.6"


@get("/stations/{station_id:str}/security")
async def security(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The page's tab; only the list of events when htmx asks."""
    if visit.partial:
        station, _ = await visit.station(station_id)
        return visit.part("security_events/list.html", found=await events_of(visit, station.id))
    return await _page(visit, station_id)


@post("/stations/{station_id:str}/security/password", opt=ADMIN, status_code=200)
async def password(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Give the station a new password, made here or given; shown once."""
    _, row = await visit.station(station_id)
    form = await visit.form()
    try:
        operation, made = await visit.desk.services.security.passwords.change(
            visit.principal.operator, row, form.text("password"), by=visit.principal.name
        )
    except RequestError as refused:
        return await _page(visit, station_id, refused, "password")
    return await _page(visit, station_id, made=(operation, made))


@post("/stations/{station_id:str}/security/forget", opt=ADMIN)
async def forget(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Accept only the old password again, after a change whose outcome was never known."""
    _, row = await visit.station(station_id)
    await visit.form()
    try:
        await visit.desk.services.security.passwords.forget(visit.principal.operator, row)
    except RequestError as refused:
        return await _page(visit, station_id, refused, "password")
    return Redirect(f"/stations/{row}/security?saved=yes", status_code=303)


@post("/stations/{station_id:str}/security/profile", opt=ADMIN)
async def profile(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Move the station to another profile, or set only what it has to come with."""
    _, row = await visit.station(station_id)
    form = await visit.form()
    try:
        saved = await _move(visit, row, form)
    except RequestError as refused:
        return await _page(visit, station_id, refused, "profile", form)
    # What the station was asked shows as an operation, whose end is open.
    return Redirect(f"/stations/{row}/security{'?saved=yes' if saved else ''}", status_code=303)


async def _move(visit: Visit, row: StationId, form: Form) -> bool:
    """True when it is done: only here."""
    wanted = int(form.choice("profile", ("0", "1", "2", "3")))
    profiles = visit.desk.services.security.profiles
    if form.choice("how", ("station", "here")) == "here":
        await profiles.set_here(visit.principal.operator, row, wanted, lower=form.flag("lower"))
        return True
    settings = visit.desk.settings
    ours = settings.stations_at_over_tls(wanted) if wanted > 1 else settings.stations_at
    slot = form.integer("slot", most=99)
    await profiles.move(
        visit.principal.operator,
        row,
        Move(
            to=wanted,
            url=address_of(form, wanted) if form.text("url") else ours,
            slot=2 if slot is None else slot,
            interface=OcppInterface(form.choice("interface", tuple(OcppInterface))),
            reset=form.flag("reset"),
        ),
        by=visit.principal.name,
    )
    return False


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
        return await _page(visit, station_id, refused, "certificate")
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
        return await _page(visit, station_id, refused, "certificate", form)
    return Redirect(f"/stations/{row}/security?saved=yes", status_code=303)


@post("/stations/{station_id:str}/security/revoke", opt=ADMIN)
async def revoke(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Believe a certificate no more; a connection that stands by it is closed."""
    _, row = await visit.station(station_id)
    form = await visit.form()
    try:
        await visit.desk.services.certificates.revoke(
            visit.principal.operator, row, form.required("serial")
        )
    except RequestError as refused:
        return await _page(visit, station_id, refused, "certificate")
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
    where: str = "",
    form: Form | None = None,
    made: tuple[Any, str] | None = None,
) -> Response[Any]:
    """The page. where: the card whose form was refused, with what it held."""
    station, number = await visit.station(station_id)
    operator = visit.principal.operator
    async with visit.desk.services.store.work(operator) as work:
        row = await work.stations.get(number)
    if row is None:
        raise NotFound(N_("There is no such station."))
    told = (refused.field, visit.refusal(refused)) if refused else None
    return await visit.page(
        "station/security.html",
        status=422 if refused else 200,
        tab="security",
        station=station,
        row=row,
        names=sorted(certificate_names(row)),
        certificates=await visit.desk.services.certificates.of(operator, number),
        found=await events_of(visit, station.id),
        forms=_forms(row) | ({where: form} if form is not None else {}),
        refusals={card: told if card == where else None for card in CARDS},
        latest={kind: await _latest(visit, station, kind) for kind in FOLLOWED},
        interfaces=[(one, one) for one in OcppInterface],
        old=station.version == OLD,
        made=made,
        now=visit.desk.clock.now(),
    )


def _forms(row: Station) -> dict[str, Form]:
    """The forms as they are before somebody fills them in."""
    kept = {
        "certificate_name": row.certificate_name,
        "accept_expired": "yes" if row.accept_expired else "",
    }
    wanted = {
        "profile": str(min(row.security_profile + 1, HIGHEST_PROFILE)),
        "how": "station",
        "slot": "2",
        "interface": OcppInterface.WIRED0,
        "reset": "yes",
    }
    return {"profile": Form(wanted), "certificate": Form(kept), "password": Form()}


async def _latest(visit: Visit, station: StationView, kind: str) -> OperationView | None:
    """The newest operation of a kind, ended or not."""
    wanted = OperationFilter(station=station.id, kind=kind)
    found = await visit.desk.catalogue.operations(visit.principal.operator, wanted, limit=1)
    return found.items[0] if found.items else None


ROUTES = (security, password, forget, profile, renew, certificate, revoke, acknowledge_all)
