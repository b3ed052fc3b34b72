"""The composite schedule: per purpose the leading limit, and of those the least (K08.FR.04)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import inf

from releve.simulator.electrical import DEFAULT_PHASES, Supply, Unit
from releve.simulator.profiles.leading import Limit, boundaries, leading, limit_of, tx_lead
from releve.simulator.profiles.model import Mode, Profile, Purpose
from releve.simulator.profiles.steering import Signals, steering

STATION_WIDE = (Purpose.EXTERNAL, Purpose.STATION_MAX)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one EVSE may deliver at one moment.

    `current_a` is per phase over `phases` phases; `limited` tells whether any profile spoke.
    """

    current_a: float
    phases: int
    limited: bool

    def power_w(self, supply: Supply) -> float:
        return supply.watts(self.current_a, self.phases)


@dataclass(frozen=True, slots=True)
class CompositePeriod:
    start_s: int
    limit: float
    phases: int | None
    mode: Mode | None = None
    setpoint: float | None = None
    discharge_limit: float | None = None


def tx_limit(
    profiles: Sequence[Profile], moment: datetime, origin: datetime, *, priority: bool = False
) -> Limit | None:
    """The limit of the transaction itself."""
    return limit_of(tx_lead(profiles, moment, origin, priority=priority))


def station_limits(profiles: Sequence[Profile], moment: datetime, origin: datetime) -> list[Limit]:
    """The limits on the whole station: external constraints and station maximum, one of each at most."""
    found = (
        leading((p for p in profiles if p.purpose is purpose), moment, origin)
        for purpose in STATION_WIDE
    )
    return [limit for limit in found if limit is not None and limit.value < inf]


def generation_a(
    profiles: Sequence[Profile], supply: Supply, moment: datetime, origin: datetime, phases: int
) -> float:
    """Amperes per phase that are made on the spot, to be added to what the other profiles allow (K27).

    `phases` are in use; what is made on fewer is shared between them, so that no more is added than is made. A
    generation below zero is none: it takes nothing away from the other limits.
    """
    local = (p for p in profiles if p.purpose is Purpose.LOCAL_GENERATION)
    limit = leading(local, moment, origin)
    if limit is None:
        return 0.0
    made_a = max(0.0, limit.current_a(supply))
    if supply.direct and limit.unit is Unit.WATT:
        return made_a  # divided already over the phases that feed the rectifier
    return made_a * min(limit.phases or DEFAULT_PHASES, phases) / phases


def allowance(
    profiles: Sequence[Profile],
    supply: Supply,
    moment: datetime,
    origin: datetime,
    *,
    priority: bool = False,
) -> Allowance:
    """What an EVSE behind `supply` may deliver at `moment`, were it the only one in use."""
    limits = station_limits(profiles, moment, origin)
    own = tx_limit(profiles, moment, origin, priority=priority)
    allowed = least(supply, limits if own is None else [*limits, own])
    more = generation_a(profiles, supply, moment, origin, allowed.phases)
    return replace(allowed, current_a=min(allowed.current_a + more, supply.max_current_a))


def least(supply: Supply, limits: Sequence[Limit]) -> Allowance:
    """The least of `limits` and of what the supply itself can do; a limit of -1 or less means none at all."""
    current_a, phases = supply.max_current_a, supply.phases
    for limit in limits:
        current_a = min(current_a, max(0.0, limit.current_a(supply)))
        phases = min(phases, limit.phases_on(supply))
    return Allowance(current_a=current_a, phases=phases, limited=bool(limits))


def edges(
    profiles: Sequence[Profile], begin: datetime, end: datetime, origin: datetime
) -> list[datetime]:
    """Every moment at which a limit may change, `begin` first."""
    found = {begin}
    for profile in profiles:
        found.update(boundaries(profile, begin, end, origin))
    return sorted(found)


