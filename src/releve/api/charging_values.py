"""Charging profiles as the API takes and shows them: limits are plain numbers in their schedule's unit."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec

from releve.domain.charging_profile import (
    ChargingProfile,
    ChargingSchedule,
    Kind,
    OperationMode,
    Purpose,
    RateUnit,
    Recurrency,
    ScheduleUpdate,
)

Whole = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Number = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
Amount = Annotated[float, msgspec.Meta(ge=-1e9, le=1e9)]
Limit = Annotated[float, msgspec.Meta(ge=0, le=1e9)]
Low = Annotated[float, msgspec.Meta(ge=-1e9, le=0)]
Text = Annotated[str, msgspec.Meta(pattern=r"^[^\x00-\x1f]*$", max_length=256)]
Short = Annotated[str, msgspec.Meta(pattern=r"^[^\x00-\x1f]*$", min_length=1, max_length=36)]


class Form(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    pass


class UpdateForm(Form, frozen=True, kw_only=True):
    """New limits of a dynamic profile; what is left out stays as it is."""

    limit: Limit | None = None
    limit_l2: Limit | None = None
    limit_l3: Limit | None = None
    discharge_limit: Low | None = None
    discharge_limit_l2: Low | None = None
    discharge_limit_l3: Low | None = None
    setpoint: Amount | None = None
    setpoint_l2: Amount | None = None
    setpoint_l3: Amount | None = None
    setpoint_reactive: Amount | None = None
    setpoint_reactive_l2: Amount | None = None
    setpoint_reactive_l3: Amount | None = None


class FrequencyPoint(Form, frozen=True, kw_only=True):
    """power: W at this frequency in Hz."""

    frequency: Limit
    power: Amount


class SignalPoint(Form, frozen=True, kw_only=True):
    """power: W at this value of the aFRR signal."""

    signal: Number
    power: Amount


class PeriodForm(UpdateForm, frozen=True, kw_only=True):
    """From `start_period` seconds into the schedule on. `limit` is for each phase (A) or for all together (W)."""

    start_period: Whole = 0
    number_phases: Annotated[int, msgspec.Meta(ge=1, le=3)] | None = None
    phase_to_use: Annotated[int, msgspec.Meta(ge=1, le=3)] | None = None
    preconditioning_request: bool | None = None
    evse_sleep: bool | None = None
    v2x_baseline: Amount | None = None
    operation_mode: OperationMode | None = None
    v2x_freq_watt_curve: Annotated[list[FrequencyPoint], msgspec.Meta(max_length=20)] = []
    v2x_signal_watt_curve: Annotated[list[SignalPoint], msgspec.Meta(max_length=20)] = []


class SocLimit(Form, frozen=True, kw_only=True):
    """From this state of charge on, percent, no more than `limit`."""

    soc: Annotated[int, msgspec.Meta(ge=0, le=100)]
    limit: Limit


class ScheduleForm(Form, frozen=True, kw_only=True):
    """Limits over time; durations in seconds. Price schedules and the sales tariff: JSON in the standard's names."""

    id: Number = 0
    unit: RateUnit = RateUnit.AMPERE
    periods: Annotated[list[PeriodForm], msgspec.Meta(min_length=1, max_length=1024)]
    start_schedule: datetime | None = None
    duration: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] | None = None
    min_charging_rate: Limit | None = None
    limit_at_soc: SocLimit | None = None
    power_tolerance: Amount | None = None
    signature_id: Whole | None = None
    digest_value: Annotated[str, msgspec.Meta(max_length=88)] | None = None
    use_local_time: bool | None = None
    randomized_delay: Whole | None = None
    sales_tariff: dict[str, Any] | None = None
    absolute_price_schedule: dict[str, Any] | None = None
    price_level_schedule: dict[str, Any] | None = None


class ProfileForm(Form, frozen=True, kw_only=True):
    """A charging profile in the words of OCPP 2.1.

    id 0: it takes the place of the profile with the same purpose and stack level, else gets a free number.
    transaction_id: the station's name of it; a TxProfile without one goes to the transaction that runs on its EVSE.
    """

    id: Number = 0
    stack_level: Whole = 0
    purpose: Purpose
    kind: Kind = Kind.ABSOLUTE
    recurrency: Recurrency | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    transaction_id: Short | None = None
    schedules: Annotated[list[ScheduleForm], msgspec.Meta(min_length=1, max_length=3)]
    max_offline_duration: Whole | None = None
    invalid_after_offline_duration: bool | None = None
    dyn_update_interval: Whole | None = None
    dyn_update_time: datetime | None = None
    price_schedule_signature: Text | None = None


def profile_of(form: ProfileForm) -> ChargingProfile:
    """The domain's profile; numbers become exact decimals. ValidationError names what a price schedule lacks."""
    return msgspec.convert(msgspec.to_builtins(form), ChargingProfile)


def update_of(form: UpdateForm) -> ScheduleUpdate:
    """The domain's update."""
    return msgspec.convert(msgspec.to_builtins(form), ScheduleUpdate)


def form_of(profile: ChargingProfile) -> ProfileForm:
    """A profile as the API shows it, also where a station reported what may not be asked for."""
    found: ProfileForm = shown(ProfileForm, profile)
    return found


def shown(kind: type[Any], value: Any) -> Any:
    """The form of a value, unchecked: only shapes are turned."""
    if value is None or isinstance(value, str | bool | int | dict | datetime):
        return value
    if isinstance(value, tuple):
        return [shown(kind, each) for each in value]
    if not isinstance(value, msgspec.Struct):
        return float(value)
    if kind is dict:
        return msgspec.to_builtins(value)
    return kind(
        **{
            name: shown(_INNER.get(name, dict), getattr(value, name))
            for name in kind.__struct_fields__
        }
    )


_INNER: dict[str, type] = {
    "schedules": ScheduleForm,
    "periods": PeriodForm,
    "limit_at_soc": SocLimit,
    "v2x_freq_watt_curve": FrequencyPoint,
    "v2x_signal_watt_curve": SignalPoint,
}


def schedules_of(schedules: tuple[ChargingSchedule, ...]) -> list[ScheduleForm]:
    """Schedules as the API shows them."""
    found: list[ScheduleForm] = shown(ScheduleForm, schedules)
    return found
