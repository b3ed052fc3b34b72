"""All transactions: filters, pages, and the list as a file."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from releve.services.views import Page, TransactionFilter, TransactionView
from releve.web.exports import csv_lines, download, everything
from releve.web.visit import Asked, Visit

PAGE = 25
LONGEST_SEARCH = 100
COLUMNS = (
    "id",
    "identity",
    "station_name",
    "reference",
    "evse",
    "connector",
    "token",
    "token_type",
    "token_label",
    "verdict",
    "state",
    "started_at",
    "ended_at",
    "received_at",
    "meter_start_wh",
    "meter_stop_wh",
    "meter_last_wh",
    "energy_wh",
    "stop_reason",
    "offline",
    "held",
    "complete",
)
HELD = {"yes": True, "no": False}


@get("/transactions")
async def transactions(visit: Asked) -> Response[Any]:
    """The list; only its part when htmx asks."""
    problem = ""
    try:
        wanted = _wanted(visit)
        found = await _read(visit, wanted, visit.query.get("after") or None, PAGE)
    except ValueError:
        found, problem = Page[TransactionView](items=[]), "time"
    if visit.partial:
        return visit.part("transactions/list.html", found=found, problem=problem)
    return await visit.page("transactions/page.html", found=found, problem=problem)


@get("/transactions/{transaction_id:str}/row")
async def row(visit: Asked, transaction_id: FromPath[str]) -> Response[Any]:
    """One row of the list, when something about it changed."""
    found = await visit.transaction(transaction_id)
    return visit.part("transactions/row.html", transaction=found)


@get("/transactions.csv")
async def as_csv(visit: Asked) -> Response[Any]:
    """All that the filters find."""
    wanted = _wanted(visit)

    async def read(after: str | None) -> Page[TransactionView]:
        return await _read(visit, wanted, after, 500)

    name = f"transactions-{visit.fmt.now:%Y%m%d-%H%M}.csv"
    return download(csv_lines(COLUMNS, everything(read)), name, "text/csv")


def _wanted(visit: Visit) -> TransactionFilter:
    """The filters of the query. ValueError for a date that is none."""
    query = visit.query
    return TransactionFilter(
        station=query.get("station", "").strip() or None,
        token=query.get("token", "").strip() or None,
        state=query.get("state") or None,
        held=HELD.get(query.get("held", "")),
        since=visit.fmt.read(query.get("since", "")),
        until=visit.fmt.read(query.get("until", ""), end=True),
        search=query.get("search", "").strip()[:LONGEST_SEARCH],
    )


async def _read(
    visit: Visit, wanted: TransactionFilter, after: str | None, limit: int
) -> Page[TransactionView]:
    operator = visit.principal.operator
    if wanted.station:
        station = await visit.desk.catalogue.station(operator, wanted.station)
        if station is None:
            return Page(items=[])
        wanted = msgspec.structs.replace(wanted, station=station.id)
    return await visit.desk.catalogue.transactions(operator, wanted, after=after, limit=limit)


ROUTES = (transactions, row, as_csv)
