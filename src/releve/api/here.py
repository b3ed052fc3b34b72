"""What handlers are given, and how an id in a path becomes a thing of this operator (abuse case 27: else 404)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from litestar.di import NamedDependency
from litestar.params import PathParameter, SkipValidation

from releve.domain.ids import StationId, TransactionId
from releve.services.access import Principal
from releve.services.desk import Desk
from releve.services.errors import Invalid, NotFound
from releve.services.views import StationView, TransactionView

TheDesk = NamedDependency[SkipValidation[Desk]]
Asker = NamedDependency[SkipValidation[Principal]]

Line = Annotated[str, msgspec.Meta(pattern=r"^[^\x00-\x1f]*$", max_length=255)]
"""A text without control characters."""
Note = Annotated[str, msgspec.Meta(pattern=r"^[^\x00]*$", max_length=1000)]
"""A text of several lines."""

StationKey = Annotated[
    str,
    PathParameter(description="The station's id, or its identity.", min_length=1, max_length=255),
]
Key = Annotated[
    str, PathParameter(description="The id, as lists show it.", min_length=1, max_length=255)
]


async def the_station(desk: Desk, asker: Principal, station: str) -> StationView:
    """The station of this operator under this id or identity."""
    found = await desk.catalogue.station(asker.operator, station)
    if found is None:
        raise NotFound("There is no such station.")
    return found


async def station_id(desk: Desk, asker: Principal, station: str) -> StationId:
    """Its row id."""
    return StationId(int((await the_station(desk, asker, station)).id))


async def the_transaction(desk: Desk, asker: Principal, transaction: str) -> TransactionView:
    """The transaction of this operator."""
    found = await desk.catalogue.transaction(asker.operator, transaction)
    if found is None:
        raise NotFound("There is no such transaction.")
    return found


async def transaction_id(desk: Desk, asker: Principal, transaction: str) -> TransactionId:
    """Its row id."""
    return TransactionId(int((await the_transaction(desk, asker, transaction)).id))


async def station_ids(desk: Desk, asker: Principal, stations: Sequence[str]) -> list[StationId]:
    """Row ids of several, in their order."""
    return [await station_id(desk, asker, station) for station in stations]


def row_id(text: str) -> int | None:
    """A decimal id, or None when this cannot be one."""
    if not (text.isascii() and text.isdigit()):
        return None
    number = int(text)
    return number if 0 < number < 2**63 else None


def aware(at: datetime | None, field: str) -> datetime | None:
    """A time needs a zone: without one it would mean something else in summer."""
    if at is not None and at.tzinfo is None:
        raise Invalid("The time needs a zone, as in 2027-01-31T12:00:00Z.", field=field)
    return at
