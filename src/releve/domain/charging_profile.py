"""What limits charging: profiles, schedules and periods in 2.1 words, with every field of 2.1 (block K; Q for V2X).

Limits are Decimal: 8.1 A is no binary fraction. They count in their schedule's unit, amperes per phase or watts in all
(K01.FR.50, K01.FR.51). Durations and offsets are seconds. What may be said in which combination: `charging_rules.py`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec

DEFAULT_PHASES = 3
"""Phases of a limit that does not say (K01.FR.49)."""


class Purpose(StrEnum):
    """2.1 ChargingProfilePurposeEnumType; 1.6 says ChargePointMaxProfile for the second."""

    EXTERNAL_CONSTRAINTS = "ChargingStationExternalConstraints"
    STATION_MAX = "ChargingStationMaxProfile"
    TX_DEFAULT = "TxDefaultProfile"
    TX = "TxProfile"
    PRIORITY = "PriorityCharging"
    LOCAL_GENERATION = "LocalGeneration"


class Kind(StrEnum):
    """2.1 ChargingProfileKindEnumType."""

    ABSOLUTE = "Absolute"
    RECURRING = "Recurring"
    RELATIVE = "Relative"
    DYNAMIC = "Dynamic"


class Recurrency(StrEnum):
    """2.1 RecurrencyKindEnumType: every 24 hours or 7 days from startSchedule on, not midnights or Mondays."""

    DAILY = "Daily"
    WEEKLY = "Weekly"

    @property
    def length(self) -> timedelta:
        return timedelta(days=1) if self is Recurrency.DAILY else timedelta(days=7)


class RateUnit(StrEnum):
    """2.1 ChargingRateUnitEnumType: amperes per phase (K01.FR.51), or watts over all phases."""

    AMPERE = "A"
    WATT = "W"


class OperationMode(StrEnum):
    """2.1 OperationModeEnumType. Absent means CHARGING_ONLY."""

    IDLE = "Idle"
    CHARGING_ONLY = "ChargingOnly"
    CENTRAL_SETPOINT = "CentralSetpoint"
    EXTERNAL_SETPOINT = "ExternalSetpoint"
    EXTERNAL_LIMITS = "ExternalLimits"
    CENTRAL_FREQUENCY = "CentralFrequency"
    LOCAL_FREQUENCY = "LocalFrequency"
    LOCAL_LOAD_BALANCING = "LocalLoadBalancing"


class _Value(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    pass


class FreqWattPoint(_Value, frozen=True, kw_only=True):
    """power: W at this grid frequency in Hz; between two points the line counts."""

    frequency: Decimal
    power: Decimal


class SignalWattPoint(_Value, frozen=True, kw_only=True):
    """power: W at this value of the aFRR signal."""

    signal: int
    power: Decimal


class ScheduleUpdate(_Value, frozen=True, kw_only=True):
    """New limits or setpoints of a dynamic profile (2.1 ChargingScheduleUpdateType); what is None stays as it is."""

    limit: Decimal | None = None
    limit_l2: Decimal | None = None
    limit_l3: Decimal | None = None
    discharge_limit: Decimal | None = None
    discharge_limit_l2: Decimal | None = None
    discharge_limit_l3: Decimal | None = None
    setpoint: Decimal | None = None
    setpoint_l2: Decimal | None = None
    setpoint_l3: Decimal | None = None
    setpoint_reactive: Decimal | None = None
    setpoint_reactive_l2: Decimal | None = None
    setpoint_reactive_l3: Decimal | None = None


LIMITS = tuple(field.name for field in msgspec.structs.fields(ScheduleUpdate))
"""The fields of a period that a dynamic profile's update may change."""


class ChargingSchedulePeriod(_Value, frozen=True, kw_only=True):
    """From `start_period` seconds into the schedule on, until the next period begins or the schedule ends.

    `limit` alone is for all phases together (W) or for each (A); with `limit_l2` or `limit_l3` it is phase L1's.
    Discharging counts below zero.
    """

    start_period: int = 0
    limit: Decimal | None = None
    limit_l2: Decimal | None = None
    limit_l3: Decimal | None = None
    number_phases: int | None = None
    phase_to_use: int | None = None
    discharge_limit: Decimal | None = None
    discharge_limit_l2: Decimal | None = None
    discharge_limit_l3: Decimal | None = None
    setpoint: Decimal | None = None
    setpoint_l2: Decimal | None = None
    setpoint_l3: Decimal | None = None
    setpoint_reactive: Decimal | None = None
    setpoint_reactive_l2: Decimal | None = None
    setpoint_reactive_l3: Decimal | None = None
    preconditioning_request: bool | None = None
    evse_sleep: bool | None = None
    v2x_baseline: Decimal | None = None
    operation_mode: OperationMode | None = None
    v2x_freq_watt_curve: tuple[FreqWattPoint, ...] = ()
    v2x_signal_watt_curve: tuple[SignalWattPoint, ...] = ()

    @property
    def mode(self) -> OperationMode:
        return self.operation_mode or OperationMode.CHARGING_ONLY

    @property
    def phases(self) -> int:
        """Phases that may carry current: 3 when it does not say (K01.FR.49)."""
        return DEFAULT_PHASES if self.number_phases is None else self.number_phases

    def updated(self, update: ScheduleUpdate) -> ChargingSchedulePeriod:
        """The same period with an update's values in it (K28.FR.06)."""
        changed = {name: getattr(update, name) for name in LIMITS}
        return msgspec.structs.replace(
            self, **{name: value for name, value in changed.items() if value is not None}
        )


