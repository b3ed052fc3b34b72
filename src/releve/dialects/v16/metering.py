"""MeterValues, and the meter values that other messages carry. Hot: plain loops and table look-ups."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from releve.dialects.measured import lenient_number, quantity, scaled, unit
from releve.dialects.v16.version import v16
from releve.domain.meter import MeterSample, Reading, summarise
from releve.ocpp.messages.v16 import (
    MeterValue,
    MeterValuesRequest,
    MeterValuesResponse,
    SampledValue,
)
from releve.services.live import Inbound
from releve.services.services import Services

_DONE = MeterValuesResponse()
_SIGNED = "SignedData"


@v16.answers
async def meter_values(
    request: MeterValuesRequest, inbound: Inbound, services: Services
) -> MeterValuesResponse:
    transaction = request.transaction_id
    await services.metering.sampled(
        inbound,
        request.connector_id,
        str(transaction) if transaction is not None and transaction > 0 else None,
        samples(request.meter_value),
    )
    return _DONE


def samples(meter_values: Sequence[MeterValue]) -> tuple[MeterSample, ...]:
    """Meter values of the wire as samples; those without any reading are left out."""
    found = []
    for meter_value in meter_values:
        readings = tuple([_reading(sampled) for sampled in meter_value.sampled_value])
        if readings:
            found.append(summarise(meter_value.timestamp, readings))
    return tuple(found)


def _reading(sampled: SampledValue) -> Reading:
    """Values are texts in 1.6: a number mostly, sometimes with a decimal comma or a unit, or signed data."""
    text = sampled.value
    name, base, power = quantity(sampled.measurand, sampled.unit)
    kept = ""
    value: float | None
    if sampled.format == _SIGNED:
        # It may well consist of digits only, and is no number all the same.
        phase, context, location = sampled.phase or "", sampled.context, sampled.location
        return Reading(name, None, base, phase, context, location, text, signed=True)
    try:
        value = float(text)
    except ValueError:
        value, written = lenient_number(text)
        kept = text
        if written:
            base, power = unit(written)
    if value is not None and (power or not isfinite(value)):
        value = scaled(value, power) if isfinite(value) else None
        if value is None:
            kept = text
    return Reading(name, value, base, sampled.phase or "", sampled.context, sampled.location, kept)
