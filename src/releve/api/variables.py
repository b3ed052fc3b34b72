"""A station's variables as last reported: as a list, and as a file for spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Annotated, Literal

from litestar import Response, get
from litestar.params import QueryParameter

from releve.api.here import Asker, StationKey, TheDesk, the_station
from releve.api.paging import Items
from releve.services.access import Principal
from releve.services.desk import Desk
from releve.services.spreadsheet import harmless
from releve.services.views import StationView, VariableView

TAGS = ["Stations"]
Part = Annotated[
    str, QueryParameter(description="Part of component, variable or value.", max_length=200)
]
Only = Annotated[str, QueryParameter(description="This one only, in any case.", max_length=200)]
Mutability = Annotated[
    Literal["ReadOnly", "WriteOnly", "ReadWrite"] | None,
    QueryParameter(description="What may be done with it; absent: whatever."),
]
COLUMNS = tuple(name for name in VariableView.__struct_fields__ if name != "reported_at")


@get(
    "/stations/{station:str}/variables",
    operation_id="listVariables",
    summary="A station's variables, as last reported",
    tags=TAGS,
)
async def list_variables(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    search: Part = "",
    component: Only = "",
    variable: Only = "",
    mutability: Mutability = None,
) -> Items[VariableView]:
    """Device model variables; configuration keys of 1.6 have an empty component. `/variables/read` asks the station."""
    _, found = await _some(desk, asker, station, search, component, variable, mutability)
    return Items(items=found)


@get(
    "/stations/{station:str}/variables.csv",
    operation_id="exportVariables",
    summary="The same as a file for spreadsheets",
    tags=TAGS,
    media_type="text/csv",
)
async def export_variables(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    search: Part = "",
    component: Only = "",
    variable: Only = "",
    mutability: Mutability = None,
) -> Response[str]:
    """One line for each attribute of each variable."""
    view, found = await _some(desk, asker, station, search, component, variable, mutability)
    return Response(
        as_csv(found),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="variables-{view.id}.csv"'},
    )


def as_csv(variables: Sequence[VariableView]) -> str:
    """The variables with all that is known of each."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow([*COLUMNS, "reported_at"])
    for one in variables:
        cells = [getattr(one, name) for name in COLUMNS]
        at = one.reported_at.isoformat() if one.reported_at else ""
        writer.writerow(["" if c is None else harmless(str(c)) for c in cells] + [at])
    return text.getvalue()


async def _some(
    desk: Desk,
    asker: Principal,
    station: str,
    search: str,
    component: str,
    variable: str,
    mutability: str | None,
) -> tuple[StationView, list[VariableView]]:
    found = await the_station(desk, asker, station)
    known = await desk.catalogue.variables(asker.operator, found.id)
    wanted = search.casefold()
    return found, [
        one
        for one in known
        if (not component or one.component.casefold() == component.casefold())
        and (not variable or one.variable.casefold() == variable.casefold())
        and (mutability is None or one.mutability == mutability)
        and any(
            wanted in word.casefold() for word in (one.component, one.variable, one.value or "")
        )
    ]


ROUTES = (list_variables, export_variables)
