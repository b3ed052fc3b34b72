"""Battery swap: stock, swaps, and letting a driver swap."""

from __future__ import annotations

import msgspec
from litestar import get, post
from litestar.params import JSONBody

from releve.api.commands import CONTROL, Patience
from releve.api.here import Asker, Line, StationKey, TheDesk, station_id
from releve.api.operations import operation_view
from releve.api.paging import Items
from releve.domain.battery import Battery, Swap
from releve.domain.token import IdToken
from releve.services.views import OperationView

TAGS = ["Battery swap"]


class SwapBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """token: a registered one that may charge."""

    token: Line
    token_type: Line = "ISO14443"  # noqa: S105 - a type of tokens


@get(
    "/stations/{station:str}/batteries",
    operation_id="listBatteries",
    summary="Batteries in a station",
    tags=TAGS,
)
async def list_batteries(desk: TheDesk, asker: Asker, station: StationKey) -> Items[Battery]:
    """By slot, as told when they were put in."""
    found = await station_id(desk, asker, station)
    return Items(items=await desk.services.batteries.stock(asker.operator, found))


@get(
    "/stations/{station:str}/battery-swaps",
    operation_id="listBatterySwaps",
    summary="Latest battery swaps",
    tags=TAGS,
)
async def list_swaps(desk: TheDesk, asker: Asker, station: StationKey) -> Items[Swap]:
    """The latest hundred, newest first."""
    found = await station_id(desk, asker, station)
    return Items(items=await desk.services.batteries.swaps(asker.operator, found))


@post(
    "/stations/{station:str}/battery-swaps",
    operation_id="requestBatterySwap",
    summary="Let a driver swap batteries",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def request_swap(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[SwapBody],
    timeout: Patience = None,
) -> OperationView:
    """An operation (2.1): done when the driver has taken the batteries, failed when the station has too few."""
    found = await station_id(desk, asker, station)
    operation = await desk.services.batteries.request(
        asker.operator,
        found,
        IdToken(data.token, data.token_type),
        by=asker.name,
        timeout=timeout,
    )
    return await operation_view(desk, asker.operator, operation)


ROUTES = (list_batteries, list_swaps, request_swap)
