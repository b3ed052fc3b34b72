"""Between the station's own values and those of 2.x."""

from collections.abc import Sequence
from datetime import datetime

from releve.ocpp.messages import v21
from releve.simulator.electrical import Unit
from releve.simulator.evse import Evse, Status
from releve.simulator.meter import Sample
from releve.simulator.place import Place
from releve.simulator.profiles.composite import CompositePeriod
from releve.simulator.profiles.model import (
    Kind,
    Mode,
    Period,
    Profile,
    Purpose,
    Recurrency,
    Schedule,
)
from releve.simulator.profiles.store import Refusal
from releve.simulator.tokens import Token, TokenInfo
from releve.simulator.transaction import Reason

STATUSES = {
    Status.AVAILABLE: v21.ConnectorStatusEnum.AVAILABLE,
    Status.RESERVED: v21.ConnectorStatusEnum.RESERVED,
    Status.UNAVAILABLE: v21.ConnectorStatusEnum.UNAVAILABLE,
    Status.FAULTED: v21.ConnectorStatusEnum.FAULTED,
}
REASONS = {
    Reason.HARD_RESET: v21.ReasonEnum.IMMEDIATE_RESET,
    Reason.SOFT_RESET: v21.ReasonEnum.IMMEDIATE_RESET,
    Reason.UNLOCK_COMMAND: v21.ReasonEnum.OTHER,
}
NO_AUTHORIZATION = "NoAuthorization"


def status(value: Status) -> v21.ConnectorStatusEnum:
    """The status in the five words of 2.x: whatever keeps a connector busy is Occupied."""
    return STATUSES.get(value, v21.ConnectorStatusEnum.OCCUPIED)


def reason(value: Reason) -> v21.ReasonEnum:
    """The reason in the words of 2.x."""
    return REASONS.get(value) or v21.ReasonEnum(value.value)


def token(wire: v21.IdToken) -> Token:
    """A token as the station keeps it."""
    return Token(wire.id_token, wire.type)


def id_token(own: Token) -> v21.IdToken:
    """A token for the wire."""
    return v21.IdToken(id_token=own.text, type=own.type)


def token_info(info: v21.IdTokenInfo) -> TokenInfo:
    """What the CSMS says of a token."""
    group = None if info.group_id_token is None else info.group_id_token.id_token
    return TokenInfo(info.status.value, group, info.cache_expiry_date_time)


def place(component: v21.Component, variable: v21.Variable) -> Place:
    """Where a variable of a message sits."""
    at = component.evse
    return Place(
        component.name,
        variable.name,
        variable.instance,
        None if at is None else at.id,
        None if at is None else at.connector_id,
    )


def named(own: Place) -> tuple[v21.Component, v21.Variable]:
    """A place for the wire."""
    at = None if own.evse is None else v21.EVSE(id=own.evse, connector_id=own.connector)
    return (
        v21.Component(name=own.component, evse=at),
        v21.Variable(name=own.variable, instance=own.instance),
    )


def evse(own: Evse) -> v21.EVSE:
    """The EVSE with the connector in use (E01.FR.16)."""
    return v21.EVSE(id=own.id, connector_id=own.connector)


def meter_value(sample: Sample) -> v21.MeterValue:
    """A sample; values are numbers in 2.x."""
    return v21.MeterValue(
        timestamp=sample.at,
        sampled_value=[
            v21.SampledValue(
                value=reading.value,
                measurand=v21.MeasurandEnum(reading.measurand.value),
                context=v21.ReadingContextEnum(sample.context.value),
                phase=None if reading.phase is None else v21.PhaseEnum(reading.phase),
                location=v21.LocationEnum(reading.location),
                unit_of_measure=v21.UnitOfMeasure(unit=reading.unit),
            )
            for reading in sample.readings
        ],
    )


def info(refusal: Refusal | str) -> v21.StatusInfo:
    """A reason code beside a refusing status."""
    return v21.StatusInfo(reason_code=str(refusal))


def profile(
    wire: v21.ChargingProfile, evse_id: int, transaction: str | None, installed_at: datetime
) -> Profile | Refusal:
    """A profile, or why this station cannot have one like it."""
    # Of several schedules (ISO 15118) the car is taken to choose the first.
    schedule = _schedule(wire.charging_schedule[0])
    if schedule is None:
        return Refusal.INVALID_SCHEDULE
    return Profile(
        id=wire.id,
        evse=evse_id,
        stack_level=wire.stack_level,
        purpose=Purpose(wire.charging_profile_purpose.value),
        kind=Kind(wire.charging_profile_kind.value),
        schedule=schedule,
        installed_at=installed_at,
        recurrency=Recurrency(wire.recurrency_kind.value) if wire.recurrency_kind else None,
        valid_from=wire.valid_from,
        valid_to=wire.valid_to,
        transaction=transaction,
        pull_every_s=wire.dyn_update_interval,
    )


