"""Short ways to write charging profiles in tests."""

from datetime import UTC, datetime, timedelta

from releve.simulator.electrical import Unit
from releve.simulator.profiles.model import Kind, Period, Profile, Purpose, Recurrency, Schedule

T0 = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
"""A Monday midnight."""


def at(hours: float = 0, seconds: float = 0) -> datetime:
    return T0 + timedelta(hours=hours, seconds=seconds)


def profile(
    *steps: tuple[int, float],
    id: int = 1,
    evse: int = 0,
    level: int = 0,
    purpose: Purpose = Purpose.TX_DEFAULT,
    kind: Kind = Kind.ABSOLUTE,
    unit: Unit = Unit.AMPERE,
    start: datetime | None = T0,
    duration_s: int | None = None,
    recurrency: Recurrency | None = None,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
    transaction: str | None = None,
    phases: int | None = None,
) -> Profile:
    """A profile of (second, limit) steps."""
    periods = tuple(Period(second, limit, phases) for second, limit in steps)
    schedule = Schedule(unit, periods, None if kind is Kind.RELATIVE else start, duration_s)
    return Profile(
        id, evse, level, purpose, kind, schedule, T0, recurrency, valid_from, valid_to, transaction
    )
