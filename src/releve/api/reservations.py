"""Reservations: keeping an EVSE for a token or its group, and letting go of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromQuery, JSONBody, QueryParameter

from releve.api.command_forms import CommandResult, EvseNumber, Name, fields_of
from releve.api.commands import CONTROL, Patience
from releve.api.here import Asker, Key, Line, StationKey, TheDesk, aware, station_id, the_station
from releve.api.paging import After, Count, paged
from releve.api.tokens import TokenType
from releve.domain.commands import Outcome
from releve.domain.ids import ReservationId
from releve.domain.reservation import Reservation, ReservationState
from releve.domain.token import IdToken
from releve.services.access import Principal
from releve.services.desk import Desk
from releve.services.errors import Invalid, NotFound
from releve.services.reservation_views import ReservationFilter, ReservationView
from releve.services.reservations import Wish
from releve.services.views import Page

TAGS = ["Reservations"]


class Reserve(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """token: for whom. evse: which one; absent, any of the station's. connector_type: any EVSE with such a connector
    (2.x), such as cCCS2 or sType2.

    group: who else may use it; absent, the token's own group, "" nobody. replaces: an open reservation at this station
    whose place it takes. anyway: ask the station even if it is known here that it cannot work.
    """

    token: Name
    token_type: TokenType = "ISO14443"  # noqa: S105 - a type of tokens
    expires_at: datetime
    evse: EvseNumber | None = None
    connector_type: Annotated[str, msgspec.Meta(min_length=1, max_length=20)] | None = None
    group: Line | None = None
    replaces: str | None = None
    anyway: bool = False


class ReservationResult(CommandResult, frozen=True, kw_only=True):
    """How the question to the station ended, and what the reservation became of it."""

    reservation: ReservationView


@post(
    "/stations/{station:str}/reservations",
    operation_id="reserve",
    summary="Reserve an EVSE",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def reserve(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    data: JSONBody[Reserve],
    timeout: Patience = None,
) -> ReservationResult:
    """Ask the station to keep an EVSE free. `accepted` says whether it does; the wish is on record either way."""
    expires_at = aware(data.expires_at, "expires_at")
    assert expires_at is not None
    wish = Wish(
        token=IdToken(data.token, data.token_type),
        expires_at=expires_at,
        evse=data.evse,
        connector_type=data.connector_type,
        group=data.group,
        replaces=_number(data.replaces) if data.replaces is not None else None,
        anyway=data.anyway,
    )
    row, outcome = await desk.services.reservations.reserve(
        asker.operator,
        await station_id(desk, asker, station),
        wish,
        by=asker.name,
        timeout=timeout,
    )
    return await _result(desk, asker, row, outcome)


@get("/reservations", operation_id="listReservations", summary="List reservations", tags=TAGS)
async def list_reservations(
    request: Request[Any, Any, Any],
    desk: TheDesk,
    asker: Asker,
    station: Annotated[
        str | None, QueryParameter(description="A station's id or identity.", max_length=255)
    ] = None,
    token: Annotated[
        str | None, QueryParameter(description="A token's value.", max_length=255)
    ] = None,
    in_state: Annotated[ReservationState | None, QueryParameter(name="state")] = None,
    open: FromQuery[bool | None] = None,
    after: After = None,
    limit: Count = 50,
) -> Response[Page[ReservationView]]:
    """Reservations, newest first. open: only those that keep something free, or only those that are over."""
    wanted = ReservationFilter(
        station=(await the_station(desk, asker, station)).id if station else None,
        token=token,
        state=in_state,
        open=open,
    )
    return await paged(
        request, desk.catalogue.reservations(asker.operator, wanted, after=after, limit=limit)
    )


@get(
    "/reservations/{reservation:str}",
    operation_id="getReservation",
    summary="One reservation",
    tags=TAGS,
)
async def get_reservation(desk: TheDesk, asker: Asker, reservation: Key) -> ReservationView:
    """A reservation as far as is known."""
    return await _reservation(desk, asker, reservation)


@post(
    "/reservations/{reservation:str}/cancel",
    operation_id="cancelReservation",
    summary="Cancel a reservation",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def cancel(
    desk: TheDesk, asker: Asker, reservation: Key, timeout: Patience = None
) -> ReservationResult:
    """Ask the station to let go of it. Rejected means that the station does not have it: then it is over, too."""
    found = await _reservation(desk, asker, reservation)
    row, outcome = await desk.services.reservations.cancel(
        asker.operator, ReservationId(int(found.id)), by=asker.name, timeout=timeout
    )
    return await _result(desk, asker, row, outcome)


async def _result(
    desk: Desk, asker: Principal, row: Reservation, outcome: Outcome
) -> ReservationResult:
    view = await _reservation(desk, asker, str(row.id))
    return ReservationResult(**fields_of(outcome), reservation=view)


async def _reservation(desk: Desk, asker: Principal, reservation: str) -> ReservationView:
    found = await desk.catalogue.reservation(asker.operator, reservation)
    if found is None:
        raise NotFound("There is no such reservation.")
    return found


def _number(text: str) -> ReservationId:
    if not (text.isascii() and text.isdigit()):
        raise Invalid("There is no such reservation at this station.", field="replaces")
    return ReservationId(int(text))


ROUTES = (reserve, list_reservations, get_reservation, cancel)