def charging_profile(own: Profile) -> v21.ChargingProfile:
    """An installed profile for ReportChargingProfiles."""
    return v21.ChargingProfile(
        id=own.id,
        stack_level=own.stack_level,
        charging_profile_purpose=v21.ChargingProfilePurposeEnum(own.purpose.value),
        charging_profile_kind=v21.ChargingProfileKindEnum(own.kind.value),
        recurrency_kind=v21.RecurrencyKindEnum(own.recurrency.value) if own.recurrency else None,
        valid_from=own.valid_from,
        valid_to=own.valid_to,
        transaction_id=own.transaction,
        dyn_update_interval=own.pull_every_s,
        charging_schedule=[
            v21.ChargingSchedule(
                id=own.schedule.id,
                start_schedule=own.schedule.start,
                duration=own.schedule.duration_s,
                charging_rate_unit=v21.ChargingRateUnitEnum(own.schedule.unit.value),
                min_charging_rate=own.schedule.min_rate,
                charging_schedule_period=[_period(each) for each in own.schedule.periods],
            )
        ],
    )


def composite_schedule(
    periods: Sequence[CompositePeriod], evse_id: int, unit: Unit, duration_s: int, at: datetime
) -> v21.CompositeSchedule:
    """A composite schedule for the answer."""
    return v21.CompositeSchedule(
        evse_id=evse_id,
        duration=duration_s,
        schedule_start=at,
        charging_rate_unit=v21.ChargingRateUnitEnum(unit.value),
        charging_schedule_period=[
            v21.ChargingSchedulePeriod(
                start_period=each.start_s,
                limit=each.limit,
                number_phases=each.phases,
                operation_mode=None
                if each.mode is None
                else v21.OperationModeEnum(each.mode.value),
                setpoint=each.setpoint,
                discharge_limit=each.discharge_limit,
            )
            for each in periods
        ],
    )


def _schedule(wire: v21.ChargingSchedule) -> Schedule | None:
    periods = tuple(_own_period(each) for each in wire.charging_schedule_period)
    if not all(map(_complete, periods)):
        return None
    return Schedule(
        unit=Unit(wire.charging_rate_unit.value),
        periods=periods,
        start=wire.start_schedule,
        duration_s=wire.duration,
        min_rate=wire.min_charging_rate,
        id=wire.id,
    )


def _own_period(wire: v21.ChargingSchedulePeriod) -> Period:
    mode = wire.operation_mode
    return Period(
        wire.start_period,
        wire.limit,
        wire.number_phases,
        wire.phase_to_use,
        mode=Mode.CHARGING_ONLY if mode is None else Mode(mode.value),
        discharge_limit=wire.discharge_limit,
        setpoint=wire.setpoint,
        baseline_w=wire.v2x_baseline or 0.0,
        by_frequency=tuple((each.frequency, each.power) for each in wire.v2x_freq_watt_curve),
        by_signal=tuple((each.signal, each.power) for each in wire.v2x_signal_watt_curve),
    )


def _complete(period: Period) -> bool:
    """Whether the period has what its mode lives on (2.1, limits and setpoints per operation mode)."""
    match period.mode:
        case Mode.CHARGING_ONLY:
            return period.limit is not None
        case Mode.CENTRAL_SETPOINT | Mode.CENTRAL_FREQUENCY:
            return period.setpoint is not None
        case Mode.LOCAL_FREQUENCY:
            return bool(period.by_frequency or period.by_signal)
        case _:
            return True


def _period(own: Period) -> v21.ChargingSchedulePeriod:
    return v21.ChargingSchedulePeriod(
        start_period=own.start_s,
        limit=own.limit,
        number_phases=own.phases,
        phase_to_use=own.phase_to_use,
        operation_mode=None
        if own.mode is Mode.CHARGING_ONLY
        else v21.OperationModeEnum(own.mode.value),
        discharge_limit=own.discharge_limit,
        setpoint=own.setpoint,
        v2x_baseline=own.baseline_w or None,
        v2x_freq_watt_curve=[
            v21.V2XFreqWattPoint(frequency=x, power=y) for x, y in own.by_frequency
        ],
        v2x_signal_watt_curve=[
            v21.V2XSignalWattPoint(signal=int(x), power=y) for x, y in own.by_signal
        ],
    )
