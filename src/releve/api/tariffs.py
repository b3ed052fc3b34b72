"""Tariffs and cost: the register, what stations have of it, and what a transaction costs."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec
from litestar import Response, delete, get, post, put
from litestar.params import JSONBody

from releve.api.command_forms import CommandResult, result_of
from releve.api.commands import CONTROL, Patience
from releve.api.here import Asker, Key, Line, StationKey, TheDesk, station_id, transaction_id
from releve.api.paging import Items
from releve.domain.cost import Cost
from releve.domain.installed_tariff import InstalledTariff
from releve.domain.tariff import Scope, Tariff, flat
from releve.domain.tariff_text import shown
from releve.services.errors import Invalid

TAGS = ["Tariffs"]
ADMIN = {"scope": "admin"}
Price = Annotated[Decimal, msgspec.Meta(description="Excluding tax, as text or number.")]


class RegisteredTariff(msgspec.Struct, frozen=True, kw_only=True):
    """tariff_id: under which stations know it; it changes with the content. shown: what the driver reads."""

    name: str
    tariff_id: str
    shown: str
    tariff: Tariff


class FlatRate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One price each, excluding tax. tax: percent on all. idle_after_s: idle time that is free. scope: whom it is for,
    everyone when absent."""

    name: Line
    currency: Line
    kwh: Price | None = None
    minute: Price | None = None
    session: Price | None = None
    idle_minute: Price | None = None
    idle_after_s: Annotated[int, msgspec.Meta(ge=0, le=86_400)] = 0
    tax: Decimal | None = None
    scope: Scope | None = None


