"""J, meter values of 2.0.1 and 2.1: aligned and sampled, in and out of transactions, signed ones to the byte."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from tests.contract.certification.charging import (
    BEGAN,
    CLOCK,
    ENDED,
    PERIODIC,
    energy,
    now,
    signed,
    start16,
    stop16,
    transaction,
)
from tests.contract.certification.test_e_transactions import both, charging, ready
from tests.support.rig import Rig, case

SIGNATURE = 'T0NNRnx7IkZWIjoiMS4wIn18eyJTQSI6IkVDRFNBIn0=+/\u00e9 "\\'
"""Base64 mostly, and what JSON has to escape: it must come out as it went in."""
ODD = 'OCMF|{"FV":"1.0","RV":1.50}|{"SD":"3045"}\t\u00fc'


@case("TC_J_01_CSMS")
@both
async def test_aligned_values_outside_of_transactions(rig: Rig, version: str) -> None:
    station = await rig.station(version)

    for evse in (0, 1, 2):
        value = energy(1000 + evse, CLOCK, location="Inlet" if evse == 0 else "Outlet")
        assert (
            await station.call("MeterValues", {"evseId": evse, "meterValue": [value]}) == {}
        )  # J01.FR.18

    found = await rig.get(f"/stations/{station.id}/series", evse=0, readings="true")
    (sample,) = found["items"]
    (reading,) = sample["readings"]
    assert (reading["value"], reading["context"], reading["location"]) == (1000, CLOCK, "Inlet")
    assert len((await rig.get(f"/stations/{station.id}/series"))["items"]) == 3


@case("TC_J_02_CSMS")
@both
async def test_aligned_values_within_a_transaction(rig: Rig, version: str) -> None:
    _, charge = await charging(rig, version)

    answer = await charge.event(
        "Updated", "MeterValueClock", "Charging", meterValue=[energy(1400, CLOCK)]
    )

    assert answer == {}  # J02.FR.19
    assert (await charge.row(rig))["energy_wh"] == 400.0


@case("TC_J_03_CSMS", "TC_J_10_CSMS")
@both
async def test_all_values_in_the_last_event(rig: Rig, version: str) -> None:
    _, charge = await charging(rig, version)
    values = [energy(1200, CLOCK), energy(1600, PERIODIC), energy(2000, ENDED)]
    for at, value in enumerate(values):
        value["sampledValue"].append(
            {"value": 7.0 + at, "measurand": "Power.Active.Import", "context": PERIODIC}
        )

    assert await charge.end(meterValue=values) == {}

    row = await charge.row(rig)
    assert (row["energy_wh"], row["meter_stop_wh"]) == (1000.0, 2000.0)


@case("TC_J_04_CSMS", "TC_J_11_CSMS")
@both
@pytest.mark.parametrize("context", [CLOCK, PERIODIC])
async def test_signed_values_are_kept_byte_for_byte(rig: Rig, version: str, context: str) -> None:
    _, charge = await ready(rig, version)
    await charge.begin(meterValue=[signed(1000, BEGAN, SIGNATURE)])
    trigger = "MeterValueClock" if context == CLOCK else "MeterValuePeriodic"
    await charge.event("Updated", trigger, "Charging", meterValue=[signed(1500, context, ODD)])
    await charge.end(meterValue=[signed(2000, ENDED, "")])
    row = await charge.row(rig)

    found = (await rig.get(f"/transactions/{row['id']}/signed-values"))["items"]

    assert [v["signed_data"] for v in found] == [SIGNATURE, ODD, ""]
    assert [v["context"] for v in found] == [BEGAN, context, ENDED]
    assert {v["encoding_method"] for v in found} == {"OCMF"}
    assert all(v["public_key"].startswith("oca:base16:asn1:") for v in found)
    document = await rig.get(f"/transactions/{row['id']}/signed-values", format="xml")
    root = ElementTree.fromstring(document)
    assert [e.text or "" for e in root.iter("signedData")] == [SIGNATURE, ODD, ""]


@case("TC_J_07_CSMS")
@both
async def test_sampled_values_in_the_first_event(rig: Rig, version: str) -> None:
    _, charge = await ready(rig, version)

    await charge.begin(meterValue=[energy(4711, BEGAN)])

    assert (await charge.row(rig))["meter_start_wh"] == 4711.0


@case("TC_J_08_CSMS")
@both
async def test_the_first_values_come_once_the_evse_is_known(rig: Rig, version: str) -> None:
    _, charge = await ready(rig, version)
    await charge.event("Started", "Authorized", token=True)

    await charge.event(
        "Updated", "CablePluggedIn", "EVConnected", place=True, meterValue=[energy(4711, BEGAN)]
    )

    assert (await charge.row(rig))["meter_start_wh"] == 4711.0


@case("TC_J_09_CSMS")
@both
async def test_periodic_values_of_every_kind(rig: Rig, version: str) -> None:
    """Whatever is measured, wherever and however, can be read: not only energy and power."""
    _, charge = await charging(rig, version)
    kinds = [
        {
            "measurand": "Energy.Active.Import.Register",
            "value": 1.5,
            "unitOfMeasure": {"unit": "kWh"},
        },
        {"measurand": "Power.Reactive.Export", "value": 3, "phase": "L2"},
        {"measurand": "Current.Import", "value": 16, "phase": "L1"},
        {
            "measurand": "Voltage",
            "value": 2312,
            "phase": "L1-N",
            "unitOfMeasure": {"unit": "V", "multiplier": -1},
        },
        {"measurand": "Frequency", "value": 50.02},
        {"measurand": "SoC", "value": 43, "location": "EV"},
        {"measurand": "Current.Offered", "value": 32, "context": "Interruption.Begin"},
    ]
    value = energy(0)
    value["sampledValue"] = kinds

    await charge.event("Updated", "MeterValuePeriodic", "Charging", meterValue=[value])

    row = await charge.row(rig)
    series = await rig.get(f"/transactions/{row['id']}/series", readings="true")
    read = {r["measurand"]: r for s in series["items"] for r in s["readings"]}
    assert read["Energy.Active.Import.Register"]["value"] == 1500.0
    assert (read["Power.Reactive.Export"]["phase"], read["Power.Reactive.Export"]["unit"]) == (
        "L2",
        "var",
    )
    assert read["Voltage"]["value"] == 231.2
    assert read["SoC"]["location"] == "EV"
    assert read["Current.Offered"]["context"] == "Interruption.Begin"
    assert row["soc_pct"] == 43.0


async def test_signed_values_of_1_6(rig: Rig) -> None:
    station = await rig.station("1.6")
    started = await start16(station, await rig.token())
    number = started["transactionId"]
    value = {
        "timestamp": now(),
        "sampledValue": [{"value": ODD, "format": "SignedData", "context": BEGAN}],
    }
    await station.call(
        "MeterValues", {"connectorId": 1, "transactionId": number, "meterValue": [value]}
    )
    value["sampledValue"][0].update(value="1234567890", context=ENDED)
    await stop16(station, number, wh=1001, transactionData=[value | {"timestamp": now()}])

    row = await transaction(rig, station, str(number))
    found = (await rig.get(f"/transactions/{row['id']}/signed-values"))["items"]
    assert [v["signed_data"] for v in found] == [ODD, "1234567890"]
    assert {v["encoding_method"] for v in found} == {""}
