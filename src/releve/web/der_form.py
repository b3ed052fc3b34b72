"""The form of a DER control: the fields that its type has, and the control that they mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from releve.domain.der import (
    FIELDS,
    ControlType,
    Curve,
    CurvePoint,
    DerControl,
    EnterService,
    FixedPf,
    FixedVar,
    FreqDroop,
    Gradient,
    Hysteresis,
    LimitMaxDischarge,
    ReactivePowerParams,
    VoltageParams,
)
from releve.services.errors import Invalid
from releve.web.forms import Form
from releve.web.grid_words import UNITS
from releve.web.i18n import N_
from releve.web.present import Present
from releve.web.tariff_values import plain

LARGEST = Decimal(1_000_000)
MOST_POINTS = 10
POINT = N_("Write one line for each point, as in 230 100.")


@dataclass(frozen=True, slots=True)
class Setting:
    """One input. kind: number, check, unit, power. low, high: the range of a number."""

    name: str
    label: str
    kind: str = "number"
    required: bool = False
    low: Decimal = -LARGEST
    high: Decimal = LARGEST
    hint: str = ""


def _number(name: str, label: str, low: int = 0, high: int = 1_000_000, hint: str = "") -> Setting:
    return Setting(name, label, "number", True, Decimal(low), Decimal(high), hint)


def _option(name: str, label: str, low: int = 0, high: int = 1_000_000, hint: str = "") -> Setting:
    return Setting(name, label, "number", False, Decimal(low), Decimal(high), hint)


POWER_FACTOR = (
    _number("displacement", N_("Power factor"), 0, 1, N_("From 0 to 1.")),
    Setting("excitation", N_("Over-excited"), "check"),
)
SETTINGS: dict[str, tuple[Setting, ...]] = {
    "enter_service": (
        _number("low_voltage", N_("Lowest voltage (V)")),
        _number("high_voltage", N_("Highest voltage (V)")),
        _number("low_freq", N_("Lowest frequency (Hz)")),
        _number("high_freq", N_("Highest frequency (Hz)")),
        _option("delay", N_("Delay (s)")),
        _option("random_delay", N_("Random delay on top of it, at most (s)")),
        _option("ramp_rate", N_("Ramp (% per second)")),
    ),
    "freq_droop": (
        _number("over_freq", N_("From so much above the nominal frequency (Hz)")),
        _number("under_freq", N_("From so much below the nominal frequency (Hz)")),
        _number("over_droop", N_("Droop above it (%)")),
        _number("under_droop", N_("Droop below it (%)")),
        _number("response_time", N_("Response time (s)")),
    ),
    "fixed_pf_absorb": POWER_FACTOR,
    "fixed_pf_inject": POWER_FACTOR,
    "fixed_var": (
        _number("setpoint", N_("Reactive power (%)"), -100, 100, N_("From -100 to 100.")),
        Setting("unit", N_("Percent of what"), "unit"),
    ),
    "gradient": (
        _number("gradient", N_("Gradient (% per second)")),
        _number("soft_gradient", N_("Soft start (% per second)")),
    ),
    "limit_max_discharge": (
        _option("pct_max_discharge_power", N_("Percent of the rated discharge power"), 0, 100),
    ),
    "curve": (
        Setting("y_unit", N_("Unit of y"), "unit"),
        _option("response_time", N_("Response time (s)"), hint=N_("0: no limit.")),
    ),
}
HYSTERESIS = (
    _option("hysteresis_high", N_("Back to normal below (high value)")),
    _option("hysteresis_low", N_("Back to normal above (low value)")),
    _option("hysteresis_delay", N_("Delay (s)")),
    _option("hysteresis_gradient", N_("Ramp (% per second)")),
)
REACTIVE = (
    _option("v_ref", N_("Adjustment of the nominal voltage (%)"), -100, 1000),
    Setting("autonomous_v_ref_enable", N_("The station adjusts it by itself"), "check"),
    _option("autonomous_v_ref_time_constant", N_("Time constant of that (s)")),
)
VOLTAGE = (
    _option("hv10_min_mean_value", N_("Highest mean of ten minutes (V)")),
    _option("hv10_min_mean_trip_delay", N_("Trips after (s)")),
    Setting("power_during_cessation", N_("Power during cessation"), "power"),
)
Group = tuple[str, str, tuple[Setting, ...]]


def always_default(kind: ControlType) -> bool:
    """Whether controls of this type cannot be scheduled."""
    return FIELDS.get(kind) in ("enter_service", "gradient")


def groups(kind: ControlType) -> list[Group]:
    """Rarer settings of a curve: field of the curve, title, settings. 2.1 ReactivePowerParams: VoltVar only."""
    if FIELDS.get(kind) is not None:
        return []
    found: list[Group] = [("hysteresis", N_("Hysteresis"), HYSTERESIS)]
    if kind is ControlType.VOLT_VAR:
        found.append(("reactive_power_params", N_("Reference voltage"), REACTIVE))
    if kind.value.startswith(("HV", "LV", "Volt")):
        found.append(("voltage_params", N_("Voltage"), VOLTAGE))
    return found


def control_of(form: Form, fmt: Present) -> DerControl:
    """The control; Invalid at the field that is wrong."""
    kind = ControlType(form.choice("type", tuple(ControlType)))
    field = FIELDS.get(kind, "curve")
    default = always_default(kind) or form.choice("kind", ("default", "scheduled")) == "default"
    about: dict[str, Any] = {"priority": form.integer("priority") or 0}
    start: datetime | None = None
    if not default:
        start, about["duration"] = _start(form, fmt), _minutes(form)
        about["start_time"] = start
    values = _values(form, SETTINGS[field])
    made = BUILD[field](form, kind, values | about)
    stamp = f"-{start:%y%m%dT%H%M}" if start else ""
    name = form.text("control_id") or f"{kind.value}{stamp}"
    if len(name) > 36:
        raise Invalid(N_("This is too long."), field="control_id")
    return DerControl(control_id=name, type=kind, is_default=default, **{field: made})


def _start(form: Form, fmt: Present) -> datetime:
    form.required("start_time")
    try:
        found = fmt.read(form.text("start_time"))
    except ValueError:
        found = None
    if found is None:
        raise Invalid(N_("This is not a date and time."), field="start_time")
    return found


def _minutes(form: Form) -> Decimal:
    form.required("minutes")
    value = _decimal(form.text("minutes"), "minutes")
    if not 0 < value <= 527_040:
        raise Invalid(N_("This number is too small or too large."), field="minutes")
    return value * 60


def _curve(form: Form, kind: ControlType, values: dict[str, Any]) -> Curve:
    for name, _, settings in groups(kind):
        found = _values(form, settings)
        if found.get("autonomous_v_ref_enable") is False:
            del found["autonomous_v_ref_enable"]
        if found:
            values[name] = PARAMS[name](**found)
    mean = values.get("voltage_params")
    if mean and (mean.hv10_min_mean_value is None) != (mean.hv10_min_mean_trip_delay is None):
        raise Invalid(N_("Give both: the mean and the time."), field="hv10_min_mean_trip_delay")
    return Curve(curve_data=_points(form.required("curve_data"), "curve_data"), **values)


def _enter_service(form: Form, kind: ControlType, values: dict[str, Any]) -> EnterService:
    for low, high in (("low_voltage", "high_voltage"), ("low_freq", "high_freq")):
        if values[low] >= values[high]:
            raise Invalid(N_("The end must be above the beginning."), field=high)
    return EnterService(**values)


def _discharge(form: Form, kind: ControlType, values: dict[str, Any]) -> LimitMaxDischarge:
    text = form.text("curve_data")
    if not text and "pct_max_discharge_power" not in values:
        raise Invalid(
            N_("Give the percentage, or the points of a curve, or both."),
            field="pct_max_discharge_power",
        )
    if text:
        points, unit = _points(text, "curve_data"), form.choice("y_unit", tuple(UNITS))
        values["power_monitoring_must_trip"] = Curve(
            curve_data=points, y_unit=unit, priority=values["priority"]
        )
    return LimitMaxDischarge(**values)


PARAMS: dict[str, Any] = {
    "hysteresis": Hysteresis,
    "reactive_power_params": ReactivePowerParams,
    "voltage_params": VoltageParams,
}
BUILD: dict[str, Any] = {
    "curve": _curve,
    "enter_service": _enter_service,
    "fixed_pf_absorb": lambda form, kind, values: FixedPf(**values),
    "fixed_pf_inject": lambda form, kind, values: FixedPf(**values),
    "fixed_var": lambda form, kind, values: FixedVar(**values),
    "freq_droop": lambda form, kind, values: FreqDroop(**values),
    "gradient": lambda form, kind, values: Gradient(**values),
    "limit_max_discharge": _discharge,
}


def _values(form: Form, settings: tuple[Setting, ...]) -> dict[str, Any]:
    """What is filled in, by the settings' names."""
    found: dict[str, Any] = {}
    for one in settings:
        match one.kind:
            case "check":
                found[one.name] = form.flag(one.name)
            case "unit":
                found[one.name] = form.choice(one.name, tuple(UNITS))
            case "power":
                if chosen := form.choice(one.name, ("", "Active", "Reactive")):
                    found[one.name] = chosen
            case _:
                text = form.required(one.name) if one.required else form.text(one.name)
                if text:
                    found[one.name] = _within(one, _decimal(text, one.name))
    return found


