"""Meter values of every version, in one form."""

from __future__ import annotations

import msgspec
import pytest

from releve.dialects.v2 import metering as v2
from releve.dialects.v16 import metering as v16
from releve.domain.meter import ENERGY_IMPORT
from releve.ocpp import codec
from releve.ocpp.version import Version
from tests.unit.dialects.kit import NOW, TWO

AT = NOW.isoformat()


def of_16(*sampled, at=AT):
    """The sample of a 1.6 MeterValues with these sampled values."""
    payload = {"connectorId": 1, "meterValue": [{"timestamp": at, "sampledValue": list(sampled)}]}
    request = codec.decode_request(Version.V16, "MeterValues", msgspec.json.encode(payload))
    return v16.samples(request.meter_value)


def of_2(version, *sampled):
    """The sample of a 2.x MeterValues with these sampled values."""
    payload = {"evseId": 1, "meterValue": [{"timestamp": AT, "sampledValue": list(sampled)}]}
    request = codec.decode_request(version, "MeterValues", msgspec.json.encode(payload))
    return v2.samples(request.meter_value)


def only(samples):
    (sample,) = samples
    (reading,) = sample.readings
    return reading


def test_a_bare_value_of_16_is_imported_energy_in_wh():
    (sample,) = of_16({"value": "1500"})

    reading = sample.readings[0]
    assert (reading.measurand, reading.value, reading.unit) == (ENERGY_IMPORT, 1500.0, "Wh")
    assert (reading.context, reading.location) == ("Sample.Periodic", "Outlet")
    assert (sample.at, sample.energy_wh, reading.text) == (NOW, 1500.0, "")


@pytest.mark.parametrize(
    ("sampled", "value", "unit"),
    [
        ({"value": "1.5", "unit": "kWh"}, 1500.0, "Wh"),
        ({"value": "8.201", "unit": "kWh"}, 8201.0, "Wh"),
        ({"value": "7,4", "measurand": "Power.Active.Import", "unit": "kW"}, 7400.0, "W"),
        ({"value": "7.4 kW", "measurand": "Power.Active.Import"}, 7400.0, "W"),
        ({"value": "16", "measurand": "Current.Import"}, 16.0, "A"),
        ({"value": "230.1", "measurand": "Voltage"}, 230.1, "V"),
        ({"value": "55", "measurand": "SoC"}, 55.0, "Percent"),
        ({"value": "20", "measurand": "Temperature", "unit": "Celcius"}, 20.0, "Celsius"),
        ({"value": "50", "measurand": "Frequency", "unit": "Hz"}, 50.0, "Hz"),
        ({"value": "0.97", "measurand": "Power.Factor"}, 0.97, ""),
    ],
)
def test_values_of_16_come_in_base_units(sampled, value, unit):
    reading = only(of_16(sampled))
    assert (reading.value, reading.unit) == (value, unit)


@pytest.mark.parametrize("text", ["NaN", "inf", "-Infinity", "string", "", "1,234.5", "1e400"])
def test_what_is_no_number_is_kept_as_text(text):
    reading = only(of_16({"value": text}))
    assert (reading.value, reading.text) == (None, text)


def test_a_text_that_had_to_be_interpreted_is_kept_beside_its_number():
    reading = only(of_16({"value": "12,5", "unit": "kWh"}))
    assert (reading.value, reading.text) == (12500.0, "12,5")


def test_signed_data_of_16_is_no_number_even_if_it_looks_like_one():
    reading = only(of_16({"value": "12345678", "format": "SignedData"}))
    assert (reading.value, reading.text) == (None, "12345678")


def test_a_measurand_with_a_line_break_counts():
    (sample,) = of_16({"value": "3", "measurand": "Energy.Active.Import.Register\n", "unit": "kWh"})
    assert sample.energy_wh == 3000.0


def test_phases_context_and_location_are_kept():
    reading = only(
        of_16(
            {
                "value": "1",
                "measurand": "Current.Import",
                "phase": "L2",
                "context": "Sample.Clock",
                "location": "Inlet",
            }
        )
    )
    assert (reading.phase, reading.context, reading.location) == ("L2", "Sample.Clock", "Inlet")


def test_a_meter_value_without_samples_is_left_out():
    assert of_16() == ()


@pytest.mark.parametrize("version", TWO)
@pytest.mark.parametrize(
    ("measure", "value", "unit"),
    [
        (None, 12.5, "Wh"),
        ({"unit": "kWh"}, 12500.0, "Wh"),
        ({"multiplier": 3}, 12500.0, "Wh"),
        ({"unit": "kWh", "multiplier": -3}, 12.5, "Wh"),
        ({"unit": "Wh", "multiplier": -1}, 1.25, "Wh"),
    ],
)
def test_values_of_2_come_in_base_units(version, measure, value, unit):
    sampled = {"value": 12.5, **({"unitOfMeasure": measure} if measure else {})}
    (sample,) = of_2(version, sampled)
    assert (sample.readings[0].value, sample.readings[0].unit) == (value, unit)
    assert sample.energy_wh == value


@pytest.mark.parametrize("version", TWO)
def test_a_multiplier_beyond_reason_leaves_a_text(version):
    reading = only(of_2(version, {"value": 2.5, "unitOfMeasure": {"multiplier": 400}}))
    assert (reading.value, reading.text) == (None, "2.5e400")


@pytest.mark.parametrize("version", TWO)
def test_signed_meter_values_are_kept_whole_beside_the_number(version):
    signed = {
        "signedMeterData": "T0NNRg==",
        "signingMethod": "ECDSA-secp256r1-SHA256",
        "encodingMethod": "OCMF",
        "publicKey": "cHVibGlj",
    }
    reading = only(of_2(version, {"value": 7.0, "signedMeterValue": signed}))
    assert reading.value == 7.0
    assert msgspec.json.decode(reading.text) == signed


def test_both_ways_lead_to_the_same_reading():
    six = of_16({"value": "1.5", "unit": "kWh", "context": "Transaction.Begin"})
    for version in TWO:
        two = of_2(
            version,
            {"value": 1.5, "unitOfMeasure": {"unit": "kWh"}, "context": "Transaction.Begin"},
        )
        assert two == six
