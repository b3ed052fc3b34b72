"""Meter readings in one form for every version: numbers in base units, the raw text beside them."""

from __future__ import annotations

from datetime import datetime

import msgspec

ENERGY_IMPORT = "Energy.Active.Import.Register"
ENERGY_EXPORT = "Energy.Active.Export.Register"
POWER_IMPORT = "Power.Active.Import"
POWER_EXPORT = "Power.Active.Export"
CURRENT_IMPORT = "Current.Import"
VOLTAGE = "Voltage"
SOC = "SoC"


class Reading(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One sampled value, defaults applied (measurand, unit, context, location as the standard says).

    value: number in base unit (Wh, W, A, V, percent), None when the station's text is no number.
    """

    measurand: str
    value: float | None
    unit: str = ""
    phase: str = ""
    context: str = "Sample.Periodic"
    location: str = "Outlet"
    text: str = ""
    """The value as sent, kept only when `value` does not say it all (no number, signed data, odd unit)."""
    signed: bool = False
    """`text` is signed data, byte for byte: 1.6 the value itself, 2.x a SignedMeterValueType as JSON."""


class MeterSample(msgspec.Struct, frozen=True, gc=False):
    """All readings that a station took at one instant (an OCPP MeterValue)."""

    at: datetime
    readings: tuple[Reading, ...]
    energy_wh: float | None = None
    """Energy.Active.Import.Register, sum over phases when only phases are given; Wh."""
    export_wh: float | None = None
    power_w: float | None = None
    """Below zero when more comes out of the car than goes in (Power.Active.Export)."""
    current_a: float | None = None
    """Current of the most loaded phase, A."""
    voltage_v: float | None = None
    soc_pct: float | None = None


def summarise(at: datetime, readings: tuple[Reading, ...]) -> MeterSample:
    """Pick the values that charts, totals and limits need out of a sample's readings.

    A reading without phase wins over those of phases; phases are added for energy and power, the highest one counts
    for current, the mean for voltage (phase to neutral before phase to phase). Only readings at the outlet count for
    energy, power and current: those at the inlet include the station's own use.
    """
    whole: dict[str, float] = {}
    phased: dict[str, list[float]] | None = None  # most samples have no phases: not made for them
    for r in readings:
        if r.value is None or r.measurand not in _SUMMARISED:
            continue
        if r.location not in _COUNTED and r.measurand != VOLTAGE:
            continue
        if not r.phase:
            whole[r.measurand] = r.value
        elif len(r.phase) == 2 or r.phase.endswith("-N"):  # L1, L1-N; not L1-L2
            if phased is None:
                phased = {}
            phased.setdefault(r.measurand, []).append(r.value)
    get = whole.get
    if phased is None:
        return MeterSample(
            at,
            readings,
            get(ENERGY_IMPORT),
            get(ENERGY_EXPORT),
            _net(get(POWER_IMPORT), get(POWER_EXPORT)),
            get(CURRENT_IMPORT),
            get(VOLTAGE),
            get(SOC),
        )
    return MeterSample(
        at,
        readings,
        get(ENERGY_IMPORT, _total(phased, ENERGY_IMPORT)),
        get(ENERGY_EXPORT, _total(phased, ENERGY_EXPORT)),
        _net(
            get(POWER_IMPORT, _total(phased, POWER_IMPORT)),
            get(POWER_EXPORT, _total(phased, POWER_EXPORT)),
        ),
        get(CURRENT_IMPORT, max(phased[CURRENT_IMPORT]) if CURRENT_IMPORT in phased else None),
        get(VOLTAGE, sum(v) / len(v) if (v := phased.get(VOLTAGE)) else None),
        get(SOC),
    )


_COUNTED = frozenset({"Outlet", "EV", "Cable", "Body"})
_SUMMARISED = frozenset(
    {ENERGY_IMPORT, ENERGY_EXPORT, POWER_IMPORT, POWER_EXPORT, CURRENT_IMPORT, VOLTAGE, SOC}
)


def _total(phased: dict[str, list[float]], measurand: str) -> float | None:
    return sum(phased[measurand]) if measurand in phased else None


def _net(taken_w: float | None, given_w: float | None) -> float | None:
    """What is taken less what is given back; stations tell one of them, or both."""
    if not given_w:
        return taken_w if taken_w is not None else given_w
    return (taken_w or 0.0) - given_w
