"""Our composite schedule and the simulator's, which share no code: whatever is installed, they say the same."""

from datetime import timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from releve.domain.charging_profile import Kind, Purpose, RateUnit
from releve.energy.composite import composite
from releve.energy.course import Frame, Installed
from releve.energy.leading import Case
from releve.energy.supply import Supply
from releve.simulator import electrical
from releve.simulator.profiles import composite as theirs
from releve.simulator.profiles import model
from tests.properties.test_composite import BEGINS, SPAN_S, installed

BEGIN = BEGINS[0]
SUPPLIES = [
    (Supply(max_current_a=Fraction(32)), electrical.ac(32)),
    (Supply(phases=1, max_current_a=Fraction(16)), electrical.ac(16, phases=1)),
    (Supply(direct=True, max_current_a=Fraction(90)), electrical.Supply(3, 90, direct=True)),
]
UNITS = {RateUnit.AMPERE: electrical.Unit.AMPERE, RateUnit.WATT: electrical.Unit.WATT}


def comparable(one: Installed) -> bool:
    """What the simulator has words for: it is never offline, knows no state of charge and no local time."""
    profile = one.profile
    schedule = profile.schedule
    return (
        not schedule.use_local_time
        and schedule.limit_at_soc is None
        and profile.max_offline_duration is None
        and not one.delays
        and not (profile.kind is Kind.DYNAMIC and profile.dyn_update_time is None)
    )


def simulated(one: Installed) -> model.Profile:
    profile, schedule = one.profile, one.profile.schedule
    return model.Profile(
        id=profile.id,
        evse=one.evse,
        stack_level=profile.stack_level,
        purpose=model.Purpose(profile.purpose.value),
        kind=model.Kind(profile.kind.value),
        schedule=model.Schedule(
            unit=UNITS[schedule.unit],
            periods=tuple(
                model.Period(p.start_period, float(p.limit), p.number_phases)
                for p in schedule.periods
            ),
            start=schedule.start_schedule,
            duration_s=schedule.duration,
        ),
        installed_at=profile.dyn_update_time or one.installed_at,
        recurrency=model.Recurrency(profile.recurrency.value) if profile.recurrency else None,
        valid_from=profile.valid_from,
        valid_to=profile.valid_to,
        transaction=profile.transaction_id,
    )


@settings(max_examples=300, deadline=None)
@given(
    st.lists(installed(BEGIN).filter(comparable), max_size=6, unique_by=lambda i: i.profile.id),
    st.sampled_from(SUPPLIES),
    st.sampled_from(RateUnit),
    st.booleans(),
    st.integers(-60, 60),
)
def test_two_ways_to_the_same_schedule(some, supplies, unit, priority, offset):
    places = {(i.evse, i.profile.purpose, i.profile.stack_level): i for i in some}
    profiles = [i for i in places.values() if i.evse in (0, 1)]
    profiles = [
        i
        for i in profiles
        if i.profile.purpose is not Purpose.TX or i.profile.transaction_id == "T"
    ]
    origin = BEGIN + timedelta(seconds=offset)
    mine, other = supplies
    case = Case(1, mine, Frame(origin), "T", priority)
    ours = composite(case, profiles, unit, BEGIN, SPAN_S)
    found = theirs.composite(
        [simulated(i) for i in profiles],
        other,
        UNITS[unit],
        BEGIN,
        SPAN_S,
        origin,
        priority=priority,
    )

    for second in range(SPAN_S):
        limit = ours.at(BEGIN + timedelta(seconds=second)).limit
        there = max((p for p in found if p.start_s <= second), key=lambda p: p.start_s).limit
        assert limit is not None
        assert abs(float(limit) - there) <= 0.1001, second  # they tell one digit, rounded down
