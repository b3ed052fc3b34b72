"""Stations: the register, the inbox, their EVSEs, variables and meter series."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.params import FromQuery, JSONBody, QueryParameter
from msgspec import UNSET, UnsetType

from releve.api.here import Asker, Line, StationKey, TheDesk, aware, station_id, the_station
from releve.api.paging import After, Count, Items, paged
from releve.domain.station import BootDecision
from releve.services.access import Principal
from releve.services.desk import Desk
from releve.services.views import (
    EvseView,
    Page,
    SampleView,
    StationFilter,
    StationView,
)

TAGS = ["Stations"]
SERIES_SPAN = timedelta(hours=1)
ADMIN = {"scope": "admin"}


class NewStation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """identity: as the station presents it in its URL. password: "" makes one; absent, none is asked of the station.

    security_profile: 0 nothing, 1 password, 2 password over TLS, 3 certificate. Absent: 1 with a password, else 0.
    """

    identity: Line
    name: Line = ""
    site: Line = ""
    password: str | None = None
    security_profile: int | None = None


class StationChanges(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What may be changed; absent fields stay. heartbeat_s: 10 to 86400 seconds, null for the default."""

    name: Line | UnsetType = UNSET
    site: Line | UnsetType = UNSET
    boot: BootDecision | UnsetType = UNSET
    disabled: bool | UnsetType = UNSET
    heartbeat_s: int | UnsetType | None = UNSET


class Acceptance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """name: what people call the station; empty keeps it as it is."""

    name: Line = ""


