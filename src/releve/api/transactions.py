"""Transactions: the list, one with its facts, its meter series."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from litestar import Request, Response, get
from litestar.params import QueryParameter

from releve.api.here import Asker, Key, TheDesk, aware, the_station, the_transaction
from releve.api.paging import After, Count, Items, paged
from releve.services.views import (
    FactView,
    Page,
    SampleView,
    TransactionFilter,
    TransactionView,
)

TAGS = ["Transactions"]


StationFilterKey = Annotated[
    str | None, QueryParameter(description="A station's id or identity.", max_length=255)
]
EvseFilter = Annotated[int | None, QueryParameter(ge=0, le=2**31 - 1)]
TokenFilter = Annotated[str | None, QueryParameter(description="A token's value.", max_length=255)]
# `state` means another thing to the framework, so the argument has another name.
StateFilter = Annotated[
    Literal["active", "ended", "presumed-ended"] | None, QueryParameter(name="state")
]
HeldFilter = Annotated[
    bool | None,
    QueryParameter(description="Kept from billing by an anomaly that nobody resolved yet."),
]
Since = Annotated[datetime | None, QueryParameter(description="Started at this time or later.")]
Until = Annotated[datetime | None, QueryParameter(description="Started before this time.")]
Search = Annotated[
    str,
    QueryParameter(
        description="A whole reference or token, part of a registered token or of a station's identity.",
        max_length=200,
    ),
]


@get("/transactions", operation_id="listTransactions", summary="List transactions", tags=TAGS)
async def list_transactions(
    request: Request[Any, Any, Any],
    desk: TheDesk,
    asker: Asker,
    station: StationFilterKey = None,
    evse: EvseFilter = None,
    token: TokenFilter = None,
    in_state: StateFilter = None,
    held: HeldFilter = None,
    since: Since = None,
    until: Until = None,
    search: Search = "",
    after: After = None,
    limit: Count = 50,
) -> Response[Page[TransactionView]]:
    """Transactions, newest first. `energy_wh` is absent where the station's facts contradict each other."""
    wanted = TransactionFilter(
        station=(await the_station(desk, asker, station)).id if station else None,
        evse=evse,
        token=token,
        state=in_state,
        held=held,
        since=aware(since, "since"),
        until=aware(until, "until"),
        search=search,
    )
    return await paged(
        request, desk.catalogue.transactions(asker.operator, wanted, after=after, limit=limit)
    )


@get(
    "/transactions/{transaction:str}",
    operation_id="getTransaction",
    summary="One transaction",
    tags=TAGS,
)
async def get_transaction(desk: TheDesk, asker: Asker, transaction: Key) -> TransactionView:
    """A transaction as derived from everything its station has reported so far."""
    return await the_transaction(desk, asker, transaction)


@get(
    "/transactions/{transaction:str}/facts",
    operation_id="listTransactionFacts",
    summary="What the station reported about it",
    tags=TAGS,
)
async def list_facts(desk: TheDesk, asker: Asker, transaction: Key) -> Items[FactView]:
    """The station's messages about it with their payload as sent, by sequence number, then by receipt."""
    found = await the_transaction(desk, asker, transaction)
    return Items(items=await desk.catalogue.facts(asker.operator, found.id))


@get(
    "/transactions/{transaction:str}/series",
    operation_id="getTransactionSeries",
    summary="Its meter series",
    tags=TAGS,
)
async def transaction_series(
    desk: TheDesk,
    asker: Asker,
    transaction: Key,
    readings: Annotated[
        bool, QueryParameter(description="With every reading, not only the summary of each sample.")
    ] = False,
    limit: Annotated[int, QueryParameter(ge=2, le=20_000)] = 5000,
) -> Items[SampleView]:
    """Meter samples by time, thinned evenly above `limit` points. `energy_wh` is the register, not the charge."""
    found = await the_transaction(desk, asker, transaction)
    return Items(
        items=await desk.catalogue.series(asker.operator, found.id, readings=readings, limit=limit)
    )


ROUTES = (list_transactions, get_transaction, list_facts, transaction_series)
