"""The composite schedule, exactly: what all installed profiles together allow, of one EVSE and of the station.

Of each purpose the leading profile counts, and of those the lowest limit (K08.FR.04, SC.01); local generation comes on
top (K27). Amperes are reckoned per phase, as fractions: nothing is rounded here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction

from releve.domain.charging_profile import OperationMode, Purpose, RateUnit
from releve.energy.course import Course, Installed
from releve.energy.leading import Case, Lead, courses, leading, transaction_lead
from releve.energy.phases import PHASES, UNLIMITED, ZERO, Amperes, generated, lead_amperes
from releve.energy.steering import Steering, steering
from releve.energy.supply import GRID_PHASES, Supply


@dataclass(frozen=True, slots=True)
class CompositePeriod:
    """From `start` on. limit None: no profile limits, and what the outlet can do is not known.

    limit_l2 and limit_l3 only where the phases differ. number_phases None: DC, or the station as a whole. profiles: ids
    of those that lead.
    """

    start: datetime
    limit: Fraction | None
    limit_l2: Fraction | None = None
    limit_l3: Fraction | None = None
    number_phases: int | None = None
    phase_to_use: int | None = None
    discharge_limit: Fraction | None = None
    setpoint: Fraction | None = None
    setpoint_reactive: Fraction | None = None
    operation_mode: OperationMode | None = None
    profiles: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Composite:
    """A composite schedule: begin, and as far as `duration_s` seconds on."""

    evse: int
    unit: RateUnit
    begin: datetime
    duration_s: int
    periods: tuple[CompositePeriod, ...]

    @property
    def end(self) -> datetime:
        return self.begin + timedelta(seconds=self.duration_s)

    def at(self, moment: datetime) -> CompositePeriod:
        """The period at a moment of the schedule."""
        found = self.periods[0]
        for period in self.periods:
            if period.start > moment:
                break
            found = period
        return found


def composite(
    case: Case, profiles: Sequence[Installed], unit: RateUnit, begin: datetime, duration_s: int
) -> Composite:
    """The composite schedule of one EVSE in `unit` (K08.FR.02), as if it were the only one in use."""
    touching = courses(case, profiles)
    end = begin + timedelta(seconds=duration_s)
    moments = sorted({begin, *(e for course in touching for e in course.edges(begin, end))})
    periods = merged(allowed(case, touching, unit, moment) for moment in moments)
    return Composite(case.evse, unit, begin, duration_s, periods)


def allowed(
    case: Case, touching: Sequence[Course], unit: RateUnit, moment: datetime
) -> CompositePeriod:
    """What an EVSE is allowed at one moment."""
    leads = [
        lead
        for lead in (
            leading(Purpose.STATION_MAX, touching, moment, None),
            leading(Purpose.EXTERNAL_CONSTRAINTS, touching, moment, case.soc),
            transaction_lead(touching, moment, case),
        )
        if lead is not None
    ]
    own = leading(Purpose.LOCAL_GENERATION, touching, moment, None)
    phases = min(
        (case.supply.usable_phases(lead.period.number_phases) for lead in leads),
        default=case.supply.phases,
    )  # K01.FR.140
    chosen = next((p for p in (lead.period.phase_to_use for lead in leads) if p in PHASES), None)
    amperes = _least(leads, case.supply)
    if own is not None:
        across = GRID_PHASES if case.supply.direct else phases
        amperes = _added(amperes, generated(own, case.supply, across, chosen))
    amperes = _capped(amperes, case.supply)
    ids = tuple(sorted(lead.profile for lead in (*leads, *([own] if own else []))))
    steered = steering(leads, case, unit)
    period = _told(case.supply, amperes, phases, chosen, unit, moment)
    return _steered(replace(period, profiles=ids), steered)


def station_composite(
    cases: Sequence[Case],
    grid: Supply,
    profiles: Sequence[Installed],
    unit: RateUnit,
    begin: datetime,
    duration_s: int,
) -> Composite:
    """What the whole station may draw from the grid (K08.FR.03): the sum of its EVSEs, under the limits of EVSE 0.

    cases: all EVSEs. EVSEs of one phase are reckoned as if all loaded the same phase.
    """
    end = begin + timedelta(seconds=duration_s)
    own = [(case, courses(case, [p for p in profiles if _of_evse(p)])) for case in cases]
    wide = [p for p in profiles if not _of_evse(p)]
    base = Case(0, grid, cases[0].frame) if cases else None
    whole = courses(base, wide) if base is not None else []
    touching = [*whole, *(course for _, each in own for course in each)]
    moments = sorted({begin, *(e for course in touching for e in course.edges(begin, end))})
    periods = merged(_station_allowed(own, whole, grid, unit, moment) for moment in moments)
    return Composite(0, unit, begin, duration_s, periods)


def _of_evse(installed: Installed) -> bool:
    """Whether a profile is reckoned per EVSE: a default of EVSE 0 is, its other purposes hold for the sum."""
    return installed.evse != 0 or installed.profile.purpose in (
        Purpose.TX,
        Purpose.TX_DEFAULT,
        Purpose.PRIORITY,
    )


def _station_allowed(
    own: Sequence[tuple[Case, Sequence[Course]]],
    whole: Sequence[Course],
    grid: Supply,
    unit: RateUnit,
    moment: datetime,
) -> CompositePeriod:
    total: Fraction | None = ZERO
    ids: set[int] = set()
    for case, touching in own:
        each = allowed(case, touching, unit, moment)
        ids.update(each.profiles)
        taken = _sum(each, unit)
        total = None if total is None or taken is None else total + taken
    for purpose in (Purpose.STATION_MAX, Purpose.EXTERNAL_CONSTRAINTS):
        lead = leading(purpose, whole, moment, None)
        if lead is None:
            continue
        ids.add(lead.profile)
        cap = _value(lead, grid, unit)
        total = cap if total is None or cap is None else min(total, cap)
    more = leading(Purpose.LOCAL_GENERATION, whole, moment, None)
    if more is not None:
        ids.add(more.profile)
        extra = _generated(more, grid, unit)
        total = None if total is None else total + extra  # K04.FR.05
    return CompositePeriod(moment, total, profiles=tuple(sorted(ids)))


def _sum(period: CompositePeriod, unit: RateUnit) -> Fraction | None:
    """Of an EVSE: its watts, or the amperes of the phase that it loads most."""
    if period.limit is None:
        return None
    parts = [period.limit, *(x for x in (period.limit_l2, period.limit_l3) if x is not None)]
    return max(parts) if unit is RateUnit.AMPERE else sum(parts, ZERO)


def _value(lead: Lead, grid: Supply, unit: RateUnit) -> Fraction | None:
    """A limit on the station in `unit`; what is below zero counts as nothing."""
    amperes = lead_amperes(lead, grid)
    known = [a for a in amperes if a is not None]
    if not known:
        return None
    if unit is RateUnit.AMPERE:
        return max(ZERO, min(known))
    if lead.unit is RateUnit.WATT and lead.period.limit_l2 is None:
        return max(ZERO, Fraction(lead.period.limit or 0))
    phases = grid.usable_phases(lead.period.number_phases)
    return max(ZERO, sum((grid.watts(a, 1) for a in known[:phases]), ZERO))


def _least(leads: Sequence[Lead], supply: Supply) -> Amperes:
    found = [lead_amperes(lead, supply) for lead in leads]
    columns = ([a for a in column if a is not None] for column in zip(*found, strict=True))
    return _each(*(min(column, default=None) for column in columns)) if found else UNLIMITED


def _added(amperes: Amperes, more: Sequence[Fraction]) -> Amperes:
    """Local generation comes on top of what is allowed (K08.FR.04); what is not limited stays so."""
    return _each(*(None if a is None else a + b for a, b in zip(amperes, more, strict=True)))


def _generated(lead: Lead, grid: Supply, unit: RateUnit) -> Fraction:
    """Local generation of the whole station in `unit`; its sum has no phases, so what comes on some is spread."""
    more = generated(lead, grid, GRID_PHASES, named=False)
    if unit is RateUnit.AMPERE:
        return sum(more, ZERO) / GRID_PHASES
    return sum((grid.watts(a, 1) for a in more), ZERO)


def _capped(amperes: Amperes, supply: Supply) -> Amperes:
    """Not below nothing, not above what the outlet can do."""
    most = supply.max_current_a
    floored = [None if a is None else max(ZERO, a) for a in amperes]
    if most is None:
        return _each(*floored)
    return _each(*(most if a is None else min(a, most) for a in floored))


def _each(*values: Fraction | None) -> Amperes:
    first, second, third = values
    return (first, second, third)


def _told(
    supply: Supply,
    amperes: Amperes,
    phases: int,
    chosen: int | None,
    unit: RateUnit,
    moment: datetime,
) -> CompositePeriod:
    """Amperes per phase in the words of a composite schedule."""
    used = amperes[:phases] if phases > 1 or chosen is None else (amperes[chosen - 1],)
    told = None if supply.direct else phases
    if any(a is None for a in used):
        return CompositePeriod(moment, None, number_phases=told, phase_to_use=chosen)
    known = [a for a in used if a is not None]
    if len(set(known)) == 1:
        across = GRID_PHASES if supply.direct else phases
        value = known[0] if unit is RateUnit.AMPERE else supply.watts(known[0], across)
        return CompositePeriod(moment, value, number_phases=told, phase_to_use=chosen)
    values = [a if unit is RateUnit.AMPERE else supply.watts(a, 1) for a in known]
    padded = [*values, None, None]
    return CompositePeriod(moment, values[0], padded[1], padded[2], number_phases=told)


def _steered(period: CompositePeriod, steered: Steering) -> CompositePeriod:
    """Setpoints held between the limits (K08.FR.08, V2X.03, V2X.04)."""
    setpoint = steered.setpoint
    if setpoint is not None and setpoint > 0 and period.limit is not None:
        setpoint = min(setpoint, period.limit)
    if setpoint is not None and setpoint < 0 and steered.discharge_limit is not None:
        setpoint = max(setpoint, steered.discharge_limit)
    return replace(
        period,
        discharge_limit=steered.discharge_limit,
        setpoint=setpoint,
        setpoint_reactive=steered.setpoint_reactive,
        operation_mode=steered.mode,
    )


def merged(periods: Iterable[CompositePeriod]) -> tuple[CompositePeriod, ...]:
    """Neighbours that allow the same are one."""
    kept: list[CompositePeriod] = []
    for period in periods:
        if not kept or replace(period, start=kept[-1].start) != kept[-1]:
            kept.append(period)
    return tuple(kept)
