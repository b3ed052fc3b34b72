"""1.6 core: sessions, remote starts and stops, unlocking, faults, power loss, offline; and remote triggers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.certification.charging import now, start16, status16, stop16, transaction
from tests.support.rig import Rig, ScriptedStation, case


async def authorize16(station: ScriptedStation, tag: str) -> str:
    """The status that Authorize answers."""
    return str((await station.call("Authorize", {"idTag": tag}))["idTagInfo"]["status"])


async def session(rig: Rig) -> tuple[ScriptedStation, str, dict[str, Any]]:
    """A station that charges: itself, the tag, the transaction's row."""
    station = await rig.station("1.6")
    tag = await rig.token()
    await status16(station, "Preparing")
    assert await authorize16(station, tag) == "Accepted"
    started = await start16(station, tag)
    assert started["idTagInfo"]["status"] == "Accepted"
    await status16(station, "Charging")
    return station, tag, await transaction(rig, station, str(started["transactionId"]))


async def reason(rig: Rig, station: ScriptedStation, row: dict[str, Any]) -> str:
    """Why it ended."""
    found = await transaction(rig, station, row["reference"])
    assert found["state"] == "ended"
    return str(found["stop_reason"])


@case("TC_003_CSMS")
async def test_plugged_in_first(rig: Rig) -> None:
    station = await rig.station("1.6")
    tag = await rig.token()
    await status16(station, "Preparing")
    evses = (await rig.get(f"/stations/{station.id}"))["evses"]
    assert [(e["reported"], e["status"]) for e in evses if e["connector"]] == [
        ("Preparing", "Occupied")
    ]
    assert (await rig.get("/transactions", station=station.id))["items"] == []
    assert await authorize16(station, tag) == "Accepted"

    started = await start16(station, tag)
    await status16(station, "Charging")
    row = await transaction(rig, station, str(started["transactionId"]))
    assert (row["state"], row["charging"], row["token"]) == ("active", "Charging", tag)

    # The driver presents the card again, and takes the cable out.
    assert await authorize16(station, tag) == "Accepted"
    stopped = await stop16(station, started["transactionId"], idTag=tag)
    assert stopped["idTagInfo"]["status"] == "Accepted"
    await status16(station, "Finishing")
    await status16(station, "Available")
    assert await reason(rig, station, row) == "Local"


@case("TC_004_1_CSMS")
async def test_identified_first(rig: Rig) -> None:
    station = await rig.station("1.6")
    tag = await rig.token()
    assert await authorize16(station, tag) == "Accepted"
    await status16(station, "Preparing")

    started = await start16(station, tag)
    await status16(station, "Charging")

    assert started["idTagInfo"]["status"] == "Accepted"
    row = await transaction(rig, station, str(started["transactionId"]))
    assert (row["state"], row["charging"], row["token"]) == ("active", "Charging", tag)


@case("TC_004_2_CSMS")
async def test_identified_and_nobody_plugs_in(rig: Rig) -> None:
    station = await rig.station("1.6")
    assert await authorize16(station, await rig.token()) == "Accepted"
    await status16(station, "Preparing")

    await status16(station, "Available")

    assert (await rig.get("/transactions", station=station.id))["items"] == []


@case("TC_005_1_CSMS")
async def test_pulled_out_at_the_car(rig: Rig) -> None:
    station, _, row = await session(rig)

    await status16(station, "SuspendedEV")
    assert await stop16(station, int(row["reference"]), wh=1001, reason="EVDisconnected") == {}
    await status16(station, "Finishing")
    await status16(station, "Available")

    assert await reason(rig, station, row) == "EVDisconnected"


