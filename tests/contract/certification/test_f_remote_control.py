"""F, remote control of 2.0.1 and 2.1: starts, unlocking, triggers of every kind."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.certification.charging import (
    Charge,
    authorize,
    connector,
    energy,
    now,
)
from tests.contract.certification.test_e_transactions import both, charging
from tests.support.rig import Rig, case


@case("TC_F_01_CSMS")
@both
async def test_a_remote_start_finds_a_transaction_that_began_with_the_cable(
    rig: Rig, version: str
) -> None:
    station = await rig.station(version)
    token = await rig.token()
    charge = Charge(station, token)
    await charge.event("Started", "CablePluggedIn", "EVConnected", place=True)
    station.answers("RequestStartTransaction", {"status": "Accepted", "transactionId": charge.id})

    result = await rig.post(f"/stations/{station.id}/start", {"token": token, "evse": 1})

    (asked,) = station.asked("RequestStartTransaction")
    assert asked["idToken"] == {"idToken": token, "type": "ISO14443"}
    assert (asked["evseId"], asked["remoteStartId"]) == (1, result["remote_start_id"])
    row = await charge.row(rig)
    assert result["transaction"] == row["id"]
    info = {"remoteStartId": result["remote_start_id"]}
    answer = await charge.event("Updated", "RemoteStart", "EVConnected", token=True, info=info)
    assert answer["idTokenInfo"]["status"] == "Accepted"
    row = await charge.row(rig)
    assert (row["remote_start_id"], row["token"]) == (result["remote_start_id"], token)


@case("TC_F_02_CSMS", "TC_F_03_CSMS")
@both
@pytest.mark.parametrize("authorizes", [True, False])
async def test_a_remote_start_before_the_cable(rig: Rig, version: str, authorizes: bool) -> None:
    station = await rig.station(version)
    station.answers("RequestStartTransaction", {"status": "Accepted"})
    token = await rig.token()

    result = await rig.post(f"/stations/{station.id}/start", {"token": token})

    assert "evseId" not in station.asked("RequestStartTransaction")[0]
    if authorizes:
        assert await authorize(station, token) == "Accepted"
    charge = Charge(station, token)
    info = {"remoteStartId": result["remote_start_id"]}
    answer = await charge.event("Started", "RemoteStart", token=True, info=info)
    assert answer["idTokenInfo"]["status"] == "Accepted"
    await connector(station, "Occupied")
    await charge.event("Updated", "CablePluggedIn", "EVConnected", place=True)
    await charge.charging()
    assert (await charge.row(rig))["remote_start_id"] == result["remote_start_id"]


@case("TC_F_04_CSMS")
@both
async def test_nobody_plugs_in_after_a_remote_start(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    station.answers("RequestStartTransaction", {"status": "Accepted"})
    result = await rig.post(f"/stations/{station.id}/start", {"token": await rig.token()})
    charge = Charge(station, station.asked("RequestStartTransaction")[0]["idToken"]["idToken"])
    await charge.event(
        "Started", "RemoteStart", token=True, info={"remoteStartId": result["remote_start_id"]}
    )

    assert (
        await charge.end("EVConnectTimeout", "Timeout", state="Idle", meterValue=[energy(0)]) == {}
    )

    assert (await charge.row(rig))["stop_reason"] == "Timeout"


@both
async def test_a_start_carries_the_group(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    station.answers("RequestStartTransaction", {"status": "Accepted"})
    token = await rig.token(group="FAMILY")

    await rig.post(f"/stations/{station.id}/start", {"token": token})
    await rig.post(f"/stations/{station.id}/start", {"token": token, "group": "OTHERS"})
    await rig.post(f"/stations/{station.id}/start", {"token": token, "group": ""})

    groups = [
        r.get("groupIdToken", {}).get("idToken") for r in station.asked("RequestStartTransaction")
    ]
    assert groups == ["FAMILY", "OTHERS", None]


@both
async def test_the_operator_stops_a_transaction_that_has_no_token_yet(
    rig: Rig, version: str
) -> None:
    station, charge = await charging(rig, version)
    station.answers("RequestStopTransaction", {"status": "Rejected"})
    row = await charge.row(rig)

    result = await rig.post(f"/transactions/{row['id']}/stop")

    assert (result["status"], result["accepted"]) == ("Rejected", False)  # F04.FR.01
    assert (await charge.row(rig))["state"] == "active"


@case("TC_F_06_CSMS")
@both
@pytest.mark.parametrize(
    ("status", "accepted"),
    [
        ("Unlocked", True),
        ("UnlockFailed", False),
        ("OngoingAuthorizedTransaction", False),
        ("UnknownConnector", False),
    ],
)
async def test_unlocking(rig: Rig, version: str, status: str, accepted: bool) -> None:
    station = await rig.station(version)
    station.answers("UnlockConnector", {"status": status})

    result = await rig.post(f"/stations/{station.id}/unlock", {"evse": 1, "connector": 1})

    assert station.asked("UnlockConnector") == [{"evseId": 1, "connectorId": 1}]
    assert (result["status"], result["accepted"]) == (status, accepted)


async def triggered(
    rig: Rig, version: str, body: dict[str, Any], status: str = "Accepted"
) -> tuple[Any, dict[str, Any]]:
    """A station that was asked for a message, and the request as it came."""
    station = await rig.station(version)
    station.answers("TriggerMessage", {"status": status})
    result = await rig.post(f"/stations/{station.id}/trigger", body)
    assert result["status"] == status
    return station, station.asked("TriggerMessage")[0]


@case("TC_F_11_CSMS", "TC_F_12_CSMS")
@both
@pytest.mark.parametrize("evse", [1, None])
async def test_meter_values_are_asked_for(rig: Rig, version: str, evse: int | None) -> None:
    body = {"message": "MeterValues"} | ({"evse": evse} if evse else {})
    station, asked = await triggered(rig, version, body)
    assert asked == {"requestedMessage": "MeterValues"} | ({"evse": {"id": 1}} if evse else {})

    for each in [evse] if evse else [1, 2]:
        value = energy(1200, "Trigger")
        assert await station.call("MeterValues", {"evseId": each, "meterValue": [value]}) == {}

    found = await rig.get(f"/stations/{station.id}/series", readings="true")
    assert {r["context"] for s in found["items"] for r in s["readings"]} == {"Trigger"}


@case("TC_F_13_CSMS", "TC_F_14_CSMS")
@both
@pytest.mark.parametrize("evse", [1, None])
async def test_transaction_events_are_asked_for(rig: Rig, version: str, evse: int | None) -> None:
    station, charge = await charging(rig, version)
    station.answers("TriggerMessage", {"status": "Accepted"})
    body = {"message": "TransactionEvent"} | ({"evse": evse} if evse else {})

    await rig.post(f"/stations/{station.id}/trigger", body)

    (asked,) = station.asked("TriggerMessage")
    assert asked["requestedMessage"] == "TransactionEvent"  # F06.FR.01
    assert asked.get("evse") == ({"id": 1} if evse else None)  # F06.FR.02
    answer = await charge.event(
        "Updated", "Trigger", "Charging", meterValue=[energy(1500, "Trigger")]
    )
    assert answer == {}
    assert (await charge.row(rig))["energy_wh"] == 500.0


@case("TC_F_15_CSMS", "TC_F_18_CSMS", "TC_F_20_CSMS")
@both
@pytest.mark.parametrize(
    ("message", "payload"),
    [
        ("LogStatusNotification", {"status": "Idle"}),
        ("FirmwareStatusNotification", {"status": "Idle"}),
        ("Heartbeat", {}),
    ],
)
async def test_a_status_is_asked_for(
    rig: Rig, version: str, message: str, payload: dict[str, Any]
) -> None:
    station, asked = await triggered(rig, version, {"message": message})
    assert asked == {"requestedMessage": message}

    answer = await station.call(message, payload)

    assert ("currentTime" in answer) is (message == "Heartbeat")


@case("TC_F_23_CSMS", "TC_F_24_CSMS")
@both
@pytest.mark.parametrize("status", ["Available", "Occupied"])
async def test_the_status_of_a_connector_is_asked_for(rig: Rig, version: str, status: str) -> None:
    station, asked = await triggered(rig, version, {"message": "StatusNotification", "evse": 1})
    assert asked["evse"] == {"id": 1, "connectorId": 1}  # F06.FR.13

    await connector(station, status)

    (evse,) = (await rig.get(f"/stations/{station.id}"))["evses"]
    assert evse["status"] == status


@case("TC_F_27_CSMS")
@both
async def test_a_message_that_the_station_does_not_know(rig: Rig, version: str) -> None:
    await triggered(rig, version, {"message": "SignV2GCertificate"}, "NotImplemented")


@case("TC_F_100_CSMS")
async def test_a_custom_trigger(rig: Rig) -> None:
    body = {"message": "CustomTrigger", "custom": "com.example.SelfTest", "evse": 1}
    _, asked = await triggered(rig, "2.1", body)
    assert asked == {
        "requestedMessage": "CustomTrigger",
        "customTrigger": "com.example.SelfTest",
        "evse": {"id": 1},
    }


async def test_a_custom_trigger_needs_a_word_and_2_1(rig: Rig) -> None:
    for version, body in (
        ("2.1", {"message": "CustomTrigger"}),
        ("2.1", {"message": "Heartbeat", "custom": "X"}),
        ("2.0.1", {"message": "CustomTrigger", "custom": "X"}),
        ("1.6", {"message": "Heartbeat", "custom": "X"}),
    ):
        station = await rig.station(version)
        result = await rig.post(f"/stations/{station.id}/trigger", body)
        assert result["result"] == "unsupported"
        assert station.asked("TriggerMessage") == []


@both
async def test_heard_from_is_there(rig: Rig, version: str) -> None:
    station = await rig.station(version)

    await station.call("Heartbeat", {})

    row = await rig.get(f"/stations/{station.id}")
    assert row["connectivity"] == "online"  # G02.FR.04: whatever came, it is there
    assert row["last_heard_at"] >= now(-60)
