"""The composite schedule holds at every second against a slow, plain model, whatever profiles are installed."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from releve.domain.charging_profile import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    Kind,
    LimitAtSoC,
    Purpose,
    RateUnit,
    Recurrency,
)
from releve.energy.composite import composite, station_composite
from releve.energy.course import Frame, Installed
from releve.energy.leading import Case
from releve.energy.supply import Supply
from tests.support.charging_model import allowed_a

SPAN_S = 90
ZONE = ZoneInfo("Europe/Amsterdam")
# An ordinary noon, the autumn hour that comes twice, and the spring hour that is left out.
BEGINS = [
    datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 59, 0, tzinfo=UTC),
    datetime(2026, 3, 29, 0, 59, 0, tzinfo=UTC),
]
SUPPLIES = [
    Supply(),
    Supply(phases=1),
    Supply(max_current_a=Fraction(16)),
    Supply(direct=True, max_current_a=Fraction(90)),
    Supply(phases=3, voltage_v=Fraction(120), max_current_a=Fraction(32)),
]
limits = st.decimals(0, 40, places=1)
watts = st.integers(0, 30_000).map(Decimal)
near = st.integers(-SPAN_S // 2, SPAN_S + 20)


@st.composite
def schedules(draw, begin, kind, purpose):
    unit = draw(st.sampled_from(RateUnit))
    values = limits if unit is RateUnit.AMPERE else watts
    starts = [0, *sorted(draw(st.sets(st.integers(1, 120), max_size=4)))]
    if kind is Kind.DYNAMIC:
        starts = [0]
    local = draw(st.booleans()) and kind in (Kind.ABSOLUTE, Kind.RECURRING)
    start = None
    if kind in (Kind.ABSOLUTE, Kind.RECURRING):
        away = timedelta(days=draw(st.integers(0, 15))) if kind is Kind.RECURRING else timedelta(0)
        start = begin + timedelta(seconds=draw(near)) - away
        if local:
            start = start.astimezone(ZONE).replace(tzinfo=UTC)
    soc = draw(st.none() | st.builds(LimitAtSoC, soc=st.integers(0, 100), limit=values))
    return ChargingSchedule(
        id=1,
        unit=unit,
        periods=tuple(
            ChargingSchedulePeriod(
                start_period=at,
                limit=draw(values),
                number_phases=draw(st.sampled_from([None, 1, 2, 3])),
            )
            for at in starts
        ),
        start_schedule=start,
        duration=draw(st.none() | st.integers(1, 130)),
        limit_at_soc=soc,
        use_local_time=local or None,
    )


@st.composite
def installed(draw, begin):
    purpose = draw(st.sampled_from(Purpose))
    kinds = [k for k in Kind if not (k is Kind.RELATIVE and purpose is Purpose.STATION_MAX)]
    kind = draw(st.sampled_from(kinds))
    evse = 0 if purpose is Purpose.STATION_MAX else draw(st.integers(0, 2))
    moments = near.map(lambda s: begin + timedelta(seconds=s))
    schedule = draw(schedules(begin, kind, purpose))
    profile = ChargingProfile(
        id=draw(st.integers(1, 1_000_000)),
        stack_level=draw(st.integers(0, 2)),
        purpose=purpose,
        kind=kind,
        recurrency=draw(st.sampled_from(Recurrency)) if kind is Kind.RECURRING else None,
        valid_from=draw(st.none() | moments),
        valid_to=draw(st.none() | moments),
        transaction_id=draw(st.sampled_from(["T", "U"])) if purpose is Purpose.TX else None,
        schedules=(schedule,),
        max_offline_duration=draw(st.none() | st.integers(0, 300)),
        dyn_update_time=draw(st.none() | moments) if kind is Kind.DYNAMIC else None,
    )
    count = len(schedule.periods) - 1
    delays = draw(st.lists(st.integers(0, 90), max_size=count)) if count else []
    return Installed(evse, profile, begin - timedelta(seconds=30), tuple(delays))


@st.composite
def worlds(draw):
    begin = draw(st.sampled_from(BEGINS))
    profiles = draw(st.lists(installed(begin), max_size=7, unique_by=lambda i: i.profile.id))
    places = {(i.evse, i.profile.purpose, i.profile.stack_level): i for i in profiles}
    moments = near.map(lambda s: begin + timedelta(seconds=s))
    frame = Frame(draw(moments), ZONE, draw(st.none() | moments))
    return begin, list(places.values()), frame


def told(period):
    parts = [period.limit, period.limit_l2, period.limit_l3]
    assert parts[1] is None
    assert parts[2] is None
    return period.limit, period.number_phases, list(period.profiles)


@settings(max_examples=250, deadline=None)
@given(
    worlds(),
    st.sampled_from(SUPPLIES),
    st.booleans(),
    st.none() | st.integers(0, 100),
    st.sampled_from([None, "T"]),
)
def test_every_second_of_an_evse_is_as_the_plain_model_says(
    world, supply, priority, soc, transaction
):
    begin, profiles, frame = world
    case = Case(1, supply, frame, transaction, priority, soc)
    amperes = composite(case, profiles, RateUnit.AMPERE, begin, SPAN_S)
    power = composite(case, profiles, RateUnit.WATT, begin, SPAN_S)

    for second in range(SPAN_S):
        moment = begin + timedelta(seconds=second)
        value, phases, ids = allowed_a(
            1, supply, profiles, moment, frame, transaction=transaction, priority=priority, soc=soc
        )
        limit, number, leads = told(amperes.at(moment))
        assert (limit, leads) == (value, ids), moment
        assert number == (None if supply.direct else phases)
        across = 3 if supply.direct else phases
        expected = None if value is None else value * supply.voltage_v * across
        assert power.at(moment).limit == expected


@settings(max_examples=100, deadline=None)
@given(worlds(), st.sampled_from(SUPPLIES))
def test_a_composite_is_in_order_and_says_nothing_twice(world, supply):
    begin, profiles, frame = world
    found = composite(Case(1, supply, frame), profiles, RateUnit.AMPERE, begin, SPAN_S).periods

    assert found[0].start == begin
    for a, b in pairwise(found):
        assert a.start < b.start < begin + timedelta(seconds=SPAN_S)
        assert (a.limit, a.number_phases, a.profiles) != (b.limit, b.number_phases, b.profiles)


@settings(max_examples=60, deadline=None)
@given(worlds())
def test_the_station_never_gets_more_than_its_evses_and_its_own_limits(world):
    begin, profiles, frame = world
    supply = Supply(max_current_a=Fraction(32))
    cases = [Case(n, supply, frame, "T" if n == 1 else None) for n in (1, 2)]
    whole = station_composite(cases, Supply(), profiles, RateUnit.AMPERE, begin, SPAN_S)
    caps = [p for p in profiles if p.evse == 0 and p.profile.purpose is Purpose.STATION_MAX]
    more = [p for p in profiles if p.profile.purpose is Purpose.LOCAL_GENERATION and p.evse == 0]

    for second in range(0, SPAN_S, 3):
        moment = begin + timedelta(seconds=second)
        limit = whole.at(moment).limit
        assert limit is not None
        if not more:
            assert 0 <= limit <= 64
            cap, _, _ = allowed_a(0, Supply(), caps, moment, frame)
            assert cap is None or limit <= cap