@case("TC_010_CSMS", "TC_011_1_CSMS")
@pytest.mark.parametrize("cable_first", [True, False])
async def test_a_remote_start(rig: Rig, cable_first: bool) -> None:
    station = await rig.station("1.6")
    station.answers("RemoteStartTransaction", {"status": "Accepted"})
    tag = await rig.token()
    if cable_first:
        await status16(station, "Preparing")

    result = await rig.post(f"/stations/{station.id}/start", {"token": tag, "evse": 1})

    assert station.asked("RemoteStartTransaction") == [{"connectorId": 1, "idTag": tag}]
    assert await authorize16(station, tag) == "Accepted"
    if not cable_first:
        await status16(station, "Preparing")
    started = await start16(station, tag)
    row = await transaction(rig, station, str(started["transactionId"]))
    assert row["remote_start_id"] == result["remote_start_id"]


@case("TC_011_2_CSMS")
async def test_nobody_plugs_in_after_a_remote_start(rig: Rig) -> None:
    station = await rig.station("1.6")
    station.answers("RemoteStartTransaction", {"status": "Accepted"})
    tag = await rig.token()
    await rig.post(f"/stations/{station.id}/start", {"token": tag, "evse": 1})
    assert await authorize16(station, tag) == "Accepted"
    await status16(station, "Preparing")

    await status16(station, "Available")

    assert (await rig.get("/transactions", station=station.id))["items"] == []


@case("TC_012_CSMS")
async def test_a_remote_stop(rig: Rig) -> None:
    station, _, row = await session(rig)
    station.answers("RemoteStopTransaction", {"status": "Accepted"})

    assert (await rig.post(f"/transactions/{row['id']}/stop"))["accepted"]
    number = int(row["reference"])
    assert station.asked("RemoteStopTransaction") == [{"transactionId": number}]
    await stop16(station, number, wh=1001, reason="Remote")

    assert await reason(rig, station, row) == "Remote"


@case("TC_017_1_CSMS", "TC_017_2_CSMS", "TC_030_CSMS", "TC_031_CSMS")
@pytest.mark.parametrize(
    ("status", "accepted"), [("Unlocked", True), ("NotSupported", False), ("UnlockFailed", False)]
)
async def test_unlocking(rig: Rig, status: str, accepted: bool) -> None:
    station = await rig.station("1.6")
    station.answers("UnlockConnector", {"status": status})
    number = 9 if status == "NotSupported" else 1

    result = await rig.post(f"/stations/{station.id}/unlock", {"evse": number})

    assert station.asked("UnlockConnector") == [{"connectorId": number}]
    assert (result["status"], result["accepted"]) == (status, accepted)


@case("TC_018_1_CSMS")
async def test_unlocking_while_it_charges(rig: Rig) -> None:
    station, _, row = await session(rig)
    station.answers("UnlockConnector", {"status": "Unlocked"})

    await rig.post(f"/stations/{station.id}/unlock", {"evse": 1})
    await status16(station, "Finishing")
    await stop16(station, int(row["reference"]), wh=1001, reason="UnlockCommand")

    assert await reason(rig, station, row) == "UnlockCommand"


@case("TC_024_CSMS")
async def test_a_lock_that_fails(rig: Rig) -> None:
    station = await rig.station("1.6")
    await status16(station, "Preparing")

    await status16(station, "Faulted", error="ConnectorLockFailure")

    (evse,) = (await rig.get(f"/stations/{station.id}"))["evses"]
    assert (evse["status"], evse["error"]) == ("Faulted", "ConnectorLockFailure")


@case("TC_026_CSMS")
async def test_a_remote_start_that_the_station_refuses(rig: Rig) -> None:
    station = await rig.station("1.6")
    station.answers("RemoteStartTransaction", {"status": "Rejected"})

    result = await rig.post(f"/stations/{station.id}/start", {"token": await rig.token()})

    assert (result["result"], result["status"], result["accepted"]) == (
        "answered",
        "Rejected",
        False,
    )


@case("TC_028_CSMS")
async def test_a_remote_stop_that_the_station_refuses(rig: Rig) -> None:
    station, _, row = await session(rig)
    station.answers("RemoteStopTransaction", {"status": "Rejected"})

    result = await rig.post(f"/transactions/{row['id']}/stop")

    assert (result["status"], result["accepted"]) == ("Rejected", False)
    assert (await transaction(rig, station, row["reference"]))["state"] == "active"


