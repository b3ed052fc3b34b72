"""What transactions amount to."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releve.domain.anomaly import AnomalyKind
from releve.domain.ledger import (
    Point,
    effective,
    plausible,
    reckon,
    running_energy,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def points(*registers: float, every_s: float = 600) -> list[Point]:
    return [Point(NOON + timedelta(seconds=every_s * n), wh) for n, wh in enumerate(registers)]


@pytest.mark.parametrize(
    ("start", "stop", "between", "energy", "problems"),
    [
        (1000, 6000, [], 5000, ()),
        (1000, 6000, [2000, 5000], 5000, ()),
        (1000, 1000, [], 0, ()),
        (1000, 999.5, [], 0, ()),  # whole Wh beside decimals: rounding
        (1000, 900, [], None, (AnomalyKind.METER_WENT_BACK,)),
        (1000, 6000, [7000], 5000, (AnomalyKind.METER_WENT_BACK,)),
        (1000, 6000, [500], 5000, (AnomalyKind.METER_WENT_BACK,)),
        (None, 6000, [], None, (AnomalyKind.METER_MISSING,)),
        (1000, None, [], None, (AnomalyKind.METER_MISSING,)),
        (None, None, [], None, (AnomalyKind.METER_MISSING,)),
        (None, 6000, [1000, 2000], 5000, (AnomalyKind.METER_MISSING,)),
        (1000, None, [2000, 3000], 2000, (AnomalyKind.METER_MISSING,)),
        (0, 2_000_000_000, [0, 1_900_000_000], 2_000_000_000, (AnomalyKind.METER_JUMP,)),
    ],
)
def test_reckon(start, stop, between, energy, problems):  # type: ignore[no-untyped-def]
    reckoning = reckon(start, stop, points(*between))
    assert reckoning.energy_wh == energy
    assert reckoning.problems == problems
    assert reckoning.held == bool(problems)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=8), st.randoms())
def test_order_and_repetition_of_points_do_not_matter(registers: list[float], chance) -> None:  # type: ignore[no-untyped-def]
    ordered = points(*sorted(registers))
    shuffled = ordered + ordered[: len(ordered) // 2]
    chance.shuffle(shuffled)
    assert reckon(0, 2e6, shuffled) == reckon(0, 2e6, ordered)


@given(st.floats(0, 1e9), st.floats(0, 1e9))
def test_energy_is_never_negative(start: float, stop: float) -> None:
    energy = reckon(start, stop).energy_wh
    assert energy is None or energy >= 0
    running = running_energy(start, stop)
    assert running is None or running >= 0


def test_running_energy_is_unknown_without_both_ends() -> None:
    assert running_energy(None, 5) is None
    assert running_energy(5, None) is None
    assert running_energy(1000, 3000) == 2000


@pytest.mark.parametrize(
    ("at", "believed"),
    [
        (NOON - timedelta(days=30), True),
        (NOON + timedelta(hours=23), True),
        (NOON + timedelta(hours=25), False),
        (datetime(1970, 1, 1, tzinfo=UTC), False),
        (datetime(2014, 12, 31, tzinfo=UTC), False),
    ],
)
def test_which_clock_is_believed(at: datetime, believed: bool) -> None:
    assert plausible(at, NOON) is believed
    assert effective(at, NOON) == (at if believed else NOON)
