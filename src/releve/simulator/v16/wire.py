"""Between the station's own values and those of 1.6."""

from collections.abc import Sequence
from datetime import datetime

from releve.ocpp.messages import v16
from releve.simulator.electrical import Unit
from releve.simulator.evse import Status
from releve.simulator.meter import Measurand, Sample
from releve.simulator.profiles.composite import CompositePeriod
from releve.simulator.profiles.model import Kind, Period, Profile, Purpose, Recurrency, Schedule
from releve.simulator.tokens import Token, TokenInfo
from releve.simulator.transaction import Reason

PURPOSES = {
    v16.ChargingProfilePurposeType.CHARGE_POINT_MAX_PROFILE: Purpose.STATION_MAX,
    v16.ChargingProfilePurposeType.TX_DEFAULT_PROFILE: Purpose.TX_DEFAULT,
    v16.ChargingProfilePurposeType.TX_PROFILE: Purpose.TX,
}
REASONS = {reason: v16.Reason(reason.value) for reason in Reason if reason.value in set(v16.Reason)}
"""What 1.6 has no word for is Other."""


def status(value: Status) -> v16.ChargePointStatus:
    return v16.ChargePointStatus(value.value)


def reason(value: Reason) -> v16.Reason:
    return REASONS.get(value, v16.Reason.OTHER)


def token_info(info: v16.IdTagInfo) -> TokenInfo:
    return TokenInfo(info.status.value, info.parent_id_tag, info.expiry_date)


def token(id_tag: str) -> Token:
    return Token(id_tag)


def meter_value(sample: Sample) -> v16.MeterValue:
    """A sample; values are text in 1.6."""
    return v16.MeterValue(
        timestamp=sample.at,
        sampled_value=[
            v16.SampledValue(
                value=_text(reading.value, reading.measurand),
                context=v16.ReadingContext(sample.context.value),
                measurand=v16.Measurand(reading.measurand.value),
                phase=None if reading.phase is None else v16.Phase(reading.phase),
                location=v16.Location(reading.location),
                unit=v16.UnitOfMeasure(reading.unit),
            )
            for reading in sample.readings
        ],
    )


def profile(
    wire: v16.ChargingProfile, evse: int, transaction: str | None, installed_at: datetime
) -> Profile:
    """A profile; `transaction` is the station's own key of the one it is for."""
    schedule = wire.charging_schedule
    return Profile(
        id=wire.charging_profile_id,
        evse=evse,
        stack_level=wire.stack_level,
        purpose=PURPOSES[wire.charging_profile_purpose],
        kind=Kind(wire.charging_profile_kind.value),
        schedule=Schedule(
            unit=Unit(schedule.charging_rate_unit.value),
            periods=tuple(
                Period(each.start_period, each.limit, each.number_phases)
                for each in schedule.charging_schedule_period
            ),
            start=schedule.start_schedule,
            duration_s=schedule.duration,
            min_rate=schedule.min_charging_rate,
        ),
        installed_at=installed_at,
        recurrency=Recurrency(wire.recurrency_kind.value) if wire.recurrency_kind else None,
        valid_from=wire.valid_from,
        valid_to=wire.valid_to,
        transaction=transaction,
    )


def composite_schedule(
    periods: Sequence[CompositePeriod], unit: Unit, duration_s: int
) -> v16.ChargingSchedule:
    return v16.ChargingSchedule(
        duration=duration_s,
        charging_rate_unit=v16.ChargingRateUnitType(unit.value),
        charging_schedule_period=[
            v16.ChargingSchedulePeriod(
                start_period=each.start_s, limit=each.limit, number_phases=each.phases
            )
            for each in periods
        ],
    )


def _text(value: float, measurand: Measurand) -> str:
    return (
        f"{value:.0f}" if measurand is Measurand.SOC else f"{value:g}" if value == 0 else f"{value}"
    )
