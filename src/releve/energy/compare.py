"""Our computation held against the schedule that a station says it follows: where they differ, and by how much."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise

from releve.domain.charging_profile import RateUnit
from releve.energy.composite import Composite, CompositePeriod
from releve.energy.course import Course, Frame, Installed
from releve.energy.supply import GRID_PHASES, Supply

SLACK_S = 5
"""Differences that last no longer than this are the way of the message and the station's own clock."""
SLACK_A = Fraction(11, 100)
"""1.6 tells one digit behind the point."""
SLACK_SHARE = Fraction(1, 100)


@dataclass(frozen=True, slots=True)
class Difference:
    """From `start` to `end` the station says `theirs` where we reckon `ours`."""

    start: datetime
    end: datetime
    ours: Fraction | None
    theirs: Fraction | None

    @property
    def above(self) -> bool:
        """Whether it would take more than is allowed."""
        return self.ours is not None and (self.theirs is None or self.theirs > self.ours)


def differences(
    ours: Composite,
    theirs: Composite,
    supply: Supply,
    uncertain: Sequence[tuple[datetime, datetime]] = (),
) -> tuple[Difference, ...]:
    """Where the two differ by more than rounding, clocks and random delays explain.

    Where no profile limits and the outlet's own maximum is not known, whatever the station says is right. uncertain:
    spans in which the station's random delays decide.
    """
    begin, end = max(ours.begin, theirs.begin), min(ours.end, theirs.end)
    if begin >= end:
        return ()
    marks = {begin, end, *(p.start for p in (*ours.periods, *theirs.periods))}
    marks |= {edge for span in uncertain for edge in span}
    edges = sorted(mark for mark in marks if begin <= mark <= end)
    found: list[Difference] = []
    for start, stop in pairwise(edges):
        if any(low <= start and stop <= high for low, high in uncertain):
            continue
        own, other = ours.at(start), theirs.at(start)
        if not _alike(own, other, ours.unit, supply):
            _append(found, Difference(start, stop, own.limit, other.limit))
    return tuple(d for d in found if d.end - d.start > timedelta(seconds=SLACK_S))


def _append(found: list[Difference], new: Difference) -> None:
    if found and (found[-1].end, found[-1].ours, found[-1].theirs) == (
        new.start,
        new.ours,
        new.theirs,
    ):
        found[-1] = Difference(found[-1].start, new.end, new.ours, new.theirs)
    else:
        found.append(new)


def _alike(own: CompositePeriod, other: CompositePeriod, unit: RateUnit, supply: Supply) -> bool:
    if own.limit is None and not own.profiles:
        return True
    pairs = (
        (own.limit, other.limit),
        (own.limit_l2, other.limit_l2),
        (own.limit_l3, other.limit_l3),
        (own.setpoint, other.setpoint),
        (own.discharge_limit, other.discharge_limit),
    )
    return all(_near(a, b, unit, supply) for a, b in pairs)


def _near(a: Fraction | None, b: Fraction | None, unit: RateUnit, supply: Supply) -> bool:
    if a is None or b is None:
        return a is b
    slack = SLACK_A if unit is RateUnit.AMPERE else SLACK_A * supply.voltage_v * GRID_PHASES
    return abs(a - b) <= max(slack, abs(a) * SLACK_SHARE)


def uncertain_spans(
    profiles: Iterable[Installed], frame: Frame, begin: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """Where a random delay that we do not know may put off the start of a period (K01.FR.92)."""
    spans: list[tuple[datetime, datetime]] = []
    for installed in profiles:
        for schedule in installed.profile.schedules[:1]:
            if not schedule.randomized_delay or installed.delays:
                continue
            delay = timedelta(seconds=schedule.randomized_delay)
            course = Course(installed, frame)
            spans += [(edge, edge + delay) for edge in course.edges(begin - delay, end)]
    return spans
