"""How inverters behave towards the grid: DER controls, as full as 2.1 has them (block R).

A default control holds while no scheduled one of its type is active; a lower priority number goes before a higher one.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

import msgspec

from releve.domain.commands import Command
from releve.domain.holding import Holding


class ControlType(StrEnum):
    """2.1 DERControlEnumType."""

    ENTER_SERVICE = "EnterService"
    FREQ_DROOP = "FreqDroop"
    FREQ_WATT = "FreqWatt"
    FIXED_PF_ABSORB = "FixedPFAbsorb"
    FIXED_PF_INJECT = "FixedPFInject"
    FIXED_VAR = "FixedVar"
    GRADIENTS = "Gradients"
    HF_MUST_TRIP = "HFMustTrip"
    HF_MAY_TRIP = "HFMayTrip"
    HV_MUST_TRIP = "HVMustTrip"
    HV_MOM_CESS = "HVMomCess"
    HV_MAY_TRIP = "HVMayTrip"
    LIMIT_MAX_DISCHARGE = "LimitMaxDischarge"
    LF_MUST_TRIP = "LFMustTrip"
    LV_MUST_TRIP = "LVMustTrip"
    LV_MOM_CESS = "LVMomCess"
    LV_MAY_TRIP = "LVMayTrip"
    POWER_MONITORING_MUST_TRIP = "PowerMonitoringMustTrip"
    VOLT_VAR = "VoltVar"
    VOLT_WATT = "VoltWatt"
    WATT_PF = "WattPF"
    WATT_VAR = "WattVar"


class _Settings(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    priority: int = 0


class _Scheduled(_Settings, frozen=True, kw_only=True):
    """start_time and duration (s): of a control that is not a default."""

    start_time: datetime | None = None
    duration: Decimal | None = None


class CurvePoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    x: Decimal
    y: Decimal


class Hysteresis(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    hysteresis_high: Decimal | None = None
    hysteresis_low: Decimal | None = None
    hysteresis_delay: Decimal | None = None
    hysteresis_gradient: Decimal | None = None


class ReactivePowerParams(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    v_ref: Decimal | None = None
    autonomous_v_ref_enable: bool | None = None
    autonomous_v_ref_time_constant: Decimal | None = None


class VoltageParams(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """power_during_cessation: Active or Reactive."""

    hv10_min_mean_value: Decimal | None = None
    hv10_min_mean_trip_delay: Decimal | None = None
    power_during_cessation: str | None = None


class Curve(_Scheduled, frozen=True, kw_only=True):
    """y_unit: 2.1 DERUnitEnumType. At most 10 points; x and y as the type of control says."""

    curve_data: tuple[CurvePoint, ...]
    y_unit: str = "Not_Applicable"
    hysteresis: Hysteresis | None = None
    reactive_power_params: ReactivePowerParams | None = None
    voltage_params: VoltageParams | None = None
    response_time: Decimal | None = None


class EnterService(_Settings, frozen=True, kw_only=True):
    """Volts, hertz, seconds; ramp_rate in percent per second."""

    high_voltage: Decimal
    low_voltage: Decimal
    high_freq: Decimal
    low_freq: Decimal
    delay: Decimal | None = None
    random_delay: Decimal | None = None
    ramp_rate: Decimal | None = None


class FixedPf(_Scheduled, frozen=True, kw_only=True):
    """displacement: power factor from 0 to 1. excitation: over-excited."""

    displacement: Decimal
    excitation: bool


class FixedVar(_Scheduled, frozen=True, kw_only=True):
    """setpoint: percent of `unit`, from -100 to 100."""

    setpoint: Decimal
    unit: str


class FreqDroop(_Scheduled, frozen=True, kw_only=True):
    over_freq: Decimal
    under_freq: Decimal
    over_droop: Decimal
    under_droop: Decimal
    response_time: Decimal


class Gradient(_Settings, frozen=True, kw_only=True):
    """Percent per second."""

    gradient: Decimal
    soft_gradient: Decimal


class LimitMaxDischarge(_Scheduled, frozen=True, kw_only=True):
    """pct_max_discharge_power: percent of the rated discharge power."""

    pct_max_discharge_power: Decimal | None = None
    power_monitoring_must_trip: Curve | None = None


CURVE = "curve"
FIELDS: dict[ControlType, str] = {
    ControlType.ENTER_SERVICE: "enter_service",
    ControlType.FREQ_DROOP: "freq_droop",
    ControlType.FIXED_PF_ABSORB: "fixed_pf_absorb",
    ControlType.FIXED_PF_INJECT: "fixed_pf_inject",
    ControlType.FIXED_VAR: "fixed_var",
    ControlType.GRADIENTS: "gradient",
    ControlType.LIMIT_MAX_DISCHARGE: "limit_max_discharge",
}
"""Which settings a type of control has; all others have a curve."""


class DerControl(Holding, frozen=True, kw_only=True, omit_defaults=True):
    """A control at a station. Exactly one of the settings is there, that of its type.

    active: whether it holds now, as far as the station has told. superseded: another one of its type goes before it.
    """

    kind: ClassVar[str] = "der-control"

    control_id: str
    type: ControlType
    is_default: bool
    curve: Curve | None = None
    enter_service: EnterService | None = None
    fixed_pf_absorb: FixedPf | None = None
    fixed_pf_inject: FixedPf | None = None
    fixed_var: FixedVar | None = None
    freq_droop: FreqDroop | None = None
    gradient: Gradient | None = None
    limit_max_discharge: LimitMaxDischarge | None = None
    superseded: bool = False
    active: bool | None = None
    confirmed_at: datetime | None = None

    @property
    def key(self) -> str:
        return self.control_id

    @property
    def field(self) -> str:
        """The name of its settings."""
        return FIELDS.get(self.type, CURVE)

    @property
    def settings(self) -> Any:
        return getattr(self, self.field)


class DerAlarm(Holding, frozen=True, kw_only=True, omit_defaults=True):
    """The latest alarm of a type: the station does otherwise than its charging profile says, because of the grid."""

    kind: ClassVar[str] = "der-alarm"

    type: ControlType
    fault: str | None = None
    """2.1 GridEventFaultEnumType."""
    began_at: datetime
    ended_at: datetime | None = None
    info: str = ""

    @property
    def key(self) -> str:
        return self.type.value


class SetDerControl(Command, frozen=True, kw_only=True):
    """Install a control (R04). Told: the ids that it supersedes, its own when it is superseded at once."""

    control: DerControl


class GetDerControls(Command, frozen=True, kw_only=True):
    """Which controls the station has; they come by ReportDERControl."""

    expects: ClassVar[tuple[str, ...]] = ("ReportDERControl",)

    request_id: int
    is_default: bool | None = None
    type: ControlType | None = None
    control_id: str | None = None


class ClearDerControl(Command, frozen=True, kw_only=True):
    """Remove one control, or all default or all scheduled ones of a type, or of every type."""

    is_default: bool
    type: ControlType | None = None
    control_id: str | None = None


ALL = (
    "curve",
    "enter_service",
    "fixed_pf_absorb",
    "fixed_pf_inject",
    "fixed_var",
    "freq_droop",
    "gradient",
    "limit_max_discharge",
)
UNITS = (
    "Not_Applicable",
    "PctMaxW",
    "PctMaxVar",
    "PctWAvail",
    "PctVarAvail",
    "PctEffectiveV",
)


class Fault(msgspec.Struct, frozen=True):
    field: str
    message: str


def wrong(control: DerControl) -> Fault | None:
    """What is wrong with a control, in an operator's words; None: it can be sent."""
    given = [name for name in ALL if getattr(control, name) is not None]
    if not 1 <= len(control.control_id) <= 36:
        return Fault("control_id", "The id has 1 to 36 characters.")
    if given != [control.field]:
        return Fault(
            control.field, f"A control of type {control.type} has {control.field}, and no others."
        )
    settings = control.settings
    if settings.priority < 0:
        return Fault("priority", "The priority is 0 or more; the lowest number goes first.")
    return _schedule_fault(control, settings) or _values_fault(control.field, settings)