def _within(one: Setting, value: Decimal) -> Decimal:
    if not one.low <= value <= one.high:
        raise Invalid(N_("This number is too small or too large."), field=one.name)
    return value


def _decimal(text: str, field: str) -> Decimal:
    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise Invalid(N_("This is not a number."), field=field) from None
    if not value.is_finite():
        raise Invalid(N_("This is not a number."), field=field)
    return value


def _points(text: str, field: str) -> tuple[CurvePoint, ...]:
    """Lines of x and y."""
    points = []
    for line in filter(str.strip, text.splitlines()):
        parts = line.replace(";", " ").split()
        if len(parts) != 2:
            raise Invalid(POINT, field=field)
        points.append(CurvePoint(x=_decimal(parts[0], field), y=_decimal(parts[1], field)))
    if not 1 <= len(points) <= MOST_POINTS:
        raise Invalid(N_("A curve has 1 to 10 points."), field=field)
    return tuple(points)


# --- from a control -------------------------------------------------------------------------------------------------


def filled(control: DerControl, fmt: Present) -> Form:
    """The form of a control that is there."""
    values = _flat(msgspec.structs.asdict(control.settings))
    return Form(
        values
        | {
            "type": control.type.value,
            "kind": "default" if control.is_default else "scheduled",
            "control_id": control.control_id,
            "start_time": fmt.field(getattr(control.settings, "start_time", None)),
        }
    )


def _flat(settings: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in settings.items():
        if name == "duration" and value is not None:
            found["minutes"] = plain(Decimal(value) / 60)
        elif name == "curve_data":
            found[name] = "\n".join(f"{point.x:f} {point.y:f}" for point in value)
        elif isinstance(value, Curve):
            found |= {"curve_data": "\n".join(f"{p.x:f} {p.y:f}" for p in value.curve_data)}
            found["y_unit"] = value.y_unit
        elif isinstance(value, msgspec.Struct):
            found |= _flat(msgspec.structs.asdict(value))
        elif isinstance(value, bool):
            found[name] = "yes" if value else ""
        elif isinstance(value, Decimal):
            found[name] = f"{value:f}"
        elif value is not None and not isinstance(value, datetime):
            found[name] = str(value)
    return found
