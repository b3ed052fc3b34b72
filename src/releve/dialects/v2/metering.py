"""Meter values of 2.x as samples. Hot: plain loops and table look-ups."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from releve.dialects.measured import quantity, scaled
from releve.dialects.v2.wire import WireMeterValue, WireSampledValue
from releve.domain.meter import MeterSample, Reading, summarise

_json = msgspec.json.Encoder().encode


def samples(meter_values: Sequence[WireMeterValue]) -> tuple[MeterSample, ...]:
    """Meter values of the wire as samples; those without any reading are left out."""
    found = []
    for meter_value in meter_values:
        readings = tuple([_reading(sampled) for sampled in meter_value.sampled_value])
        if readings:
            found.append(summarise(meter_value.timestamp, readings))
    return tuple(found)


def _reading(sampled: WireSampledValue) -> Reading:
    measure = sampled.unit_of_measure
    if measure is None:
        name, base, power = quantity(sampled.measurand, None)
    else:
        name, base, power = quantity(sampled.measurand, measure.unit)
        power += measure.multiplier
    value = scaled(sampled.value, power)
    kept = ""
    if sampled.signed_meter_value is not None:
        kept = _json(sampled.signed_meter_value).decode()
        phase, context, location = sampled.phase or "", sampled.context, sampled.location
        return Reading(name, value, base, phase, context, location, kept, signed=True)
    if value is None:
        kept = f"{sampled.value!r}e{power}"
    return Reading(name, value, base, sampled.phase or "", sampled.context, sampled.location, kept)