def composite(
    profiles: Sequence[Profile],
    supply: Supply,
    unit: Unit,
    begin: datetime,
    duration_s: int,
    origin: datetime,
    *,
    priority: bool = False,
    steered: bool = False,
) -> list[CompositePeriod]:
    """The composite schedule of one EVSE in `unit`, from `begin` on (K08.FR.02).

    Where no profile limits, the supply's own maximum is given: the message cannot express a gap. steered: with
    operation modes and setpoints, as far as they are known beforehand (2.1).
    """
    periods: list[CompositePeriod] = []
    for edge in edges(profiles, begin, begin + timedelta(seconds=duration_s), origin):
        allowed = allowance(profiles, supply, edge, origin, priority=priority)
        value = allowed.current_a if unit is Unit.AMPERE else allowed.power_w(supply)
        phases = None if supply.direct else allowed.phases
        period = CompositePeriod(int((edge - begin).total_seconds()), _down(value), phases)
        if steered:
            period = _steered(period, profiles, supply, unit, edge, origin, priority=priority)
        _append(periods, period)
    return periods


def _steered(
    period: CompositePeriod,
    profiles: Sequence[Profile],
    supply: Supply,
    unit: Unit,
    moment: datetime,
    origin: datetime,
    *,
    priority: bool,
) -> CompositePeriod:
    """`period` with its mode and setpoint, which stays between the limits (K08.FR.08, V2X.03, V2X.04)."""
    found = steering(profiles, supply, moment, origin, Signals(), priority=priority)
    if found is None:
        return period
    one = 1.0 if unit is Unit.WATT else supply.watts(1.0)
    low = None if found.discharge_w is None else found.discharge_w / one
    value = None if found.setpoint_w is None else found.setpoint_w / one
    if value is not None:
        value = min(value, period.limit)
        value = value if low is None else max(value, low)
    if found.mode is Mode.LOCAL_FREQUENCY:
        value = None  # nobody knows the frequency to come
    return replace(period, mode=found.mode, setpoint=value, discharge_limit=low)


def station_composite(
    per_evse: Sequence[tuple[Sequence[Profile], Supply, datetime]],
    unit: Unit,
    begin: datetime,
    duration_s: int,
) -> list[CompositePeriod]:
    """What the whole station is expected to take from the grid (K08.FR.03).

    `per_evse` has, for each EVSE, the profiles that touch it, its supply and its origin. The sum of what
    the EVSEs may take is held under the limits on the station.
    """
    end = begin + timedelta(seconds=duration_s)
    moments = sorted({e for ps, _, o in per_evse for e in edges(ps, begin, end, o)})
    periods: list[CompositePeriod] = []
    for edge in moments:
        value = _station_value(per_evse, unit, edge)
        _append(periods, CompositePeriod(int((edge - begin).total_seconds()), _down(value), None))
    return periods


def _station_value(
    per_evse: Sequence[tuple[Sequence[Profile], Supply, datetime]], unit: Unit, edge: datetime
) -> float:
    total, cap, more = 0.0, float("inf"), 0.0
    for profiles, supply, origin in per_evse:
        own = tx_limit(profiles, edge, origin)
        allowed = least(supply, [] if own is None else [own])
        total += allowed.current_a if unit is Unit.AMPERE else allowed.power_w(supply)
        for limit in station_limits(profiles, edge, origin):
            value = limit.current_a(supply) if unit is Unit.AMPERE else limit.power_w(supply)
            cap = min(cap, max(0.0, value))
        # K04.FR.05: what is made on the spot comes on top; that of the whole station once.
        made = generation_a(profiles, supply, edge, origin, supply.phases)
        more = max(more, made if unit is Unit.AMPERE else supply.watts(made))
    return min(total, cap) + more


def _append(periods: list[CompositePeriod], period: CompositePeriod) -> None:
    if not periods:
        periods.append(period)
        return
    last = periods[-1]
    if last.start_s == period.start_s:
        # Two changes within one second, the finest step of the message: the lower limit stands for both.
        periods[-1] = min(last, period, key=lambda each: each.limit)
    elif replace(period, start_s=last.start_s) != last:
        periods.append(period)


def _down(value: float) -> float:
    """One decimal, as 1.6 demands, rounded so that no limit is exceeded."""
    return int(value * 10 + 1e-6) / 10
