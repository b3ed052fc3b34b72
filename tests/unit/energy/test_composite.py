"""What profiles allow together, on examples of the standard."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from releve.domain.charging_profile import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    Kind,
    LimitAtSoC,
    OperationMode,
    Purpose,
    RateUnit,
)
from releve.energy.composite import composite, station_composite
from releve.energy.course import Frame, Installed
from releve.energy.leading import Case
from releve.energy.supply import Supply, down, near

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
A, W = RateUnit.AMPERE, RateUnit.WATT
FRAME = Frame(NOON)
_ids = iter(range(1, 10_000))


def placed(purpose, limit, evse=0, unit=W, level=0, **period):
    about = {n: period.pop(n) for n in ("duration", "limit_at_soc", "id") if n in period}
    number = about.pop("id", None) or next(_ids)
    value = None if limit is None else Decimal(str(limit))
    schedule = ChargingSchedule(
        unit=unit, periods=(ChargingSchedulePeriod(limit=value, **period),), **about
    )
    kind = Kind.DYNAMIC if purpose is Purpose.STATION_MAX else Kind.RELATIVE
    profile = ChargingProfile(
        id=number,
        purpose=purpose,
        kind=kind,
        stack_level=level,
        schedules=(schedule,),
        transaction_id="T" if purpose is Purpose.TX else None,
    )
    return Installed(evse, profile, NOON)


def now(profiles, unit=A, supply=None, **about):
    case = Case(1, supply or Supply(), FRAME, **{"transaction": "T", **about})
    return composite(case, profiles, unit, NOON, 3600).periods[0]


def test_nothing_installed_is_no_limit():
    assert now([]).limit is None
    assert now([], supply=Supply(max_current_a=Fraction(32))).limit == 32


def test_amperes_and_watts_are_exact_in_each_other():
    one = placed(Purpose.TX_DEFAULT, 11_000)
    assert now([one]).limit == Fraction(11_000, 690)  # K01.FR.49, K01.FR.50
    assert now([one], W).limit == 11_000
    single = placed(Purpose.TX_DEFAULT, "8.1", unit=A, number_phases=1)
    assert now([single], W).limit == Fraction(81, 10) * 230
    assert now([single]).number_phases == 1


def test_watts_for_three_phases_are_divided_by_three_on_one_too():
    found = now([placed(Purpose.TX_DEFAULT, 6900)], W, supply=Supply(phases=1))
    assert (found.limit, found.number_phases) == (2300, 1)


def test_the_lowest_of_the_purposes_counts():
    some = [
        placed(Purpose.STATION_MAX, 9000, id=9001),
        placed(Purpose.EXTERNAL_CONSTRAINTS, 8000, id=9002),
        placed(Purpose.TX_DEFAULT, 7000, id=9003),
    ]
    found = now(some, W)
    assert (found.limit, found.profiles) == (7000, (9001, 9002, 9003))
    own = placed(Purpose.TX, 20_000, evse=1, id=9004)
    found = now([*some, own], W)
    assert (found.limit, found.profiles) == (8000, (9001, 9002, 9004))  # K02.FR.04


def test_the_highest_level_leads_and_another_transactions_profile_does_not():
    low, high = placed(Purpose.TX_DEFAULT, 3000), placed(Purpose.TX_DEFAULT, 9000, level=2)
    assert now([low, high], W).limit == 9000  # K01.FR.17
    own = placed(Purpose.TX, 1000, evse=1)
    assert now([low, own], W, transaction="U").limit == 3000


def test_local_generation_comes_on_top():
    """K27: 2 kW of the sun on top of a default of 5 kW."""
    some = [placed(Purpose.TX_DEFAULT, 5000), placed(Purpose.LOCAL_GENERATION, 2000)]
    assert now(some, W).limit == 7000
    assert now(some, W, supply=Supply(max_current_a=Fraction(10))).limit == 6900
    assert now(some[1:], W).limit is None


@pytest.mark.parametrize("unit", [A, W])
def test_what_is_generated_on_one_phase_is_not_added_three_times(unit):
    """K27: 10 A (2.3 kW) on one phase are 2.3 kW, whether one phase is charged on or three."""
    base = placed(Purpose.TX_DEFAULT, 16, unit=A)
    value = 10 if unit is A else 2300
    sun = placed(Purpose.LOCAL_GENERATION, value, unit=unit, number_phases=1)
    assert now([base, sun], W).limit == 16 * 690 + 2300
    assert now([base, sun]).limit == 16 + Fraction(10, 3)
    assert now([base, sun], supply=Supply(phases=1)).limit == 26
    direct = Supply(direct=True, max_current_a=Fraction(90))
    assert now([base, sun], W, supply=direct).limit == 16 * 690 + 2300
    two = placed(Purpose.LOCAL_GENERATION, value, unit=unit, number_phases=2)
    assert now([base, two], W).limit == 16 * 690 + (4600 if unit is A else 2300)
    sinking = placed(Purpose.LOCAL_GENERATION, -value, unit=unit, number_phases=1)
    assert now([base, sinking]).limit == 16


def test_what_is_generated_on_a_named_phase_is_added_there():
    base = placed(Purpose.TX_DEFAULT, 16, unit=A)
    sun = placed(Purpose.LOCAL_GENERATION, 10, unit=A, number_phases=1, phase_to_use=2)
    found = now([base, sun])
    assert (found.limit, found.limit_l2, found.limit_l3) == (16, 26, 16)
    assert now([base, sun], supply=Supply(phases=1)).limit == 26  # which phase it has is not known
    other = placed(Purpose.TX, 16, evse=1, unit=A, number_phases=1, phase_to_use=3)
    assert now([other, sun]).limit == 16
    same = placed(Purpose.TX, 16, evse=1, unit=A, number_phases=1, phase_to_use=2)
    assert now([same, sun]).limit == 26


def test_generation_told_for_each_phase_is_added_on_each():
    base = placed(Purpose.TX_DEFAULT, 16, unit=A)
    more = {"limit_l2": Decimal(2), "limit_l3": Decimal(0)}
    found = now([base, placed(Purpose.LOCAL_GENERATION, 4, unit=A, **more)])
    assert (found.limit, found.limit_l2, found.limit_l3) == (20, 18, 16)


def test_priority_charging_overrules_the_transactions_profiles_only():
    some = [
        placed(Purpose.STATION_MAX, 9000),
        placed(Purpose.TX, 1000, evse=1),
        placed(Purpose.PRIORITY, 22_000),
    ]
    assert now(some, W).limit == 1000
    assert now(some, W, priority=True).limit == 9000  # K21.FR.04


def test_fewer_phases_win():
    some = [
        placed(Purpose.STATION_MAX, 16, unit=A, number_phases=1),
        placed(Purpose.TX, 32, evse=1, unit=A),
    ]
    found = now(some, W)
    assert (found.limit, found.number_phases) == (16 * 230, 1)  # K01.FR.140


def test_each_phase_may_have_its_own_limit():
    some = [
        placed(Purpose.STATION_MAX, 10, unit=A),
        placed(Purpose.TX, 16, evse=1, unit=A, limit_l2=Decimal(8), limit_l3=Decimal(6)),
    ]
    found = now(some)
    assert (found.limit, found.limit_l2, found.limit_l3) == (10, 8, 6)
    found = now(some, W)
    assert (found.limit, found.limit_l2, found.limit_l3) == (2300, 1840, 1380)
    power = placed(Purpose.TX, 2300, evse=1, limit_l2=Decimal(1150))
    assert (now([power]).limit, now([power]).limit_l2, now([power]).limit_l3) == (10, 5, 10)


def test_from_a_state_of_charge_on_the_limit_is_lower():
    cap = LimitAtSoC(soc=80, limit=Decimal(6))
    one = placed(Purpose.TX, 32, evse=1, unit=A, limit_at_soc=cap)
    assert [now([one], soc=soc).limit for soc in (None, 79, 80, 100)] == [32, 32, 6, 6]


def test_dc_is_reckoned_on_three_phases_of_the_grid():
    supply = Supply(direct=True)
    found = now([placed(Purpose.TX_DEFAULT, 50_000)], supply=supply)
    assert (found.limit, found.number_phases) == (Fraction(50_000, 690), None)
    assert now([placed(Purpose.TX_DEFAULT, 50_000)], W, supply=supply).limit == 50_000


def test_a_setpoint_stays_between_the_limits():
    def steer(setpoint, limit=None, low=None):
        return placed(
            Purpose.TX,
            limit,
            evse=1,
            setpoint=Decimal(setpoint),
            discharge_limit=low,
            operation_mode=OperationMode.CENTRAL_SETPOINT,
        )

    cap = placed(Purpose.STATION_MAX, 1000)
    assert now([steer(2000), cap], W).setpoint == 1000  # V2X.03, K08.FR.08
    assert now([steer(-2000)], W).setpoint == -2000
    external = placed(
        Purpose.EXTERNAL_CONSTRAINTS,
        None,
        discharge_limit=Decimal(-1000),
        operation_mode=OperationMode.EXTERNAL_LIMITS,
    )
    found = now([steer(-2000), external], W)
    assert (found.setpoint, found.discharge_limit) == (-1000, -1000)  # V2X.04
    assert found.operation_mode is OperationMode.CENTRAL_SETPOINT


@pytest.mark.parametrize(("by_csms", "expected"), [(False, 500), (True, 900)])
def test_an_external_setpoint_goes_first_unless_the_station_says_otherwise(by_csms, expected):
    own = placed(
        Purpose.TX,
        None,
        evse=1,
        setpoint=Decimal(900),
        operation_mode=OperationMode.CENTRAL_SETPOINT,
    )
    other = placed(
        Purpose.EXTERNAL_CONSTRAINTS,
        None,
        setpoint=Decimal(500),
        operation_mode=OperationMode.EXTERNAL_SETPOINT,
    )
    assert now([own, other], W, setpoint_by_csms=by_csms).setpoint == expected


def test_setpoints_in_the_other_unit():
    own = placed(
        Purpose.TX,
        None,
        evse=1,
        setpoint=Decimal(6900),
        setpoint_l2=None,
        operation_mode=OperationMode.CENTRAL_SETPOINT,
    )
    assert now([own]).setpoint == 10
    each = placed(
        Purpose.TX, None, evse=1, unit=A, setpoint=Decimal(10), setpoint_l2=Decimal(20), setpoint_l3=Decimal(30),
        operation_mode=OperationMode.CENTRAL_SETPOINT,
    )  # fmt: skip
    assert now([each], W).setpoint == 60 * 230
    assert now([each]).setpoint == 20


def test_the_station_has_the_sum_under_its_own_limit():
    cases = [Case(n, Supply(max_current_a=Fraction(32)), FRAME) for n in (1, 2)]
    default = placed(Purpose.TX_DEFAULT, 10, unit=A)

    def whole(profiles, unit=A):
        return station_composite(cases, Supply(), profiles, unit, NOON, 60).periods[0].limit

    assert whole([]) == 64
    assert whole([default]) == 20  # K08.FR.03
    assert whole([default], W) == 20 * 690
    cap = placed(Purpose.STATION_MAX, 16, unit=A)
    assert whole([default, cap]) == 16
    sun = placed(Purpose.LOCAL_GENERATION, 4, unit=A)
    assert whole([default, cap, sun]) == 20  # K04.FR.05
    on_one = placed(Purpose.LOCAL_GENERATION, 6, unit=A, number_phases=1)
    assert whole([default, cap, on_one]) == 18
    assert whole([default, cap, on_one], W) == 16 * 690 + 6 * 230
    at_one = placed(Purpose.EXTERNAL_CONSTRAINTS, 3, evse=2, unit=A)
    assert whole([default, at_one]) == 13
    assert whole([placed(Purpose.STATION_MAX, 3000)], W) == 3000


def test_an_evse_without_known_maximum_leaves_the_station_unlimited():
    cases = [Case(1, Supply(), FRAME)]
    assert station_composite(cases, Supply(), [], A, NOON, 60).periods[0].limit is None
    cap = placed(Purpose.STATION_MAX, 16, unit=A)
    assert station_composite(cases, Supply(), [cap], A, NOON, 60).periods[0].limit == 16


def test_rounding_never_raises_a_limit():
    assert down(Fraction(11_000, 690), 1) == Decimal("15.9")
    assert down(Fraction(16), 0) == Decimal(16)
    assert near(Fraction(2, 3), 2) == Decimal("0.67")


def test_a_schedule_changes_where_a_period_ends():
    short = placed(Purpose.TX_DEFAULT, 10, unit=A, level=1, duration=600)
    base = placed(Purpose.TX_DEFAULT, 16, unit=A)
    case = Case(1, Supply(), FRAME)
    found = composite(case, [short, base], A, NOON, 3600)
    assert [(p.start - NOON, p.limit) for p in found.periods] == [
        (timedelta(0), 10),
        (timedelta(minutes=10), 16),
    ]
    assert found.at(NOON + timedelta(minutes=11)).limit == 16
