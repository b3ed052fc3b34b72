"""The course of one profile through time: which of its periods applies at a moment, and when that may change."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from releve.domain.charging_profile import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    Kind,
    Purpose,
)

ZERO = timedelta(0)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Installed:
    """A profile as it is installed: evse 0 is the whole station.

    delays: the random delay in seconds of each period but the first, where the station has told it (K01.FR.92).
    """

    evse: int
    profile: ChargingProfile
    installed_at: datetime
    delays: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """What a course is reckoned against.

    origin: where a Relative schedule starts, the moment energy could first flow (K01.FR.42). zone: the station's, for
    schedules in local time. offline_since: when it lost its connection. choice: which of several schedules counts.
    """

    origin: datetime
    zone: tzinfo = UTC
    offline_since: datetime | None = None
    choice: int = 0


class Course:
    """One profile, ready to be asked about any moment."""

    __slots__ = ("_begin", "_frame", "_starts", "installed", "periods", "profile", "schedule")

    def __init__(self, installed: Installed, frame: Frame) -> None:
        self.installed = installed
        self.profile = installed.profile
        self._frame = frame
        self.schedule: ChargingSchedule = _chosen(self.profile, frame.choice)
        starts = delayed_starts(self.schedule, installed.delays)
        self._starts = [start for start, _ in starts]
        self.periods = [period for _, period in starts]
        self._begin = self._beginning()

    def at(self, moment: datetime) -> ChargingSchedulePeriod | None:
        """The period that applies at `moment`; None when the profile has nothing to say then."""
        if not self._valid(moment):
            return None
        elapsed = self._elapsed(moment)
        if elapsed < ZERO:
            return None  # K01.FR.30
        profile, duration = self.profile, self.schedule.duration
        if profile.kind is Kind.RECURRING and profile.recurrency is not None:
            elapsed %= profile.recurrency.length  # what outlasts the recurrence is not executed
        if duration is not None and elapsed >= timedelta(seconds=duration):
            return None  # K01.FR.11, K01.FR.13; a Dynamic one that was not updated: K28.FR.13
        index = bisect_right(self._starts, elapsed.total_seconds()) - 1
        return self.periods[index] if index >= 0 else None

    def edges(self, begin: datetime, end: datetime) -> Iterator[datetime]:
        """Every moment in (begin, end) at which what applies may change; also some at which it does not."""
        for edge in self._candidates(begin, end):
            if begin < edge < end:
                yield edge

    def _candidates(self, begin: datetime, end: datetime) -> Iterator[datetime]:
        profile = self.profile
        if profile.valid_from is not None:
            yield profile.valid_from
        if profile.valid_to is not None:
            yield profile.valid_to
        if profile.max_offline_duration is not None and self._frame.offline_since is not None:
            yield self._frame.offline_since + timedelta(seconds=profile.max_offline_duration)
        offsets = [*self._starts, 0]
        if self.schedule.duration is not None:
            offsets.append(self.schedule.duration)
        for run in self._runs(begin, end):
            for offset in offsets:
                yield from self._instants(run + timedelta(seconds=offset))
        if self._local:
            yield from shifts(self._frame.zone, begin, end)  # K01.FR.91

    def _runs(self, begin: datetime, end: datetime) -> Iterator[timedelta]:
        """Offsets from the schedule's start at which it starts anew, as far as they touch (begin, end)."""
        profile = self.profile
        if profile.kind is not Kind.RECURRING or profile.recurrency is None:
            yield ZERO
            return
        length = profile.recurrency.length
        first = max(
            0, self._elapsed(begin) // length - 1
        )  # one more on each side: local time may leap
        last = max(0, self._elapsed(end) // length + 1)
        for number in range(first, last + 1):
            yield number * length

    def _valid(self, moment: datetime) -> bool:
        profile, offline = self.profile, self._frame.offline_since
        if profile.valid_from is not None and moment < profile.valid_from:
            return False  # K01.FR.36
        if profile.valid_to is not None and moment >= profile.valid_to:
            return False  # K01.FR.37
        if profile.max_offline_duration is None or offline is None:
            return True  # K01.FR.103
        return moment < offline + timedelta(seconds=profile.max_offline_duration)  # K01.FR.101

    @property
    def _local(self) -> bool:
        return bool(self.schedule.use_local_time) and self.schedule.start_schedule is not None

    def _beginning(self) -> datetime:
        """Where the schedule starts: naive when it is a local time."""
        profile, start = self.profile, self.schedule.start_schedule
        if profile.kind is Kind.RELATIVE:
            return self._frame.origin  # K01.FR.41
        if profile.kind is Kind.DYNAMIC:
            updated = profile.dyn_update_time or self.installed.installed_at
            return updated if start is None else max(updated, start)
        if start is not None:
            # K01.FR.90: whatever zone it was written with
            return start.replace(tzinfo=None) if self._local else start
        if profile.purpose in (Purpose.TX, Purpose.TX_DEFAULT, Purpose.PRIORITY):
            return (
                self._frame.origin
            )  # 1.6, 7.13: without a start it is relative to the start of charging
        return self.installed.installed_at

    def _elapsed(self, moment: datetime) -> timedelta:
        if self._begin.tzinfo is None:
            moment = moment.astimezone(self._frame.zone).replace(tzinfo=None)
        return moment - self._begin

    def _instants(self, offset: timedelta) -> Iterator[datetime]:
        """The moments that lie `offset` after the start: two when the clock is put back."""
        try:
            edge = self._begin + offset
        except OverflowError:  # past the year 9999
            return
        if edge.tzinfo is not None:
            yield edge
            return
        for fold in (0, 1):
            yield edge.replace(tzinfo=self._frame.zone, fold=fold).astimezone(UTC)


def delayed_starts(
    schedule: ChargingSchedule, delays: tuple[int, ...]
) -> list[tuple[int, ChargingSchedulePeriod]]:
    """Periods with the second at which they start, after random delays (K01.FR.92, K01.FR.94, K01.FR.97).

    A period whose delayed start comes after that of a later one is left out.
    """
    padded = [0, *delays, *([0] * len(schedule.periods))]
    starts = [p.start_period + padded[n] for n, p in enumerate(schedule.periods)]
    kept: list[tuple[int, ChargingSchedulePeriod]] = []
    following: int | None = None
    for start, period in zip(reversed(starts), reversed(schedule.periods), strict=True):
        if following is None or start < following:
            kept.append((start, period))
            following = start
    kept.reverse()
    return kept


def shifts(zone: tzinfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    """The moments in (begin, end) at which local time leaps, to the second."""
    low = begin
    while low < end:
        high = min(low + HOUR, end)
        if zone.utcoffset(low.astimezone(zone)) != zone.utcoffset(high.astimezone(zone)):
            yield _leap(zone, low, high)
        low = high


def _leap(zone: tzinfo, low: datetime, high: datetime) -> datetime:
    """The first moment, on a whole second, after which the offset is that of `high`."""
    before = zone.utcoffset(low.astimezone(zone))
    low = low.replace(microsecond=0)
    while high - low > SECOND:
        middle = low + (high - low) // SECOND // 2 * SECOND
        if zone.utcoffset(middle.astimezone(zone)) == before:
            low = middle
        else:
            high = middle
    return low + SECOND


def _chosen(profile: ChargingProfile, choice: int) -> ChargingSchedule:
    """The schedule of that number, else the first: each level's first goes with the others' first (K15.FR.22)."""
    return profile.schedules[choice] if choice < len(profile.schedules) else profile.schedule