class DefaultTariff(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """tariff: its name, or a tariffId. evse 0: all. unchecked: send it although the station has said it cannot."""

    tariff: Line
    evse: Annotated[int, msgspec.Meta(ge=0)] = 0
    unchecked: bool = False


class TariffReading(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """evse 0: all."""

    evse: Annotated[int, msgspec.Meta(ge=0)] = 0


class TariffClearing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """tariff_ids empty: all default tariffs. evse absent: at every EVSE."""

    tariff_ids: list[Line] = []
    evse: Annotated[int, msgspec.Meta(ge=0)] | None = None


class TransactionTariff(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """tariff: its name, or a tariffId. unchecked: send it although the station has said it cannot."""

    tariff: Line
    unchecked: bool = False


class TransactionCostView(msgspec.Struct, frozen=True, kw_only=True):
    """cost null: nothing is charged. final: the transaction has ended and this is what it cost."""

    final: bool
    at: datetime
    cost: Cost | None = None


@get("/tariffs", operation_id="listTariffs", summary="List tariffs", tags=TAGS)
async def list_tariffs(desk: TheDesk, asker: Asker) -> Items[RegisteredTariff]:
    """All tariffs, by name."""
    return Items(items=[_view(t) for t in await desk.services.tariffs.all(asker.operator)])


@post("/tariffs", operation_id="addTariff", summary="Register a tariff", tags=TAGS, opt=ADMIN)
async def add_tariff(
    desk: TheDesk, asker: Asker, data: JSONBody[Tariff]
) -> Response[RegisteredTariff]:
    """As full as OCPP 2.1 knows them: components with prices, each under conditions; the first that applies counts."""
    added = _view(await desk.services.tariffs.add(asker.operator, data))
    return Response(added, headers={"location": f"/api/v1/tariffs/{added.name}"})


@post(
    "/tariffs/flat",
    operation_id="addFlatRate",
    summary="Register a flat rate",
    tags=TAGS,
    opt=ADMIN,
)
async def add_flat(
    desk: TheDesk, asker: Asker, data: JSONBody[FlatRate]
) -> Response[RegisteredTariff]:
    """The simple case: one price a kWh, a minute, a session, an idle minute."""
    tariff = flat(
        data.name,
        data.currency,
        kwh=data.kwh,
        minute=data.minute,
        session=data.session,
        idle_minute=data.idle_minute,
        idle_after_s=data.idle_after_s,
        tax=data.tax,
        scope=data.scope,
    )
    added = _view(await desk.services.tariffs.add(asker.operator, tariff))
    return Response(added, headers={"location": f"/api/v1/tariffs/{added.name}"})


@get("/tariffs/{tariff:str}", operation_id="getTariff", summary="One tariff", tags=TAGS)
async def get_tariff(desk: TheDesk, asker: Asker, tariff: Key) -> RegisteredTariff:
    """By its name, or by a tariffId that it has or had once."""
    return _view(await desk.services.tariffs.get(asker.operator, tariff))


@put(
    "/tariffs/{tariff:str}",
    operation_id="changeTariff",
    summary="Replace a tariff",
    tags=TAGS,
    opt=ADMIN,
)
async def change_tariff(
    desk: TheDesk, asker: Asker, tariff: Key, data: JSONBody[Tariff]
) -> RegisteredTariff:
    """It holds for transactions that begin from now on. Another content has another tariffId."""
    if data.name != tariff:
        raise Invalid("A tariff keeps its name.", field="name")
    return _view(await desk.services.tariffs.change(asker.operator, data))


@delete(
    "/tariffs/{tariff:str}",
    operation_id="removeTariff",
    summary="Remove a tariff",
    tags=TAGS,
    opt=ADMIN,
)
async def remove_tariff(desk: TheDesk, asker: Asker, tariff: Key) -> None:
    """Transactions keep what they cost; stations keep what is installed there."""
    await desk.services.tariffs.remove(asker.operator, tariff)


# --- at stations ------------------------------------------------------------------------------------------------


@get(
    "/stations/{station:str}/tariffs",
    operation_id="listStationTariffs",
    summary="Tariffs that a station has",
    tags=TAGS,
)
async def station_tariffs(
    desk: TheDesk, asker: Asker, station: StationKey
) -> Items[InstalledTariff]:
    """As last confirmed by the station."""
    found = await station_id(desk, asker, station)
    return Items(items=await desk.services.station_tariffs.installed(asker.operator, found))


@post(
    "/stations/{station:str}/tariffs/default",
    operation_id="setDefaultTariff",
    summary="Install a default tariff",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def set_default(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[DefaultTariff],
    timeout: Patience = None,
) -> CommandResult:
    """For drivers without a tariff of their own (2.1). The station reckons the cost by itself."""
    found = await station_id(desk, asker, station)
    return result_of(
        await desk.services.station_tariffs.set_default(
            asker.operator,
            found,
            data.tariff,
            evse=data.evse,
            unchecked=data.unchecked,
            by=asker.name,
            timeout=timeout,
        )
    )


@post(
    "/stations/{station:str}/tariffs/read",
    operation_id="readStationTariffs",
    summary="Ask a station for its tariffs",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def read_tariffs(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[TariffReading | None] = None,
    timeout: Patience = None,
) -> CommandResult:
    """Default and drivers' tariffs (2.1)."""
    found = await station_id(desk, asker, station)
    evse = data.evse if data is not None else 0
    return result_of(
        await desk.services.station_tariffs.read(
            asker.operator, found, evse=evse, by=asker.name, timeout=timeout
        )
    )


@post(
    "/stations/{station:str}/tariffs/clear",
    operation_id="clearStationTariffs",
    summary="Remove default tariffs from a station",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def clear_tariffs(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[TariffClearing | None] = None,
    timeout: Patience = None,
) -> CommandResult:
    """Running transactions keep theirs (2.1)."""
    found = await station_id(desk, asker, station)
    wanted = data or TariffClearing()
    return result_of(
        await desk.services.station_tariffs.clear(
            asker.operator,
            found,
            tariff_ids=wanted.tariff_ids,
            evse=wanted.evse,
            by=asker.name,
            timeout=timeout,
        )
    )


# --- of transactions --------------------------------------------------------------------------------------------


@get(
    "/transactions/{transaction:str}/cost",
    operation_id="getTransactionCost",
    summary="What a transaction costs",
    tags=TAGS,
)
async def transaction_cost(desk: TheDesk, asker: Asker, transaction: Key) -> TransactionCostView:
    """With its breakdown: up to now while it runs, the final cost afterwards."""
    number = await transaction_id(desk, asker, transaction)
    row, cost = await desk.services.costs.of(asker.operator, number)
    at = cost.at if cost is not None else desk.clock.now()
    return TransactionCostView(final=row.ended_at is not None, at=at, cost=cost)


@post(
    "/transactions/{transaction:str}/cost/show",
    operation_id="showTransactionCost",
    summary="Show the driver the cost so far",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def show_cost(
    desk: TheDesk, asker: Asker, transaction: Key, timeout: Patience = None
) -> CommandResult:
    """It is shown by itself with each event and at an interval; this does it now (2.x)."""
    number = await transaction_id(desk, asker, transaction)
    return result_of(
        await desk.services.cost_telling.tell(
            asker.operator, number, by=asker.name, timeout=timeout
        )
    )


@post(
    "/transactions/{transaction:str}/tariff",
    operation_id="changeTransactionTariff",
    summary="Change the tariff of a running transaction",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def change_transaction_tariff(
    desk: TheDesk,
    asker: Asker,
    transaction: Key,
    data: JSONBody[TransactionTariff],
    timeout: Patience = None,
) -> CommandResult:
    """From now on (2.1). Where the law or a promise to the driver forbids it, do not."""
    number = await transaction_id(desk, asker, transaction)
    return result_of(
        await desk.services.station_tariffs.change(
            asker.operator,
            number,
            data.tariff,
            unchecked=data.unchecked,
            by=asker.name,
            timeout=timeout,
        )
    )


def _view(tariff: Tariff) -> RegisteredTariff:
    return RegisteredTariff(
        name=tariff.name,
        tariff_id=tariff.tariff_id,
        shown=shown(tariff).content,
        tariff=tariff,
    )


ROUTES = (
    list_tariffs,
    add_tariff,
    add_flat,
    get_tariff,
    change_tariff,
    remove_tariff,
    station_tariffs,
    set_default,
    read_tariffs,
    clear_tariffs,
    transaction_cost,
    show_cost,
    change_transaction_tariff,
)
