"""A station's network profiles: storing one, their order, and sending the station to another CSMS."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from releve.domain.commands import Outcome, ResetKind
from releve.domain.provisioning import ApnAuthentication, OcppInterface, VpnType
from releve.domain.variables import PRIORITY
from releve.services.errors import Invalid, RequestError
from releve.services.views import StationView
from releve.web.forms import Form
from releve.web.i18n import N_
from releve.web.network_form import FIELDS, filled, profile_of, slot_of, slots_of
from releve.web.pages.station_commands import CONTROL, words
from releve.web.pages.station_connection import order_of
from releve.web.pages.stations import ADMIN
from releve.web.visit import Asked, Visit

NEW = {"interface": OcppInterface.WIRED0, "timeout_s": "30", "security_profile": "1"}
Told = tuple[str, str]


@get("/stations/{station_id:str}/connection/profile", opt=CONTROL)
async def ask_profile(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The dialog; filled with what the station took for that slot, when one is named."""
    _, row = await visit.station(station_id)
    slot = visit.query.get("slot", "")
    known = await visit.desk.services.networks.profiles(visit.principal.operator, row)
    form = next((Form(filled(p.profile, p.slot)) for p in known if p.key == slot), Form(NEW))
    return await _dialog(visit, station_id, "profile", form)


@post("/stations/{station_id:str}/connection/profile", opt=CONTROL, status_code=200)
async def store(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Store it in the station."""
    station, row = await visit.station(station_id)
    form, who = await visit.form(), visit.principal
    try:
        outcome = await visit.desk.services.networks.store_profile(
            who.operator,
            row,
            slot_of(form),
            profile_of(form),
            by_variables=form.flag("by_variables") and station.version == "ocpp2.1",
            by=who.name,
        )
    except RequestError as refused:
        told = (refused.field, visit.refusal(refused))
        return await _dialog(visit, station_id, "profile", form, told)
    return _answered(visit, station, N_("Network profile"), outcome)


@get("/stations/{station_id:str}/connection/order", opt=CONTROL)
async def ask_order(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The dialog for the order of the profiles."""
    _, row = await visit.station(station_id)
    form = Form({"slots": await order_of(visit, row) or ""})
    return await _dialog(visit, station_id, "order", form)


@post("/stations/{station_id:str}/connection/order", opt=CONTROL, status_code=200)
async def prioritise(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Set it."""
    station, row = await visit.station(station_id)
    form, who = await visit.form(), visit.principal
    try:
        form.required("slots")
        outcome = await visit.desk.services.networks.prioritise(
            who.operator, row, slots_of(form, "slots"), by=who.name
        )
    except RequestError as refused:
        told = (refused.field, visit.refusal(refused))
        return await _dialog(visit, station_id, "order", form, told)
    return _answered(visit, station, N_("Order of the network profiles"), outcome)


@get("/stations/{station_id:str}/connection/leave", opt=ADMIN)
async def ask_leave(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The dialog."""
    return await _dialog(visit, station_id, "leave", Form(NEW | {"reset": ResetKind.ON_IDLE}))


@post("/stations/{station_id:str}/connection/leave", opt=ADMIN, status_code=200)
async def leave(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Send the station to another CSMS."""
    station, row = await visit.station(station_id)
    form, who = await visit.form(), visit.principal
    try:
        operation = await visit.desk.services.networks.migrate(
            who.operator,
            row,
            slot_of(form),
            profile_of(form),
            keep=slots_of(form, "keep"),
            confirm=_repeated(form, station),
            inoperative=form.flag("inoperative"),
            reset=ResetKind(form.choice("reset", (ResetKind.ON_IDLE, ResetKind.IMMEDIATE))),
            by=who.name,
        )
    except RequestError as refused:
        told = (refused.field, visit.refusal(refused))
        return await _dialog(visit, station_id, "leave", form, told)
    return visit.part("upkeep/begun.html", station=station, operation=operation)


def _repeated(form: Form, station: StationView) -> str:
    typed = form.text("confirm")
    if typed != station.identity:
        raise Invalid(N_("This is not the station's identity."), field="confirm")
    return typed


async def _dialog(
    visit: Visit, station_id: str, what: str, form: Form, refused: Told | None = None
) -> Response[Any]:
    station, row = await visit.station(station_id)
    has_any = station.version == "ocpp2.1"
    return visit.part(
        f"connection/{what}.html",
        status=422 if refused else 200,
        station=station,
        interfaces=[one for one in OcppInterface if has_any or one is not OcppInterface.ANY],
        vpn_types=tuple(VpnType),
        authentications=tuple(ApnAuthentication),
        fields=FIELDS,
        order=await order_of(visit, row),
        form=form,
        refused=refused,
    )


def _answered(visit: Visit, station: StationView, title: str, outcome: Outcome) -> Response[Any]:
    tone, said, text = words(outcome)
    failed = [r for r in outcome.variables if r.status not in ("Accepted", "RebootRequired")]
    if outcome.accepted:
        text = N_("It counts from the station's next start on.")
    elif any(r.name == PRIORITY for r in failed):
        text = N_("It does not take this order: are all of these slots filled?")
    return visit.part(
        "connection/answered.html",
        station=station,
        title=title,
        outcome=outcome,
        failed=failed,
        words=(tone, said, text),
    )


ROUTES = (ask_profile, store, ask_order, prioritise, ask_leave, leave)
