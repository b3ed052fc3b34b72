"""One transaction: its facts, its energy and power over time, what did not fit, and stopping it."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from releve.domain.cost import Cost
from releve.domain.ids import TransactionId
from releve.services.errors import NotNow
from releve.services.payment_views import SettlementFilter, SettlementView
from releve.services.views import TransactionView
from releve.web.i18n import N_
from releve.web.pages.station_commands import CONTROL, words
from releve.web.pages.transaction_control import checks, values
from releve.web.present import iso_utc
from releve.web.visit import Asked, Visit

CHART_POINTS = 2000
EVENTS_SHOWN = 100


@get("/transactions/{transaction_id:str}")
async def transaction(visit: Asked, transaction_id: FromPath[str]) -> Response[Any]:
    """The page."""
    found = await visit.transaction(transaction_id)
    catalogue, operator = visit.desk.catalogue, visit.principal.operator
    return await visit.page(
        "transaction/page.html",
        transaction=found,
        cost=await _cost(visit, found),
        settlements=await _settlements(visit, found),
        **await _events(visit, found),
        checks=await checks(visit, found),
        values=(signed := await values(visit, found)),
        signed_count=len(signed),
        anomalies=await catalogue.anomalies(
            operator, transaction=found.id, resolved=None, limit=100
        ),
    )


@get("/transactions/{transaction_id:str}/facts")
async def facts(visit: Asked, transaction_id: FromPath[str]) -> Response[Any]:
    """The numbers on top, when they changed."""
    found = await visit.transaction(transaction_id)
    return visit.part(
        "transaction/facts.html",
        transaction=found,
        cost=await _cost(visit, found),
        settlements=await _settlements(visit, found),
    )


async def _cost(visit: Visit, found: TransactionView) -> Cost | None:
    """What it costs, or so far; None without a tariff."""
    if found.cost is not None or not found.tariffs:
        return found.cost
    _, cost = await visit.desk.services.costs.of(
        visit.principal.operator, TransactionId(int(found.id))
    )
    return cost


async def _settlements(visit: Visit, found: TransactionView) -> list[SettlementView]:
    """What became of the money, newest first."""
    wanted = SettlementFilter(transaction=found.id)
    page = await visit.desk.catalogue.settlements(visit.principal.operator, wanted, limit=100)
    return list(page.items)


@get("/transactions/{transaction_id:str}/timeline")
async def timeline(visit: Asked, transaction_id: FromPath[str]) -> Response[Any]:
    """The events, when there are more."""
    found = await visit.transaction(transaction_id)
    events = await _events(visit, found)
    return visit.part("transaction/timeline.html", transaction=found, **events)


async def _events(visit: Visit, found: TransactionView) -> dict[str, Any]:
    """The latest events, newest first; all of them when asked for: a night at a slow charger has thousands."""
    events = await visit.desk.catalogue.facts(visit.principal.operator, found.id)
    most = None if visit.query.get("events") == "all" else EVENTS_SHOWN
    return {
        "facts": events[::-1][:most],
        "hidden": 0 if most is None else max(0, len(events) - most),
    }


@get("/transactions/{transaction_id:str}/series.json")
async def series(visit: Asked, transaction_id: FromPath[str]) -> dict[str, Any]:
    """Points of the chart: [time, energy since the start in Wh, power in W, state of charge in percent]."""
    found = await visit.transaction(transaction_id)
    samples = await visit.desk.catalogue.series(
        visit.principal.operator, found.id, limit=CHART_POINTS
    )
    start = found.meter_start_wh
    if start is None:
        start = next((s.energy_wh for s in samples if s.energy_wh is not None), None)
    return {
        "points": [
            [
                iso_utc(s.at),
                None if s.energy_wh is None or start is None else s.energy_wh - start,
                s.power_w,
                s.soc_pct,
            ]
            for s in samples
        ]
    }


@get("/transactions/{transaction_id:str}/stop", opt=CONTROL)
async def stop_dialog(visit: Asked, transaction_id: FromPath[str]) -> Response[Any]:
    """Are you sure?"""
    found = await visit.transaction(transaction_id)
    return visit.part("transaction/stop.html", transaction=found)


@post("/transactions/{transaction_id:str}/stop", opt=CONTROL, status_code=200)
async def stop(visit: Asked, transaction_id: FromPath[str]) -> Response[Any]:
    """Ask the station to end it, and show its answer."""
    found = await visit.transaction(transaction_id)
    if found.state == "ended":
        raise NotNow(N_("This transaction has ended already."))
    who = visit.principal
    outcome = await visit.desk.services.commands.stop(
        who.operator, TransactionId(int(found.id)), by=who.name
    )
    return visit.part(
        "transaction/stopped.html", transaction=found, outcome=outcome, words=words(outcome)
    )


ROUTES = (transaction, facts, timeline, series, stop_dialog, stop)
