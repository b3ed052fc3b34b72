"""A station's quirks and learned limits: what is known of its family, and what the operator sets for it alone."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import get, patch
from litestar.params import JSONBody

from releve.api.here import Asker, StationKey, TheDesk, station_id
from releve.api.paging import Items
from releve.services.quirk_desk import StationQuirks

TAGS = ["Stations"]
ADMIN = {"scope": "admin"}
Switches = Annotated[dict[str, Any], msgspec.Meta(max_length=50)]
LimitValues = Annotated[
    dict[str, Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)] | None], msgspec.Meta(max_length=50)
]


class StationLimitView(msgspec.Struct, frozen=True, kw_only=True):
    """origin: "station" (told by itself), "quirk" (the table) or "operator"."""

    name: str
    value: int
    origin: str


@get(
    "/stations/{station:str}/quirks",
    operation_id="getQuirks",
    summary="A station's quirks",
    tags=TAGS,
)
async def get_quirks(desk: TheDesk, asker: Asker, station: StationKey) -> StationQuirks:
    """What the station's family is known to get wrong, and what is done about it."""
    found = await station_id(desk, asker, station)
    return await desk.services.quirks.of(asker.operator, found)


@patch(
    "/stations/{station:str}/quirks",
    operation_id="switchQuirks",
    summary="Switch quirks of one station",
    tags=TAGS,
    opt=ADMIN,
)
async def switch_quirks(
    desk: TheDesk, asker: Asker, station: StationKey, data: JSONBody[Switches]
) -> StationQuirks:
    """Quirks by name, as in the table; null: as the table has it. At once, also for a connected station."""
    found = await station_id(desk, asker, station)
    return await desk.services.quirks.switch(asker.operator, found, data)


@get(
    "/stations/{station:str}/limits",
    operation_id="getLimits",
    summary="A station's limits, as learned",
    tags=TAGS,
)
async def get_limits(desk: TheDesk, asker: Asker, station: StationKey) -> Items[StationLimitView]:
    """How much it takes in one message, how many profiles fit, and so on; only what is known."""
    found = await station_id(desk, asker, station)
    return await _limits(desk, asker, found)


@patch(
    "/stations/{station:str}/limits",
    operation_id="setLimits",
    summary="Set limits of one station by hand",
    tags=TAGS,
    opt=ADMIN,
)
async def set_limits(
    desk: TheDesk, asker: Asker, station: StationKey, data: JSONBody[LimitValues]
) -> Items[StationLimitView]:
    """Limits by name, such as ItemsPerMessageSetVariables; null: as the station tells it."""
    found = await station_id(desk, asker, station)
    await desk.services.quirks.set_limits(asker.operator, found, data)
    return await _limits(desk, asker, found)


async def _limits(desk: TheDesk, asker: Asker, station: Any) -> Items[StationLimitView]:
    row = await desk.services.commands.station(asker.operator, station)
    known = await desk.services.limits.some(row)
    return Items(
        items=[
            StationLimitView(name=x.name, value=x.value, origin=x.origin) for x in known.values()
        ]
    )


ROUTES = (get_quirks, switch_quirks, get_limits, set_limits)
