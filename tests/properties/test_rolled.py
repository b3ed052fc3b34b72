"""What samples are rolled up to says to the ledger what the samples said."""

from __future__ import annotations

import math
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from releve.domain.ledger import Point as Register
from releve.domain.ledger import reckon
from releve.storage.rolled import Part, Point, fold, part_of
from releve.storage.times import moment

NONE = st.none()
# Seconds within a quarter, few enough that some fall together; registers that mostly rise, sometimes leap or fall.
TIMES = st.integers(0, 899)
ENERGIES = st.one_of(
    NONE,
    st.floats(0, 2_000, allow_nan=False).map(lambda wh: round(wh, 1)),
    st.sampled_from([0.0, 1.0, 999_999.0]),
)
SAMPLES = st.builds(
    lambda second, energy, power, soc: Point(
        second * 1_000_000, second * 1_000_000, energy, None, power, power, None, soc
    ),
    TIMES,
    ENERGIES,
    st.one_of(NONE, st.floats(0, 1e6)),
    st.one_of(NONE, st.floats(0, 100)),
)
SERIES = st.lists(SAMPLES, min_size=1, max_size=40)
RISING = st.lists(SAMPLES, min_size=1, max_size=40).map(
    lambda points: [
        point._replace(energy_wh=None if point.energy_wh is None else point.at / 1e6)
        for point in points
    ]
)
ENDS = st.one_of(NONE, st.floats(0, 3_000))


def registers(parts: list[Part]) -> list[Register]:
    """As `storage.repositories.samples` reads them."""
    found = []
    for part in parts:
        if part.energy_wh is not None:
            found.append(Register(moment(part.energy_from_at), part.energy_from_wh))
            found.append(Register(moment(part.energy_at), part.energy_wh))
    return found


def original(points: list[Point]) -> list[Register]:
    return [Register(moment(p.at), p.energy_wh) for p in points if p.energy_wh is not None]


@given(st.one_of(SERIES, RISING), ENDS, ENDS)
def test_the_ledger_reckons_the_same(points, start_wh, stop_wh):
    parts = fold(map(part_of, points))
    assert reckon(start_wh, stop_wh, registers(parts)) == reckon(
        start_wh, stop_wh, original(points)
    )


@given(st.one_of(SERIES, RISING), st.lists(SAMPLES, max_size=10), ENDS, ENDS)
def test_what_comes_late_is_added(points, late, start_wh, stop_wh):
    before = fold(map(part_of, points))
    after = fold([*before, *map(part_of, late)])
    assert len(after) >= len(before), "rows are replaced by place: none may be left over"
    assert sum(part.samples for part in after) == len(points) + len(late)
    # Of the first ones only the ends of parts are known; those and the late ones are all there.
    known = registers(before) + original(late)
    assert reckon(start_wh, stop_wh, registers(after)) == reckon(start_wh, stop_wh, known)


@given(RISING)
def test_a_register_that_rises_is_one_part(points):
    parts = fold(map(part_of, points))
    assert len(parts) == 1
    (part,) = parts
    powers = [p.power_w for p in points if p.power_w is not None]
    assert (part.samples, part.powers) == (len(points), len(powers))
    assert (part.from_at, part.at) == (min(p.at for p in points), max(p.at for p in points))
    energies = [p.energy_wh for p in points if p.energy_wh is not None]
    assert part.energy_wh == max(energies, default=None)
    assert part.energy_from_wh == min(energies, default=None)
    assert part.power_max_w == max(powers, default=None)
    if powers:
        assert math.isclose(part.power_w, sum(powers) / len(powers), abs_tol=1e-6)


def test_a_fall_and_a_leap_are_kept():
    def at(minute: float, energy: float) -> Point:
        us = int(timedelta(minutes=minute) / timedelta(microseconds=1))
        return Point(us, us, energy, None, None, None, None, None)

    fell = fold(map(part_of, [at(1, 100), at(2, 150), at(3, 20), at(4, 30)]))
    assert [(p.energy_from_wh, p.energy_wh) for p in fell] == [(100, 150), (20, 30)]
    leapt = fold(map(part_of, [at(1, 100), at(2, 150), at(3, 900_000), at(4, 900_001)]))
    assert [(p.energy_from_wh, p.energy_wh) for p in leapt] == [(100, 150), (900_000, 900_001)]
