"""E, transactions of 2.0.1 (and 2.1 where it repeats them): start and stop points, odd ends, numbers of events."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.certification.charging import (
    BEGAN,
    ENDED,
    Charge,
    authorize,
    connector,
    energy,
    signed,
    transaction,
)
from tests.support.rig import VERSIONS, Rig, ScriptedStation, case

both = pytest.mark.parametrize("version", VERSIONS)


async def ready(rig: Rig, version: str, **token: Any) -> tuple[ScriptedStation, Charge]:
    """A station with a free connector, and a transaction of a valid token that has not begun."""
    station = await rig.station(version)
    await connector(station, "Available")
    return station, Charge(station, await rig.token(**token))


async def charging(rig: Rig, version: str) -> tuple[ScriptedStation, Charge]:
    """The same, and energy flows."""
    station, charge = await ready(rig, version)
    await charge.begin()
    await charge.charging()
    return station, charge


# --- where a transaction begins ---------------------------------------------------------------------------------


@case("TC_E_01_CSMS", "TC_E_02_CSMS")
@both
@pytest.mark.parametrize(
    ("trigger", "state"), [("ChargingStateChanged", "Charging"), ("Authorized", "EVConnected")]
)
async def test_it_begins_when_the_power_path_closes_or_energy_flows(
    rig: Rig, version: str, trigger: str, state: str
) -> None:
    station, charge = await ready(rig, version)
    await connector(station, "Occupied")
    assert await authorize(station, charge.id_token["idToken"]) == "Accepted"

    answer = await charge.begin(trigger, state)

    assert answer["idTokenInfo"]["status"] == "Accepted"  # E01.FR.11, E01.FR.12
    assert await charge.charging() == {}
    row = await charge.row(rig)
    assert (row["state"], row["charging"], row["evse"]) == ("active", "Charging", 1)


@case("TC_E_09_CSMS", "TC_E_03_CSMS")
@both
async def test_it_begins_with_the_cable_and_the_token_comes_later(rig: Rig, version: str) -> None:
    station, charge = await ready(rig, version)
    await connector(station, "Occupied")

    assert await charge.event("Started", "CablePluggedIn", "EVConnected", place=True) == {}
    answer = await charge.event("Updated", "Authorized", "EVConnected", token=True)

    assert answer["idTokenInfo"]["status"] == "Accepted"  # E02.FR.02, E02.FR.04
    await charge.charging()
    row = await charge.row(rig)
    assert (row["token"], row["verdict"]) == (charge.id_token["idToken"], "Accepted")


@case("TC_E_10_CSMS", "TC_E_04_CSMS")
@both
async def test_it_begins_with_the_token_and_the_cable_comes_later(rig: Rig, version: str) -> None:
    station, charge = await ready(rig, version)

    answer = await charge.event("Started", "Authorized", token=True)
    assert answer["idTokenInfo"]["status"] == "Accepted"  # E03.FR.02
    await connector(station, "Occupied")
    assert await charge.event("Updated", "CablePluggedIn", "EVConnected", place=True) == {}
    await charge.charging()

    row = await charge.row(rig)
    assert (row["evse"], row["connector"], row["charging"]) == (1, 1, "Charging")


@case("TC_E_11_CSMS")
@both
async def test_it_begins_with_signed_data(rig: Rig, version: str) -> None:
    _, charge = await ready(rig, version)

    answer = await charge.begin("SignedDataReceived", meterValue=[signed(1000, BEGAN, "U0lHTkVE")])

    assert answer["idTokenInfo"]["status"] == "Accepted"
    row = await charge.row(rig)
    found = await rig.get(f"/transactions/{row['id']}/signed-values")
    assert [(v["signed_data"], v["value"]) for v in found["items"]] == [("U0lHTkVE", 1000.0)]


@case("TC_E_12_CSMS")
@both
async def test_it_begins_with_a_car_in_the_bay(rig: Rig, version: str) -> None:
    _, charge = await ready(rig, version)

    assert await charge.event("Started", "EVDetected", place=True) == {}
    answer = await charge.event("Updated", "Authorized", "EVConnected", token=True)

    assert answer["idTokenInfo"]["status"] == "Accepted"
    assert (await charge.row(rig))["state"] == "active"


@case("TC_E_38_CSMS")
@both
async def test_a_car_that_is_not_ready(rig: Rig, version: str) -> None:
    _, charge = await ready(rig, version)

    assert (await charge.begin(state="EVConnected"))["idTokenInfo"]["status"] == "Accepted"
    assert await charge.event("Updated", "ChargingStateChanged", "SuspendedEV") == {}

    assert (await charge.row(rig))["charging"] == "SuspendedEV"


@case("TC_E_53_CSMS")
@both
async def test_numbers_of_events_begin_anew_with_each_transaction(rig: Rig, version: str) -> None:
    station, first = await charging(rig, version)
    await first.end("EVCommunicationLost", "EVDisconnected", state="Idle")
    second = Charge(station, first.id_token["idToken"])

    await second.begin()
    await second.charging()
    await second.end("EVCommunicationLost", "EVDisconnected", state="Idle")

    for charge in (first, second):
        row = await charge.row(rig)
        assert (row["state"], row["complete"], row["energy_wh"]) == ("ended", True, 1000.0)


# --- where it ends ----------------------------------------------------------------------------------------------


@case("TC_E_07_CSMS", "TC_E_08_CSMS", "TC_E_15_CSMS")
@both
async def test_its_driver_stops_it(rig: Rig, version: str) -> None:
    _, charge = await charging(rig, version)

    stopped = await charge.event("Updated", "StopAuthorized", "EVConnected", token=True)
    assert stopped["idTokenInfo"]["status"] == "Accepted"
    assert await charge.end("ChargingStateChanged", "Local") == {}

    row = await charge.row(rig)
    assert (row["state"], row["stop_token"]) == ("ended", charge.id_token["idToken"])
    assert (row["stop_reason"], row["energy_wh"], row["held"]) == ("Local", 1000.0, False)


@case("TC_E_14_CSMS", "TC_E_17_CSMS", "TC_E_20_CSMS")
@both
@pytest.mark.parametrize("where", ["station", "car"])
async def test_the_cable_comes_out(rig: Rig, version: str, where: str) -> None:
    station, charge = await charging(rig, version)
    if where == "station":
        stopped = await charge.event("Updated", "StopAuthorized", "EVConnected", token=True)
        assert stopped["idTokenInfo"]["status"] == "Accepted"

    assert await charge.end("EVCommunicationLost", "EVDisconnected", state="Idle") == {}
    await connector(station, "Available")

    row = await charge.row(rig)
    assert (row["state"], row["stop_reason"]) == ("ended", "EVDisconnected")


@case("TC_E_19_CSMS")
@both
async def test_the_car_leaves_the_bay(rig: Rig, version: str) -> None:
    _, charge = await charging(rig, version)

    assert await charge.event("Updated", "EVCommunicationLost", "Idle") == {}
    assert await charge.end("EVDeparted", "Local", state="Idle") == {}

    assert (await charge.row(rig))["state"] == "ended"


@case("TC_E_22_CSMS")
@both
async def test_the_car_has_enough(rig: Rig, version: str) -> None:
    _, charge = await charging(rig, version)

    assert await charge.end("ChargingStateChanged", "StoppedByEV", state="SuspendedEV") == {}

    assert (await charge.row(rig))["stop_reason"] == "StoppedByEV"


@case("TC_E_16_CSMS")
@both
async def test_a_token_that_is_not_valid_is_refused_and_the_station_ends_it(
    rig: Rig, version: str
) -> None:
    station = await rig.station(version)
    charge = Charge(station, "NOBODY-KNOWS-ME")

    answer = await charge.begin()
    assert answer["idTokenInfo"]["status"] in ("Invalid", "Unknown")  # E05.FR.01
    assert await charge.end("Deauthorized", "DeAuthorized", wh=1000) == {}

    row = await charge.row(rig)
    assert (row["state"], row["stop_reason"], row["energy_wh"]) == ("ended", "DeAuthorized", 0.0)


@case("TC_E_39_CSMS")
@both
async def test_nobody_plugs_in(rig: Rig, version: str) -> None:
    _, charge = await ready(rig, version)

    assert (await charge.event("Started", "Authorized", token=True))["idTokenInfo"]
    assert (
        await charge.end("EVConnectTimeout", "Timeout", state="Idle", meterValue=[energy(0, ENDED)])
        == {}
    )

    assert (await charge.row(rig))["stop_reason"] == "Timeout"


@case("TC_E_21_CSMS")
@both
async def test_the_operator_stops_it(rig: Rig, version: str) -> None:
    station, charge = await charging(rig, version)
    station.answers("RequestStopTransaction", {"status": "Accepted"})
    row = await charge.row(rig)

    result = await rig.post(f"/transactions/{row['id']}/stop")
    assert result["accepted"]
    assert station.asked("RequestStopTransaction") == [{"transactionId": charge.id}]  # F03.FR.01
    await charge.event("Updated", "RemoteStop", "EVConnected")
    await charge.end("ChargingStateChanged", "Remote")

    assert (await charge.row(rig))["stop_reason"] == "Remote"


@case("TC_E_26_CSMS")
@both
async def test_pulled_out_at_the_car_it_only_pauses(rig: Rig, version: str) -> None:
    station, charge = await charging(rig, version)

    assert await charge.event("Updated", "EVCommunicationLost", "Idle") == {}
    await connector(station, "Available")
    assert (await charge.row(rig))["state"] == "active"
    assert await charge.event("Updated", "CablePluggedIn", "EVConnected") == {}
    assert await charge.charging() == {}

    row = await transaction(rig, station, charge.id)
    assert (row["state"], row["charging"]) == ("active", "Charging")
