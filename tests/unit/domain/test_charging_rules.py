"""What the standard forbids in a charging profile is found before it is sent, with the rule and in plain words."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from releve.domain.charging_abilities import Abilities, abilities
from releve.domain.charging_profile import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    FreqWattPoint,
    Kind,
    LimitAtSoC,
    OperationMode,
    Purpose,
    RateUnit,
    Recurrency,
    ScheduleUpdate,
)
from releve.domain.charging_rules import Placed, clash, faults, phase_conflict

D = Decimal
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
ANY = Abilities()


def profile(purpose=Purpose.TX_DEFAULT, **about):
    schedule = about.pop("schedule", {})
    period = about.pop("period", {})
    periods = schedule.pop("periods", None) or (
        ChargingSchedulePeriod(**{"limit": D("16"), **period}),
    )
    absolute = about.get("kind", Kind.ABSOLUTE) in (Kind.ABSOLUTE, Kind.RECURRING)
    schedule.setdefault("start_schedule", NOW if absolute else None)
    return ChargingProfile(
        purpose=purpose,
        **{"schedules": (ChargingSchedule(periods=periods, **schedule),), "id": 7, **about},
    )


def rules(one, evse=1, able=ANY, **more):
    return {fault.rule for fault in faults(one, evse, able, **more)}


def test_a_plain_profile_has_no_fault():
    assert faults(profile(), 1, ANY) == ()
    assert faults(profile(Purpose.STATION_MAX), 0, ANY) == ()
    assert faults(profile(Purpose.TX, kind=Kind.RELATIVE, transaction_id="T"), 2, ANY) == ()


BAD = [
    ("K01.FR.22", profile(Purpose.EXTERNAL_CONSTRAINTS), 0),
    ("K01.FR.16", profile(Purpose.TX, transaction_id="T"), 0),
    ("K04.FR.03", profile(Purpose.STATION_MAX), 1),
    ("K01.FR.38", profile(Purpose.STATION_MAX, kind=Kind.RELATIVE), 0),
    ("K01.FR.03", profile(transaction_id="T"), 1),
    ("K01.FR.73", profile(Purpose.PRIORITY, schedule={"duration": 60}), 1),
    ("K01.FR.95", profile(Purpose.STATION_MAX, schedule={"randomized_delay": 60}), 0),
    ("K01.FR.40", profile(schedule={"start_schedule": None}), 1),
    ("K01.FR.41", profile(kind=Kind.RELATIVE, schedule={"start_schedule": NOW}), 1),
    ("K28.FR.01", profile(kind=Kind.DYNAMIC, schedule={"periods": (
        ChargingSchedulePeriod(limit=D(1)), ChargingSchedulePeriod(start_period=9, limit=D(2)))}), 1),
    ("K28.FR.04", profile(dyn_update_interval=60), 1),
    ("K01.FR.101", profile(invalid_after_offline_duration=True), 1),
    ("K01.FR.34", profile(schedules=(profile().schedule, msgspec.structs.replace(profile().schedule, id=1))), 1),
    ("K01.FR.31", profile(period={"start_period": 5}), 1),
    ("K28.FR.02", profile(kind=Kind.DYNAMIC, period={"start_period": 5}), 1),
    ("K01.FR.35", profile(schedule={"periods": (
        ChargingSchedulePeriod(limit=D(1)), ChargingSchedulePeriod(limit=D(2)))}), 1),
    ("K01.FR.19", profile(period={"phase_to_use": 2, "number_phases": 3}), 1),
    ("K01.FR.20", profile(period={"phase_to_use": 2, "number_phases": 1}), 1),
    ("K01.FR.143", profile(period={"limit_l2": D(3)}), 1),
    ("K01.FR.142", profile(Purpose.TX, period={"limit_l2": D(3)}), 1),
    ("K01.FR.145", profile(Purpose.TX, period={"limit": None, "limit_l2": D(3)}), 1),
    ("K01.FR.126", profile(period={"evse_sleep": True}), 1),
    ("K01.FR.111", profile(Purpose.PRIORITY, period={"operation_mode": OperationMode.IDLE}), 1),
    ("K01.FR.113", profile(Purpose.LOCAL_GENERATION, period={"operation_mode": OperationMode.IDLE}), 1),
    ("V2X.05", profile(period={"operation_mode": OperationMode.CENTRAL_SETPOINT, "setpoint": D(20)}), 1),
    ("V2X.05", profile(period={
        "operation_mode": OperationMode.CENTRAL_SETPOINT, "setpoint": D(-20), "discharge_limit": D(-9)}), 1),
    ("Q07.FR.01", profile(period={"operation_mode": OperationMode.CENTRAL_FREQUENCY, "setpoint": D(1)}), 1),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "one", "evse"), BAD)
def test_what_the_standard_forbids_is_named(rule, one, evse):
    found = [fault for fault in faults(one, evse, ANY) if fault.rule == rule]

    assert len(found) == 1
    assert found[0].text.endswith(".")


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (profile(kind=Kind.RECURRING), "daily or weekly"),
        (profile(recurrency=Recurrency.DAILY), "daily or weekly"),
        (profile(valid_from=NOW, valid_to=NOW), "end before it begins"),
        (profile(schedules=()), "no schedule"),
        (profile(schedule={"duration": 0}), "0 seconds"),
        (profile(period={"limit": D(-1)}), "below zero"),
        (profile(period={"limit": None}), "needs a limit"),
        (profile(period={"setpoint": D(1)}), "operation mode other than ChargingOnly"),
        (profile(period={"discharge_limit": D(1)}), "counts below zero"),
        (profile(schedule={"limit_at_soc": LimitAtSoC(soc=80, limit=D(-1))}), "below 0"),
        (profile(period={"operation_mode": OperationMode.LOCAL_FREQUENCY}), "two points"),
        (profile(period={"v2x_freq_watt_curve": (FreqWattPoint(frequency=D(50), power=D(0)),)}), "LocalFrequency"),
        (profile(period={"operation_mode": OperationMode.CENTRAL_SETPOINT}), "needs a setpoint"),
        (profile(period={"operation_mode": OperationMode.EXTERNAL_SETPOINT, "setpoint": D(1)}), "beside the station"),
    ],
)  # fmt: skip
def test_nonsense_is_told_in_plain_words(one, words):
    assert any(words in fault.text for fault in faults(one, 1, ANY))


def test_more_schedules_than_one_are_for_a_car_that_chooses():
    three = tuple(msgspec.structs.replace(profile().schedule, id=n) for n in (1, 2, 3))
    one = profile(Purpose.TX, transaction_id="T", schedules=three)

    assert "K01.FR.34" in rules(one)
    assert rules(one, choices=True) == set()
    four = (*three, msgspec.structs.replace(profile().schedule, id=4))
    assert "K15.FR.07" in rules(profile(schedules=four), choices=True)
    twice = (three[0], three[0])
    assert faults(profile(schedules=twice), 1, ANY, choices=True)


def test_a_phase_may_be_chosen_where_the_evse_can_switch():
    one = profile(period={"phase_to_use": 2, "number_phases": 1})
    assert rules(one, able=Abilities(phase_switching=True)) == set()
    assert rules(one, able=Abilities(phase_switching=False)) == {"K01.FR.20"}


def test_what_the_station_says_it_cannot_do_is_not_asked_of_it():
    able = abilities(
        {
            "RateUnit": "A, W",
            "ProfileStackLevel": "3",
            "PeriodsPerSchedule": "24",
            "MaxExternalConstraintsId": "100",
            "SupportedAdditionalPurposes": "LocalGeneration",
            "SupportsDynamicProfiles": "false",
            "SupportsUseLocalTime": "false",
            "SupportsRandomizedDelay": "false",
            "SupportsLimitAtSoC": "false",
            "SupportsMaxOfflineDuration": "false",
            "ChargingProfilePersistence.TxProfile": "true",
            "SetpointPriority": "CSMS",
        }
    )
    one = profile(
        max_offline_duration=60,
        schedule={
            "use_local_time": True,
            "randomized_delay": 9,
            "limit_at_soc": LimitAtSoC(soc=80, limit=D(6)),
        },
    )

    assert able.units == frozenset(RateUnit)
    assert (able.max_stack_level, able.max_periods, able.setpoint_by_csms) == (3, 24, True)
    assert able.persistent == {"TxProfile"}
    assert rules(one, able=able) == {
        "K01.FR.80", "K01.FR.123", "K01.FR.124", "K01.FR.125", "K01.FR.104",
    }  # fmt: skip
    assert rules(profile(Purpose.PRIORITY, id=101), able=able) == {"K01.FR.120"}
    assert rules(profile(kind=Kind.DYNAMIC, id=101), able=able) == {"K01.FR.121"}


def test_the_keys_of_1_6_say_the_same():
    able = abilities(
        {
            "ChargingScheduleAllowedChargingRateUnit": "Current,Power",
            "ChargeProfileMaxStackLevel": "8",
            "ChargingScheduleMaxPeriods": "many",
            "MaxChargingProfilesInstalled": "10",
        },
        "ocpp1.6",
    )
    assert able.units == frozenset(RateUnit)
    assert (able.decimals, able.default_replaces) == (1, True)
    assert (able.max_stack_level, able.max_periods, able.max_profiles) == (8, None, 10)


def test_two_profiles_of_one_level_clash_while_both_are_valid():
    old = Placed(evse=1, profile=profile(valid_to=NOW))

    def found(one, evse=1):
        return clash(Placed(evse=evse, profile=one), [old])

    assert found(profile(id=8)) is old  # K01.FR.06
    assert found(profile(id=7)) is None  # the same id replaces
    assert found(profile(id=8), evse=2) is None
    assert found(profile(id=8), evse=0) is old  # K01.FR.52
    assert found(profile(id=8, stack_level=1)) is None
    assert found(profile(id=8, valid_from=NOW)) is None
    assert found(profile(Purpose.TX, id=8, transaction_id="T")) is None


def test_one_transaction_has_one_profile_of_a_level():
    old = Placed(evse=1, profile=profile(Purpose.TX, transaction_id="T"))

    def found(name):
        return clash(Placed(evse=1, profile=profile(Purpose.TX, id=8, transaction_id=name)), [old])

    assert found("T") is old  # K01.FR.39
    assert found("U") is None


def test_profiles_of_two_purposes_must_not_want_two_phases():
    def at(evse, purpose, phase):
        one = profile(purpose, period={"number_phases": 1, "phase_to_use": phase})
        return Placed(evse=evse, profile=one)

    cap = at(0, Purpose.STATION_MAX, 1)
    assert phase_conflict(at(1, Purpose.TX_DEFAULT, 3), [cap]) is cap  # K01.FR.141
    assert phase_conflict(at(1, Purpose.TX_DEFAULT, 1), [cap]) is None
    assert phase_conflict(Placed(evse=1, profile=profile()), [cap]) is None


def test_an_update_changes_what_it_names():
    one = profile(kind=Kind.DYNAMIC, period={"limit": D("16"), "number_phases": 1})
    later = NOW + timedelta(minutes=1)

    new = one.updated(ScheduleUpdate(limit=D("8.1")), later)

    assert new.schedule.periods[0].limit == D("8.1")
    assert new.schedule.periods[0].number_phases == 1
    assert new.dyn_update_time == later
