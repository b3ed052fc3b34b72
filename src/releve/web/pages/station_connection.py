"""How a station comes in: what its boot is answered, what is done while it is Pending, its limits, its network."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from releve.domain.commands import VariableResult
from releve.domain.ids import StationId
from releve.domain.provisioning import Preparation, ReportBase
from releve.domain.station import BootDecision
from releve.domain.variables import PRIORITY
from releve.services.errors import NotFound, RequestError
from releve.services.limits import LIMITS
from releve.services.networks import MIGRATION
from releve.services.views import OperationFilter, StationView
from releve.web.forms import Form
from releve.web.i18n import N_
from releve.web.pages.stations import ADMIN
from releve.web.variable_lines import label, read_lines, write_lines
from releve.web.visit import Asked, Visit

PARTS = ("boot", "network", "limits")
REPORTS: dict[str, str] = {
    "": N_("None"),
    ReportBase.FULL: N_("All that it has"),
    ReportBase.CONFIGURATION: N_("All that can be written"),
    ReportBase.SUMMARY: N_("What has a problem"),
}
DECISIONS: dict[str, str] = {
    BootDecision.ACCEPTED: N_("Accepted: it may charge"),
    BootDecision.PENDING: N_("Pending: it may only be configured"),
    BootDecision.REJECTED: N_("Rejected: it may do nothing"),
}
OLD = "ocpp1.6"


@get("/stations/{station_id:str}/connection")
async def connection(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The tab; only one of its cards when htmx asks for it (`part`)."""
    part = visit.query.get("part", "")
    station, row = await visit.station(station_id)
    context = await _context(visit, station, row)
    if visit.partial and part in PARTS:
        return visit.part(f"connection/{part}.html", **context)
    return await visit.page("connection/page.html", tab="connection", **context)


async def _context(visit: Visit, station: StationView, row: StationId) -> dict[str, Any]:
    services, operator = visit.desk.services, visit.principal.operator
    known = await services.limits.some(await services.commands.station(operator, row))
    moves = OperationFilter(station=station.id, kind=MIGRATION)
    prepared = await _prepared(visit, row)
    left = await visit.desk.catalogue.operations(operator, moves, limit=1)
    return {
        "station": station,
        "prepared": prepared,
        "writes": _writes(prepared),
        "decisions": DECISIONS,
        "reports": REPORTS,
        "limits": sorted(known.values(), key=lambda one: one.name),
        "profiles": await services.networks.profiles(operator, row),
        "order": await order_of(visit, row),
        "leaving": left.items[0] if left.items else None,
        "old": station.version == OLD,
        "form": Form({"boot": station.boot}),
        "refused": None,
    }


def _writes(prepared: Preparation | None) -> list[tuple[str, str, VariableResult | None]]:
    """What is prepared to be written, with the station's answer where there is one."""
    if prepared is None:
        return []
    answers = {result.name: result for result in prepared.results}
    return [(label(name), value, answers.get(name)) for name, value in prepared.values]


async def order_of(visit: Visit, row: StationId) -> str | None:
    """The order of its network profiles as the station told it; None when it has not."""
    async with visit.desk.services.store.work(visit.principal.operator) as work:
        told = await work.variables.get(row, [PRIORITY])
    return told[0].value if told else None


async def _prepared(visit: Visit, row: StationId) -> Preparation | None:
    try:
        return await visit.desk.services.preparations.get(visit.principal.operator, row)
    except NotFound:
        return None


# --- boot -----------------------------------------------------------------------------------------------------------


@post("/stations/{station_id:str}/connection/boot", opt=ADMIN, status_code=200)
async def decide(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Decide what its boot is answered; the card as it is then."""
    _, row = await visit.station(station_id)
    form = await visit.form()
    try:
        decision = BootDecision(form.choice("boot", tuple(BootDecision)))
        await visit.desk.services.stations.change(visit.principal.operator, row, boot=decision)
    except RequestError as refused:
        return await _card(visit, station_id, form, (refused.field, visit.refusal(refused)))
    return await _card(visit, station_id)


async def _card(
    visit: Visit,
    station_id: str,
    form: Form | None = None,
    refused: tuple[str, str] | None = None,
) -> Response[Any]:
    station, row = await visit.station(station_id)
    context = await _context(visit, station, row)
    context |= {"refused": refused} | ({"form": form} if form is not None else {})
    return visit.part("connection/boot.html", status=422 if refused else 200, **context)


@get("/stations/{station_id:str}/connection/preparation", opt=ADMIN)
async def ask_preparation(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The dialog, filled with what is prepared already."""
    _, row = await visit.station(station_id)
    form = Form({"accept": "yes", "report": ""})
    prepared = await _prepared(visit, row)
    if prepared is not None:
        form = Form(
            {
                "values": write_lines(prepared.values),
                "report": prepared.report or "",
                "accept": "yes" if prepared.accept else "",
            }
        )
    return await _preparation_dialog(visit, station_id, form)


@post("/stations/{station_id:str}/connection/preparation", opt=ADMIN, status_code=200)
async def prepare(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Have it done at the next boot."""
    _, row = await visit.station(station_id)
    form, who = await visit.form(), visit.principal
    try:
        report = form.choice("report", tuple(REPORTS))
        await visit.desk.services.preparations.prepare(
            who.operator,
            row,
            read_lines(form.text("values"), "values"),
            ReportBase(report) if report else None,
            accept=form.flag("accept"),
            by=who.name,
        )
    except RequestError as refused:
        told = (refused.field, visit.refusal(refused))
        return await _preparation_dialog(visit, station_id, form, told)
    return Response("", headers={"hx-refresh": "true"})


@post("/stations/{station_id:str}/connection/preparation/drop", opt=ADMIN, status_code=200)
async def drop(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Do nothing at its next boot; what that is answered stays."""
    _, row = await visit.station(station_id)
    await visit.form()
    await visit.desk.services.preparations.drop(visit.principal.operator, row)
    return await _card(visit, station_id)


async def _preparation_dialog(
    visit: Visit, station_id: str, form: Form, refused: tuple[str, str] | None = None
) -> Response[Any]:
    station, _ = await visit.station(station_id)
    return visit.part(
        "connection/prepare.html",
        status=422 if refused else 200,
        station=station,
        reports=REPORTS,
        old=station.version == OLD,
        form=form,
        refused=refused,
    )


# --- limits ---------------------------------------------------------------------------------------------------------


@get("/stations/{station_id:str}/connection/limit", opt=ADMIN)
async def ask_limit(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The dialog to set a limit by hand."""
    return await _limit_dialog(visit, station_id, Form(visit.query))


@post("/stations/{station_id:str}/connection/limit", opt=ADMIN, status_code=200)
async def set_limit(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Set one by hand, or go back to what the station tells (empty)."""
    _, row = await visit.station(station_id)
    form = await visit.form()
    try:
        name = form.choice("name", tuple(LIMITS))
        await visit.desk.services.quirks.set_limits(
            visit.principal.operator, row, {name: form.integer("value")}
        )
    except RequestError as refused:
        return await _limit_dialog(visit, station_id, form, (refused.field, visit.refusal(refused)))
    return Response("", headers={"hx-refresh": "true"})


async def _limit_dialog(
    visit: Visit, station_id: str, form: Form, refused: tuple[str, str] | None = None
) -> Response[Any]:
    station, _ = await visit.station(station_id)
    return visit.part(
        "connection/limit.html",
        status=422 if refused else 200,
        station=station,
        names=sorted(LIMITS),
        form=form,
        refused=refused,
    )


ROUTES = (connection, decide, ask_preparation, prepare, drop, ask_limit, set_limit)
