"""Charging profiles pass between the words of the domain and the wire without losing or inventing anything."""

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from releve.dialects.registry import Unsupported
from releve.dialects.v2.smart_charging import _WITHIN, NAMES, built, plain, read
from releve.dialects.v16.smart_charging import wire_profile
from releve.domain import charging_profile as domain
from releve.ocpp.messages import v21, v201

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
PERIOD = domain.ChargingSchedulePeriod(
    start_period=0,
    limit=Decimal("8.1"),
    number_phases=1,
    phase_to_use=2,
    discharge_limit=Decimal(-5),
    setpoint=Decimal(3),
    operation_mode=domain.OperationMode.LOCAL_FREQUENCY,
    v2x_freq_watt_curve=(domain.FreqWattPoint(frequency=Decimal(50), power=Decimal(0)),),
    v2x_signal_watt_curve=(domain.SignalWattPoint(signal=1, power=Decimal(2000)),),
    evse_sleep=True,
    v2x_baseline=Decimal(1),
    preconditioning_request=True,
)
TARIFF = domain.SalesTariff(
    id=1,
    num_e_price_levels=2,
    sales_tariff_entry=(
        domain.SalesTariffEntry(
            relative_time_interval=domain.TimeInterval(start=0, duration=60),
            e_price_level=1,
            consumption_cost=(
                domain.ConsumptionCost(
                    start_value=Decimal(0),
                    cost=(domain.Cost(cost_kind="RelativePricePercentage", amount=3),),
                ),
            ),
        ),
    ),
)
FULL = domain.ChargingProfile(
    id=7,
    stack_level=3,
    purpose=domain.Purpose.TX,
    kind=domain.Kind.RECURRING,
    recurrency=domain.Recurrency.DAILY,
    valid_from=NOW,
    valid_to=NOW.replace(hour=13),
    transaction_id="T",
    schedules=(
        domain.ChargingSchedule(
            id=2,
            unit=domain.RateUnit.WATT,
            periods=(PERIOD,),
            start_schedule=NOW,
            duration=600,
            min_charging_rate=Decimal("6.5"),
            limit_at_soc=domain.LimitAtSoC(soc=80, limit=Decimal(6)),
            use_local_time=True,
            randomized_delay=30,
            sales_tariff=TARIFF,
        ),
    ),
    max_offline_duration=60,
    invalid_after_offline_duration=True,
    dyn_update_interval=5,
    dyn_update_time=NOW,
)
PLAIN = domain.ChargingProfile(
    id=1,
    purpose=domain.Purpose.TX_DEFAULT,
    schedules=(
        domain.ChargingSchedule(
            id=1,
            start_schedule=NOW,
            periods=(domain.ChargingSchedulePeriod(limit=Decimal("8.1")),),
        ),
    ),
)


@pytest.mark.parametrize("kind", NAMES, ids=lambda kind: kind.__name__)
def test_every_field_has_a_wire_name(kind):
    assert set(NAMES[kind]) == {field.name for field in msgspec.structs.fields(kind)}
    assert {field for owner, field in _WITHIN if owner is kind} <= set(NAMES[kind])


@pytest.mark.parametrize(
    ("kind", "wire"),
    [
        (domain.ChargingProfile, v21.ChargingProfile),
        (domain.ChargingSchedule, v21.ChargingSchedule),
        (domain.ChargingSchedulePeriod, v21.ChargingSchedulePeriod),
        (domain.ScheduleUpdate, v21.ChargingScheduleUpdate),
    ],
)
def test_every_field_of_2_1_is_known(kind, wire):
    assert set(NAMES[kind].values()) == set(wire.__struct_encode_fields__) - {"customData"}


def test_a_profile_survives_the_way_there_and_back():
    sent = built(plain(FULL), v21.ChargingProfile, "2.1")
    assert read(domain.ChargingProfile, sent) == FULL
    assert b'"limit":8.1,' in msgspec.json.encode(sent)


def test_vendors_own_members_are_left_out():
    sent = msgspec.structs.replace(
        built(plain(PLAIN), v201.ChargingProfile, "2.0.1"), custom_data={"vendorId": "V"}
    )
    assert read(domain.ChargingProfile, sent) == PLAIN


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"max_offline_duration": 60}, "maxOfflineDuration"),
        ({"purpose": domain.Purpose.PRIORITY}, "PriorityCharging"),
        ({"kind": domain.Kind.DYNAMIC}, "Dynamic"),
        ({"schedules": FULL.schedules}, "2.0.1"),
    ],
)
def test_what_2_0_1_has_no_words_for_is_said(changes, words):
    one = msgspec.structs.replace(PLAIN, **changes)
    with pytest.raises(Unsupported, match=words):
        built(plain(one), v201.ChargingProfile, "2.0.1")
    with pytest.raises(Unsupported):
        wire_profile(one)


def test_1_6_has_one_digit_and_a_number_for_a_transaction():
    one = msgspec.structs.replace(PLAIN, purpose=domain.Purpose.TX, transaction_id="4711")
    wire = wire_profile(one)
    assert wire.transaction_id == 4711
    assert wire.charging_schedule.charging_schedule_period[0].limit == 8.1
    with pytest.raises(Unsupported, match="named by a number"):
        wire_profile(msgspec.structs.replace(one, transaction_id="T"))
    with pytest.raises(Unsupported, match="one schedule"):
        wire_profile(msgspec.structs.replace(one, schedules=one.schedules * 2))