def _schedule_fault(control: DerControl, settings: Any) -> Fault | None:
    start = getattr(settings, "start_time", None)
    duration = getattr(settings, "duration", None)
    if control.is_default:
        if start is not None or duration is not None:
            return Fault("start_time", "A default control has neither start_time nor duration.")
        return None
    if not isinstance(settings, _Scheduled):
        return Fault("is_default", f"A control of type {control.type} can only be a default.")
    if start is None or duration is None:
        return Fault("start_time", "A scheduled control needs start_time and duration.")
    if start.tzinfo is None:
        return Fault("start_time", "The time needs a zone, as in 2027-01-31T12:00:00Z.")
    if duration <= 0:
        return Fault("duration", "The duration is more than 0 seconds.")
    return None


def _values_fault(field: str, settings: Any) -> Fault | None:
    if isinstance(settings, LimitMaxDischarge):
        percent = settings.pct_max_discharge_power
        if percent is not None and not 0 <= percent <= 100:
            return Fault(field, "The highest discharge power is a percentage from 0 to 100.")
        if percent is None and settings.power_monitoring_must_trip is None:
            return Fault(field, "It needs pct_max_discharge_power or power_monitoring_must_trip.")
        settings = settings.power_monitoring_must_trip
    if isinstance(settings, Curve):
        if not 1 <= len(settings.curve_data) <= 10:
            return Fault(field, "A curve has 1 to 10 points.")
        if settings.y_unit not in UNITS:
            return Fault(field, f"The unit is one of {', '.join(UNITS)}.")
    if isinstance(settings, FixedVar) and settings.unit not in UNITS:
        return Fault(field, f"The unit is one of {', '.join(UNITS)}.")
    if isinstance(settings, FixedPf) and not 0 <= settings.displacement <= 1:
        return Fault(field, "A power factor is from 0 to 1.")
    if isinstance(settings, EnterService) and (
        settings.low_voltage >= settings.high_voltage or settings.low_freq >= settings.high_freq
    ):
        return Fault(field, "The low limits must be below the high ones.")
    return None