@case("TC_032_1_CSMS")
async def test_the_power_fails(rig: Rig) -> None:
    station, _, row = await session(rig)
    await station.reconnect()

    assert (await station.boot())["status"] == "Accepted"
    assert await stop16(station, int(row["reference"]), wh=1001, reason="PowerLoss") == {}
    await status16(station, "Available")

    assert await reason(rig, station, row) == "PowerLoss"


@case("TC_037_1_CSMS", "TC_037_3_CSMS")
@pytest.mark.parametrize("known", [True, False])
async def test_begun_while_offline(rig: Rig, known: bool) -> None:
    station = await rig.station("1.6")
    tag = await rig.token() if known else "NOBODY"
    await station.close()
    began = now(-120)
    await station.connect()

    started = await start16(station, tag, timestamp=began)

    assert started["idTagInfo"]["status"] == ("Accepted" if known else "Invalid")
    number = started["transactionId"]
    assert number > 0
    if not known:
        await stop16(station, number, wh=1000, reason="DeAuthorized")
    row = await transaction(rig, station, str(number))
    assert row["state"] == ("active" if known else "ended")


@case("TC_039_CSMS")
async def test_a_whole_transaction_while_offline(rig: Rig) -> None:
    station = await rig.station("1.6")
    tag = await rig.token()
    await station.reconnect()

    started = await start16(station, tag, timestamp=now(-600))
    stopped = await stop16(
        station, started["transactionId"], wh=2000, timestamp=now(-60), idTag=tag
    )

    assert stopped["idTagInfo"]["status"] == "Accepted"
    row = await transaction(rig, station, str(started["transactionId"]))
    assert (row["state"], row["energy_wh"], row["complete"]) == ("ended", 1000.0, True)


TRIGGERED: dict[str, dict[str, Any]] = {
    "MeterValues": {
        "connectorId": 1,
        "meterValue": [
            {"timestamp": "", "sampledValue": [{"value": "1000", "context": "Trigger"}]}
        ],
    },
    "Heartbeat": {},
    "StatusNotification": {"connectorId": 1, "status": "Available", "errorCode": "NoError"},
    "DiagnosticsStatusNotification": {"status": "Idle"},
    "FirmwareStatusNotification": {"status": "Idle"},
    "BootNotification": {"chargePointModel": "M", "chargePointVendor": "V"},
}


@case("TC_054_CSMS")
@pytest.mark.parametrize("message", list(TRIGGERED))
async def test_a_message_is_asked_for(rig: Rig, message: str) -> None:
    station = await rig.station("1.6")
    station.answers("TriggerMessage", {"status": "Accepted"})
    body = {"message": message} | ({"evse": 1} if message == "MeterValues" else {})

    result = await rig.post(f"/stations/{station.id}/trigger", body)

    assert result["accepted"]
    where = {"connectorId": 1} if message == "MeterValues" else {}
    assert station.asked("TriggerMessage") == [{"requestedMessage": message, **where}]
    payload = dict(TRIGGERED[message])
    if message == "MeterValues":
        value = dict(payload["meterValue"][0], timestamp=now())
        payload["meterValue"] = [value]
    await station.call(message, payload)


@case("TC_055_CSMS")
async def test_a_message_that_the_station_will_not_send(rig: Rig) -> None:
    station = await rig.station("1.6")
    station.answers("TriggerMessage", {"status": "Rejected"})

    result = await rig.post(
        f"/stations/{station.id}/trigger", {"message": "MeterValues", "evse": 9}
    )

    assert (result["status"], result["accepted"]) == ("Rejected", False)


async def test_a_message_is_asked_for_by_the_security_extension(rig: Rig) -> None:
    station = await rig.station("1.6")
    station.answers("ExtendedTriggerMessage", {"status": "Accepted"})

    await rig.post(
        f"/stations/{station.id}/trigger", {"message": "LogStatusNotification", "extended": True}
    )

    assert station.asked("ExtendedTriggerMessage") == [
        {"requestedMessage": "LogStatusNotification"}
    ]
    assert await station.call("LogStatusNotification", {"status": "Idle"}) == {}
