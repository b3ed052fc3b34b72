"""What is wanted of a station's availability, beside what it reports."""

from __future__ import annotations

from datetime import datetime

import msgspec
from litestar import get

from releve.api.here import Asker, StationKey, TheDesk, station_id
from releve.api.paging import Items
from releve.services.availability import wishes

TAGS = ["Stations"]


class WishView(msgspec.Struct, frozen=True, kw_only=True):
    """The latest change asked for at a place. evse 0: the whole station. connector 0: all of the EVSE's.

    status: the station's word; Scheduled means once its transactions have ended. fulfilled: what is reported agrees.
    """

    evse: int
    connector: int
    operative: bool
    status: str
    at: datetime
    by: str = ""
    fulfilled: bool


@get(
    "/stations/{station:str}/availability",
    operation_id="listAvailability",
    summary="What is wanted in or out of service",
    tags=TAGS,
)
async def list_availability(desk: TheDesk, asker: Asker, station: StationKey) -> Items[WishView]:
    """What was asked of the station by `changeAvailability`, and whether it is so."""
    number = await station_id(desk, asker, station)
    async with desk.services.store.work(asker.operator) as work:
        found = await wishes(work, number)
    return Items(
        items=[
            WishView(
                evse=wish.evse,
                connector=wish.connector,
                operative=wish.operative,
                status=wish.status,
                at=wish.at,
                by=wish.by,
                fulfilled=so,
            )
            for wish, so in found
        ]
    )


ROUTES = (list_availability,)
