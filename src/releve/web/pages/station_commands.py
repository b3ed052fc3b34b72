"""Commands: a dialog with the command's fields, then what the station answered, in words."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from releve.domain.charging_profile import RateUnit
from releve.domain.commands import Outcome, Result
from releve.domain.ids import StationId
from releve.domain.token import IdToken
from releve.services.errors import Invalid, NotFound
from releve.services.views import TokenView
from releve.web.charging_forms import start_profile
from releve.web.commands import COMMANDS, CommandForm, json_value
from releve.web.forms import Form
from releve.web.i18n import N_
from releve.web.limit_form import limit_of
from releve.web.visit import Asked, Visit
from releve.web.words import RESULT

CONTROL = {"scope": "control"}
ACCEPTED = N_("The station accepted")
REFUSED = N_("The station refused")
STATUSES = {
    "Accepted": N_("It will do it. What follows shows here as it happens."),
    "Rejected": N_("It cannot or will not do it now."),
    "Scheduled": N_("It will do it when its transactions have ended."),
    "Unlocked": N_("The connector is unlocked."),
    "UnlockFailed": N_("The connector could not be unlocked."),
    "NotSupported": N_("The station does not know how to do this."),
    "NotImplemented": N_("The station knows this request, but not this message."),
    "OngoingAuthorizedTransaction": N_("A transaction runs there: stop it first."),
    "UnknownConnector": N_("The station has no such connector."),
    "UnknownVendorId": N_("The station does not know this vendor."),
    "UnknownMessageId": N_("The station does not know this message of the vendor."),
    "RebootRequired": N_("It takes effect when the station has restarted."),
}


def words(outcome: Outcome) -> tuple[str, str, str]:
    """Tone, title and explanation of how a command ended; untranslated."""
    if outcome.result is not Result.ANSWERED:
        return RESULT[outcome.result]
    text = STATUSES.get(outcome.status or "", "")
    if outcome.status is None:
        return ("ok", N_("The station answered"), "")
    return ("ok", ACCEPTED, text) if outcome.accepted else ("warn", REFUSED, text)


@get("/stations/{station_id:str}/commands/{command:str}", opt=CONTROL)
async def dialog(visit: Asked, station_id: FromPath[str], command: FromPath[str]) -> Response[Any]:
    """The command's fields."""
    return await _dialog(visit, station_id, command, Form(visit.query))


@post("/stations/{station_id:str}/commands/{command:str}", opt=CONTROL, status_code=200)
async def perform(visit: Asked, station_id: FromPath[str], command: FromPath[str]) -> Response[Any]:
    """Send it and show how it ended."""
    station, row = await visit.station(station_id)
    form = await visit.form()
    chosen = _command(command)
    try:
        outcome = await _run(visit, row, chosen, form)
    except Invalid as refused:
        return await _dialog(
            visit, station_id, command, form, (refused.field, visit.refusal(refused))
        )
    return visit.part(
        "station/outcome.html",
        station=station,
        command=chosen,
        outcome=outcome,
        words=words(outcome),
    )


async def _run(visit: Visit, station: StationId, command: CommandForm, form: Form) -> Outcome:
    commands, who = visit.desk.services.commands, visit.principal
    if command.name == "start":
        return await _start(visit, station, form)
    if command.build is not None:
        return await commands.perform(who.operator, station, command.build(form), by=who.name)
    payload = json_value(form.text("payload") or "{}", "payload")
    if not isinstance(payload, dict):
        raise Invalid(N_("A payload is a JSON object."), field="payload")
    action, checked = form.required("action"), not form.flag("unchecked")
    return await commands.call(who.operator, station, action, payload, by=who.name, checked=checked)


async def _start(visit: Visit, station: StationId, form: Form) -> Outcome:
    """With the limit that the transaction begins with; why it cannot go is said beside its field."""
    profile = start_profile(form)
    if profile is not None and profile.schedules[0].unit not in await _units(visit, station):
        raise Invalid(N_("This station takes no limit in this unit with a start."), field="limit")
    who = visit.principal
    outcome, _ = await visit.desk.services.smart_charging.start(
        who.operator,
        station,
        profile,
        token=await token_of(visit, form.text("token")),
        evse=form.integer("evse"),
        group=form.text("group") or None,
        limit=limit_of(form),
        by=who.name,
    )
    if profile is not None and outcome.result is Result.INVALID:
        raise Invalid(outcome.description, field="limit")
    return outcome


async def _units(visit: Visit, station: StationId) -> tuple[RateUnit, ...]:
    charging = visit.desk.services.smart_charging
    return (await charging.situation(visit.principal.operator, station)).start_units


async def token_of(visit: Visit, value: str) -> IdToken | None:
    """The registered token of this value with its type; one nobody registered goes as an RFID card's."""
    if not value:
        return None
    for token in await tokens_for(visit, value):
        if token.value.casefold() == value.casefold():
            return IdToken(token.value, token.type)
    return IdToken(value)


async def tokens_for(visit: Visit, search: str = "") -> list[TokenView]:
    """Registered tokens to choose from."""
    found = await visit.desk.catalogue.tokens(visit.principal.operator, search=search, limit=50)
    return found.items


async def _dialog(
    visit: Visit,
    station_id: str,
    command: str,
    form: Form,
    refused: tuple[str, str] | None = None,
) -> Response[Any]:
    station, row = await visit.station(station_id)
    chosen = _command(command)
    units = await _units(visit, row) if chosen.name == "start" else ()
    wants_token = any(field.kind == "token" for field in chosen.fields)
    return visit.part(
        "station/command.html",
        status=422 if refused else 200,
        station=station,
        command=chosen,
        tokens=await tokens_for(visit) if wants_token else [],
        units=units,
        form=form,
        refused=refused,
    )


def _command(name: str) -> CommandForm:
    if name not in COMMANDS:
        raise NotFound(N_("There is no such command."))
    return COMMANDS[name]


ROUTES = (dialog, perform)
