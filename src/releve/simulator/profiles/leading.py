"""Which limit leads at a moment: validity, recurrence, stacking."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf

from releve.simulator.electrical import DEFAULT_PHASES, Supply, Unit
from releve.simulator.profiles.model import Kind, Period, Profile, Purpose

Lead = tuple[Profile, Period]


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit in force, in the unit of the profile that sets it; infinite where the mode does without."""

    value: float
    unit: Unit
    phases: int | None = None

    def current_a(self, supply: Supply) -> float:
        """Amperes per phase that the supply may deliver under this limit.

        A limit in watts is divided over the phases it was given for, 3 when it does not say
        (K01.FR.49, K01.FR.50): never over those in use, or a one-phase car would get three times as much
        per phase as was meant. On DC the rectifier draws evenly from three phases.
        """
        if self.unit is Unit.AMPERE:
            return self.value  # K01.FR.51
        phases = supply.phases if supply.direct else (self.phases or DEFAULT_PHASES)
        return supply.amperes(self.value, phases)

    def power_w(self, supply: Supply) -> float:
        """The power in watts that the supply may deliver under this limit."""
        if self.unit is Unit.WATT:
            return self.value
        phases = (
            supply.phases if supply.direct else min(self.phases or DEFAULT_PHASES, supply.phases)
        )
        return supply.watts(self.value, phases)

    def phases_on(self, supply: Supply) -> int:
        """Phases that may carry current under this limit."""
        return supply.phases if supply.direct else min(self.phases or DEFAULT_PHASES, supply.phases)


def period_at(profile: Profile, moment: datetime, origin: datetime) -> Period | None:
    """The period of `profile` that applies at `moment`, or None.

    `origin` is where a Relative schedule starts: the moment energy could first flow (K01.FR.42).
    """
    if not profile.valid_at(moment):
        return None
    elapsed = moment - _start(profile, origin)
    if profile.kind is Kind.RECURRING and profile.recurrency is not None:
        if elapsed < timedelta(0):
            return None  # K01.FR.30
        elapsed %= profile.recurrency.length  # what outlasts the recurrence is not executed
    return profile.schedule.period_at(elapsed.total_seconds())


def leading(profiles: Iterable[Profile], moment: datetime, origin: datetime) -> Limit | None:
    """The limit of the highest stack level that has a period at `moment` (K01.FR.17)."""
    return limit_of(leading_period(profiles, moment, origin))


def limit_of(lead: Lead | None) -> Limit | None:
    """The limit that a leading period sets."""
    if lead is None:
        return None
    profile, period = lead
    value = inf if period.limit is None else period.limit
    return Limit(value, profile.schedule.unit, period.phases)


def leading_period(profiles: Iterable[Profile], moment: datetime, origin: datetime) -> Lead | None:
    """The profile of the highest stack level that has a period at `moment`, and that period."""
    best: tuple[int, int] | None = None
    lead = None
    for profile in profiles:
        # On equal levels the profile of the EVSE itself stands before that of the whole station (1.6, 3.13.1).
        rank = (profile.stack_level, 1 if profile.evse else 0)
        if best is not None and rank <= best:
            continue
        period = period_at(profile, moment, origin)
        if period is not None:
            best, lead = rank, (profile, period)
    return lead


def tx_lead(
    profiles: Sequence[Profile], moment: datetime, origin: datetime, *, priority: bool = False
) -> Lead | None:
    """What counts for the transaction itself: TxProfile, or else TxDefaultProfile.

    With `priority` charging on, the PriorityCharging profile instead of both (K21.FR.04).

    Where a TxProfile has nothing to say (not valid yet, duration over), the default applies again:
    silence is not a permission to take all (our reading of 3.13.1, on the safe side).
    """
    if priority:
        first = _lead_of(profiles, Purpose.PRIORITY, moment, origin)
        if first is not None:
            return first
    own = _lead_of(profiles, Purpose.TX, moment, origin)
    return own or _lead_of(profiles, Purpose.TX_DEFAULT, moment, origin)


def _lead_of(
    profiles: Sequence[Profile], purpose: Purpose, moment: datetime, origin: datetime
) -> Lead | None:
    return leading_period((p for p in profiles if p.purpose is purpose), moment, origin)


def boundaries(
    profile: Profile, begin: datetime, end: datetime, origin: datetime
) -> Iterator[datetime]:
    """Every moment in (begin, end) at which the profile's limit may change."""
    for edge in (profile.valid_from, profile.valid_to):
        if edge is not None and begin < edge < end:
            yield edge
    for start, stop in _runs(profile, begin, end, origin):
        offsets: list[float] = [period.start_s for period in profile.schedule.periods]
        if profile.schedule.duration_s is not None:
            offsets.append(profile.schedule.duration_s)
        for offset in offsets:
            edge = start + timedelta(seconds=offset)
            if begin < edge < end and (stop is None or edge <= stop):
                yield edge
        if stop is not None and begin < stop < end:
            yield stop


def _start(profile: Profile, origin: datetime) -> datetime:
    if profile.kind is Kind.RELATIVE:
        return origin  # K01.FR.41
    if profile.kind is Kind.DYNAMIC:
        return profile.installed_at  # K28.FR.13: the duration counts from the last update
    return profile.schedule.start or profile.installed_at


def _runs(
    profile: Profile, begin: datetime, end: datetime, origin: datetime
) -> Iterator[tuple[datetime, datetime | None]]:
    """The starts of the schedule that touch (begin, end), each with the moment it is cut off."""
    start = _start(profile, origin)
    if profile.kind is not Kind.RECURRING or profile.recurrency is None:
        yield start, None
        return
    length = profile.recurrency.length
    run = start + max(0, (begin - start) // length) * length
    while run < end:
        yield run, run + length
        run += length