class LimitAtSoC(_Value, frozen=True, kw_only=True):
    """From this state of charge on, in percent, no more than `limit` (K01.FR.100)."""

    soc: int
    limit: Decimal


class TimeInterval(_Value, frozen=True, kw_only=True):
    start: int = 0
    duration: int | None = None


class Cost(_Value, frozen=True, kw_only=True):
    """cost_kind: CarbonDioxideEmission, RelativePriceintage or RenewableGenerationintage."""

    cost_kind: str
    amount: int
    amount_multiplier: int | None = None


class ConsumptionCost(_Value, frozen=True, kw_only=True):
    start_value: Decimal
    cost: tuple[Cost, ...]


class SalesTariffEntry(_Value, frozen=True, kw_only=True):
    relative_time_interval: TimeInterval
    e_price_level: int | None = None
    consumption_cost: tuple[ConsumptionCost, ...] = ()


class SalesTariff(_Value, frozen=True, kw_only=True):
    """What an ISO 15118-2 car is told about prices: a car may move its charging to where the level is low."""

    id: int
    sales_tariff_description: str | None = None
    num_e_price_levels: int | None = None
    sales_tariff_entry: tuple[SalesTariffEntry, ...]


class ChargingSchedule(_Value, frozen=True, kw_only=True):
    """Limits over time. `absolute_price_schedule` and `price_level_schedule` are JSON values in 2.1's own names."""

    id: int = 0
    unit: RateUnit = RateUnit.AMPERE
    periods: tuple[ChargingSchedulePeriod, ...]
    start_schedule: datetime | None = None
    duration: int | None = None
    min_charging_rate: Decimal | None = None
    limit_at_soc: LimitAtSoC | None = None
    power_tolerance: Decimal | None = None
    signature_id: int | None = None
    digest_value: str | None = None
    use_local_time: bool | None = None
    randomized_delay: int | None = None
    sales_tariff: SalesTariff | None = None
    absolute_price_schedule: dict[str, Any] | None = None
    price_level_schedule: dict[str, Any] | None = None


class ChargingProfile(_Value, frozen=True, kw_only=True):
    """A charging profile. id 0 means: not numbered yet. transaction_id: the station's own name of it, also for 1.6."""

    id: int = 0
    stack_level: int = 0
    purpose: Purpose
    kind: Kind = Kind.ABSOLUTE
    recurrency: Recurrency | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    transaction_id: str | None = None
    schedules: tuple[ChargingSchedule, ...]
    max_offline_duration: int | None = None
    invalid_after_offline_duration: bool | None = None
    dyn_update_interval: int | None = None
    dyn_update_time: datetime | None = None
    price_schedule_signature: str | None = None

    @property
    def schedule(self) -> ChargingSchedule:
        """The first schedule: the only one, but for cars that choose (ISO 15118)."""
        return self.schedules[0]

    def overlaps(self, other: ChargingProfile) -> bool:
        """Whether some moment lies in both validity periods."""
        begins_after = _at_or_after(self.valid_from, other.valid_to)
        ends_before = _at_or_after(other.valid_from, self.valid_to)
        return not (begins_after or ends_before)

    def updated(self, update: ScheduleUpdate, at: datetime) -> ChargingProfile:
        """A dynamic profile with new values in its only period (K28.FR.06, K28.FR.09)."""
        schedule = self.schedule
        periods = (schedule.periods[0].updated(update), *schedule.periods[1:])
        changed = msgspec.structs.replace(schedule, periods=periods)
        return msgspec.structs.replace(
            self, schedules=(changed, *self.schedules[1:]), dyn_update_time=at
        )


def _at_or_after(begin: datetime | None, end: datetime | None) -> bool:
    return begin is not None and end is not None and begin >= end
