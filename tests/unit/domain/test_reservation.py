"""Which reservations leave no room for another one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from releve.domain.ids import DEFAULT_OPERATOR, ReservationId, StationId
from releve.domain.reservation import Reservation, ReservationState, conflict

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def reservation(number: int, evse: int | None = None, **changes: object) -> Reservation:
    row = Reservation(
        id=ReservationId(number),
        operator=DEFAULT_OPERATOR,
        station=StationId(7),
        number=number,
        evse=evse,
        token=f"T{number}",
        expires_at=NOW + timedelta(hours=1),
        state=ReservationState.ACTIVE,
        created_at=NOW,
    )
    return msgspec.structs.replace(row, **changes)


def test_an_evse_is_reserved_once() -> None:
    known = reservation(1, evse=1)

    assert conflict(reservation(2, evse=1), [known], {1, 2}, NOW) == known
    assert conflict(reservation(2, evse=2), [known], {1, 2}, NOW) is None


def test_any_evse_needs_one_that_nobody_has_reserved() -> None:
    one, two = reservation(1, evse=1), reservation(2)

    assert conflict(reservation(3), [one], {1, 2}, NOW) is None
    assert conflict(reservation(3), [one, two], {1, 2}, NOW) == two
    assert conflict(reservation(3, evse=2), [one, two], {1, 2}, NOW) == two


def test_nothing_is_known_of_the_evses_of_a_station_that_never_reported() -> None:
    assert conflict(reservation(2), [reservation(1)], set(), NOW) is None


def test_what_is_over_takes_no_room() -> None:
    over = [
        reservation(1, evse=1, state=ReservationState.CANCELLED),
        reservation(2, evse=1, expires_at=NOW),
    ]

    assert conflict(reservation(3, evse=1), over, {1}, NOW) is None


def test_the_same_number_replaces() -> None:
    assert conflict(reservation(1, evse=1), [reservation(1, evse=1)], {1}, NOW) is None