class NewPassword(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """password: 16 to 40 characters; empty makes one."""

    password: str = ""


class StationPassword(msgspec.Struct, frozen=True, kw_only=True):
    """Shown this once: only a digest is kept."""

    password: str


class AddedStation(msgspec.Struct, frozen=True, kw_only=True):
    """url: what to enter in the station's settings. password: the one given or made, shown this once."""

    station: StationView
    url: str
    password: str | None = None


class Disconnection(msgspec.Struct, frozen=True, kw_only=True):
    """disconnected: false when the station was not connected."""

    disconnected: bool


@get("/stations", operation_id="listStations", summary="List stations", tags=TAGS)
async def list_stations(
    request: Request[Any, Any, Any],
    desk: TheDesk,
    asker: Asker,
    search: Annotated[
        str,
        QueryParameter(
            description="Part of identity, name, vendor, model, serial or site.", max_length=200
        ),
    ] = "",
    connectivity: FromQuery[Literal["online", "offline", "unknown"] | None] = None,
    status: Annotated[
        Literal[
            "Available", "Occupied", "Reserved", "Unavailable", "Faulted", "Unknown", "Charging"
        ]
        | None,
        QueryParameter(description="A status that at least one of its connectors has."),
    ] = None,
    quarantined: Annotated[
        Literal["false", "true", "any"],
        QueryParameter(description="true: the inbox of unknown stations; any: both."),
    ] = "false",
    after: After = None,
    limit: Count = 50,
) -> Response[Page[StationView]]:
    """Stations by identity, with each connector. Unless a station is online, statuses are the last known."""
    wanted = StationFilter(
        search=search,
        connectivity=connectivity,
        status=status,
        quarantined=None if quarantined == "any" else quarantined == "true",
    )
    return await paged(
        request, desk.catalogue.stations(asker.operator, wanted, after=after, limit=limit)
    )


@post("/stations", operation_id="addStation", summary="Register a station", tags=TAGS, opt=ADMIN)
async def add_station(
    desk: TheDesk, asker: Asker, data: JSONBody[NewStation]
) -> Response[AddedStation]:
    """Register a station before it connects. The answer says what to enter in its settings."""
    made = data.password == ""
    password = desk.services.stations.new_password() if made else data.password
    added = await desk.services.stations.add(
        asker.operator,
        data.identity,
        name=data.name,
        site=data.site,
        password=password,
        security_profile=data.security_profile,
    )
    view = await the_station(desk, asker, str(added.id))
    return Response(
        AddedStation(
            station=view, url=desk.settings.station_address(view.identity), password=password
        ),
        headers={"location": f"/api/v1/stations/{view.id}"},
    )


@get("/stations/{station:str}", operation_id="getStation", summary="One station", tags=TAGS)
async def get_station(desk: TheDesk, asker: Asker, station: StationKey) -> StationView:
    """A station with its connectors."""
    return await the_station(desk, asker, station)


@patch(
    "/stations/{station:str}",
    operation_id="changeStation",
    summary="Change a station",
    tags=TAGS,
    opt=ADMIN,
)
async def change_station(
    desk: TheDesk, asker: Asker, station: StationKey, data: JSONBody[StationChanges]
) -> StationView:
    """Change some settings, at once also for a connected station. A disabled station is cut off and refused."""
    found = await station_id(desk, asker, station)
    given = {f: v for f in data.__struct_fields__ if (v := getattr(data, f)) is not UNSET}
    if given:
        await desk.services.stations.change(asker.operator, found, **given)
    return await the_station(desk, asker, str(found))


@delete(
    "/stations/{station:str}",
    operation_id="removeStation",
    summary="Forget a station",
    tags=TAGS,
    opt=ADMIN,
)
async def remove_station(desk: TheDesk, asker: Asker, station: StationKey) -> None:
    """Its transactions stay. It is disconnected, and may come back only as an unknown station."""
    found = await station_id(desk, asker, station)
    await desk.services.stations.remove(asker.operator, found)


@post(
    "/stations/{station:str}/accept",
    operation_id="acceptStation",
    summary="Take a station out of the inbox",
    tags=TAGS,
    opt=ADMIN,
    status_code=200,
)
async def accept_station(
    desk: TheDesk, asker: Asker, station: StationKey, data: JSONBody[Acceptance | None] = None
) -> StationView:
    """Accept an unknown station. If it is connected, it is asked to boot again now."""
    found = await station_id(desk, asker, station)
    name = data.name if data is not None else ""
    await desk.services.stations.accept(asker.operator, found, name=name)
    return await the_station(desk, asker, str(found))


@post(
    "/stations/{station:str}/password",
    operation_id="setStationPassword",
    summary="Set or make a station's password",
    tags=TAGS,
    opt=ADMIN,
    status_code=200,
)
async def set_password(
    desk: TheDesk, asker: Asker, station: StationKey, data: JSONBody[NewPassword | None] = None
) -> StationPassword:
    """Set the Basic password that the station has to present (security profiles 1 and 2).

    It counts from its next connection. This changes nothing in the station itself: set it there too.
    """
    found = await station_id(desk, asker, station)
    wanted = data.password if data is not None else ""
    password = await desk.services.stations.set_password(asker.operator, found, wanted)
    return StationPassword(password=password or "")


@delete(
    "/stations/{station:str}/password",
    operation_id="removeStationPassword",
    summary="Ask no password of a station",
    tags=TAGS,
    opt=ADMIN,
)
async def remove_password(desk: TheDesk, asker: Asker, station: StationKey) -> None:
    """From now on the station connects without a password (security profile 0)."""
    found = await station_id(desk, asker, station)
    await desk.services.stations.set_password(asker.operator, found, None)


@post(
    "/stations/{station:str}/disconnect",
    operation_id="disconnectStation",
    summary="Close a station's connection",
    tags=TAGS,
    opt={"scope": "control", "pace": "disruptive"},
    status_code=200,
)
async def disconnect_station(desk: TheDesk, asker: Asker, station: StationKey) -> Disconnection:
    """Close its WebSocket. A station that works comes back by itself; nothing is lost."""
    found = await station_id(desk, asker, station)
    done = await desk.services.stations.disconnect(
        asker.operator, found, f"disconnected by {asker.name}"
    )
    return Disconnection(disconnected=done)


@get(
    "/stations/{station:str}/evses",
    operation_id="listEvses",
    summary="A station's EVSEs",
    tags=TAGS,
)
async def list_evses(desk: TheDesk, asker: Asker, station: StationKey) -> Items[EvseView]:
    """One entry per connector; EVSE 0 is the station itself."""
    return Items(items=(await the_station(desk, asker, station)).evses)


@get(
    "/stations/{station:str}/series",
    operation_id="getStationSeries",
    summary="A station's meter series",
    tags=TAGS,
)
async def station_series(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    since: Annotated[
        datetime | None, QueryParameter(description="From this time on; absent: the last hour.")
    ] = None,
    until: FromQuery[datetime | None] = None,
    evse: Annotated[
        int | None, QueryParameter(description="Only this one; 0: its main meter.", ge=0)
    ] = None,
    readings: Annotated[
        bool, QueryParameter(description="With every reading, not only the summary of each sample.")
    ] = False,
    limit: Annotated[int, QueryParameter(ge=2, le=20_000)] = 5000,
) -> Items[SampleView]:
    """Meter samples of its EVSEs by time, thinned evenly above `limit` points."""
    found = await _series(desk, asker, station, since, until, limit, evse, readings)
    return Items(items=found)


async def _series(
    desk: Desk,
    asker: Principal,
    station: str,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    evse: int | None,
    readings: bool,
) -> list[SampleView]:
    found = await the_station(desk, asker, station)
    return await desk.catalogue.station_series(
        asker.operator,
        found.id,
        since=aware(since, "since") or desk.clock.now() - SERIES_SPAN,
        until=aware(until, "until"),
        evse=evse,
        readings=readings,
        limit=limit,
    )


ROUTES = (
    list_stations,
    add_station,
    get_station,
    change_station,
    remove_station,
    accept_station,
    set_password,
    remove_password,
    disconnect_station,
    list_evses,
    station_series,
)
