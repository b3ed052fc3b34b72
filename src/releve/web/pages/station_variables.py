"""A station's configuration: what it reported, reading it anew, changing a value."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from releve.domain.commands import SetVariables, VariableName
from releve.services.errors import Invalid, NotFound
from releve.services.security.guard import check_command
from releve.services.views import VariableView
from releve.web.forms import Form
from releve.web.i18n import N_
from releve.web.pages.station_commands import CONTROL, words
from releve.web.visit import Asked, Visit

NAME_FIELDS = (
    "component",
    "component_instance",
    "variable",
    "instance",
    "evse",
    "connector",
    "attribute",
)


@get("/stations/{station_id:str}/configuration")
async def configuration(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The table; only its part when htmx asks."""
    station, number = await visit.station(station_id)
    variables = await visit.desk.catalogue.variables(visit.principal.operator, station.id)
    if visit.partial:
        return visit.part("station/variables.html", station=station, variables=variables)
    services, operator = visit.desk.services, visit.principal.operator
    row = await services.commands.station(operator, number)
    return await visit.page(
        "station/configuration.html",
        tab="configuration",
        station=station,
        variables=variables,
        known=services.quirks.view(row),
    )


@post("/stations/{station_id:str}/configuration/read", opt=CONTROL, status_code=200)
async def read_all(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Ask the station for all its keys or variables."""
    station, row = await visit.station(station_id)
    who = visit.principal
    begun = await visit.desk.services.device_model.base_report(who.operator, row, by=who.name)
    return visit.part("station/read.html", station=station, operation=begun)


@get("/stations/{station_id:str}/configuration/edit", opt=CONTROL)
async def edit(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """The dialog for one value."""
    return await _dialog(visit, station_id, Form(visit.query))


@post("/stations/{station_id:str}/configuration/edit", opt=CONTROL, status_code=200)
async def write(visit: Asked, station_id: FromPath[str]) -> Response[Any]:
    """Write one value and show what the station made of it."""
    station, row = await visit.station(station_id)
    form = await visit.form()
    try:
        name = _name(form)
        value = form.text("value", strip=False)
        if len(value) > 2500:  # 2.x SetVariableDataType.attributeValue
            raise Invalid(N_("A value has at most 2500 characters."), field="value")
        check_command(SetVariables(values=((name, value),)))
    except Invalid as refused:
        field = "value" if refused.field == "values" else refused.field
        return await _dialog(visit, station_id, form, (field, visit.refusal(refused)))
    who = visit.principal
    outcome = await visit.desk.services.commands.perform(
        who.operator, row, SetVariables(values=((name, value),)), by=who.name
    )
    return visit.part(
        "station/written.html", station=station, name=name, outcome=outcome, words=words(outcome)
    )


async def _dialog(
    visit: Visit, station_id: str, form: Form, refused: tuple[str, str] | None = None
) -> Response[Any]:
    station, _ = await visit.station(station_id)
    name = _name(form)
    known = await visit.desk.catalogue.variables(visit.principal.operator, station.id)
    variable = next((v for v in known if _is(v, name)), None)
    if variable is None:
        raise NotFound(N_("The station has not reported such a variable."))
    return visit.part(
        "station/variable.html",
        status=422 if refused else 200,
        station=station,
        variable=variable,
        value=form.text("value", strip=False) if refused else variable.value or "",
        refused=refused,
    )


def _name(form: Form) -> VariableName:
    return VariableName(
        component=form.text("component"),
        component_instance=form.text("component_instance"),
        variable=form.required("variable"),
        instance=form.text("instance"),
        evse=form.integer("evse"),
        connector=form.integer("connector"),
        attribute=form.text("attribute") or "Actual",
    )


def _is(variable: VariableView, name: VariableName) -> bool:
    return all(getattr(variable, field) == getattr(name, field) for field in NAME_FIELDS)


ROUTES = (configuration, read_all, edit, write)
