"""K: smart charging of 2.0.1, and where 2.1 repeats it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.rig import VERSIONS, CallError, Rig, ScriptedStation, case, now

ACCEPTED = {"status": "Accepted"}
BOTH = pytest.mark.parametrize("version", VERSIONS)


def at(seconds: float = 0) -> str:
    moment = datetime.now(UTC) + timedelta(seconds=seconds)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def profile(purpose: str = "TxDefaultProfile", limit: float = 6.0, **about: Any) -> dict[str, Any]:
    """A profile as the operator gives it; `period` and `schedule` go into those."""
    period = {"start_period": 0, "limit": limit, "number_phases": 1, **about.pop("period", {})}
    schedule = {"unit": "A", "periods": [period], **about.pop("schedule", {})}
    if about.get("kind", "Absolute") in ("Absolute", "Recurring"):
        schedule.setdefault("start_schedule", at())
    return {"purpose": purpose, "schedules": [schedule], **about}


async def put(rig: Rig, station: ScriptedStation, evse: int, one: dict[str, Any]) -> Any:
    body = {"evse": evse, "profile": one}
    return await rig.post(f"/stations/{station.id}/charging-profiles", body)


async def held(rig: Rig, station: ScriptedStation) -> list[Any]:
    return (await rig.get(f"/stations/{station.id}/charging-profiles"))["items"]


async def obedient(rig: Rig, version: str) -> ScriptedStation:
    station = await rig.station(version)
    for action in ("SetChargingProfile", "ClearChargingProfile", "GetChargingProfiles"):
        station.answers(action, ACCEPTED)
    return station


async def charging(rig: Rig, station: ScriptedStation, evse: int = 1, name: str = "tx-1") -> str:
    """A transaction that runs."""
    token = await rig.token()
    await station.call(
        "TransactionEvent",
        {
            "eventType": "Started",
            "timestamp": now(),
            "triggerReason": "Authorized",
            "seqNo": 0,
            "transactionInfo": {"transactionId": name, "chargingState": "Charging"},
            "evse": {"id": evse, "connectorId": 1},
            "idToken": {"idToken": token, "type": "ISO14443"},
        },
    )
    return name


# --- setting --------------------------------------------------------------------------------------------------------


@case("TC_K_01_CSMS")
@BOTH
async def test_a_default_for_one_evse(rig: Rig, version: str) -> None:
    station = await obedient(rig, version)
    one = profile(
        id=17, stack_level=1, valid_from=at(), valid_to=at(3600), schedule={"duration": 3600}
    )
    result = await put(rig, station, 1, one)

    assert result["status"] == "Accepted"
    asked = await station.expect("SetChargingProfile")
    sent = asked["chargingProfile"]
    assert (asked["evseId"], sent["id"], sent["stackLevel"]) == (1, 17, 1)
    assert sent["chargingProfilePurpose"] == "TxDefaultProfile"
    assert sent["chargingProfileKind"] == "Absolute"
    assert "transactionId" not in sent
    assert sent["validFrom"] < sent["validTo"]
    (schedule,) = sent["chargingSchedule"]  # K01.FR.34
    assert schedule["startSchedule"]
    assert (schedule["duration"], schedule["chargingRateUnit"]) == (3600, "A")
    assert schedule["chargingSchedulePeriod"] == [
        {"startPeriod": 0, "limit": 6.0, "numberPhases": 1}  # K01.FR.31
    ]
    assert [(p["evse"], p["profile"]["id"], p["source"]) for p in await held(rig, station)] == [
        (1, 17, "CSO")
    ]


@case("TC_K_02_CSMS")
@BOTH
async def test_a_transactions_profile_without_a_transaction(rig: Rig, version: str) -> None:
    """By itself the system refuses (K01.FR.03 wants a transaction); as a raw call it goes, and the answer is read."""
    station = await obedient(rig, version)
    refused = await put(rig, station, 1, profile("TxProfile", 7.0, kind="Relative"))
    assert [fault["rule"] for fault in refused["faults"]] == ["K01.FR.03"]

    info = {"reasonCode": "TxNotFound"}
    station.answers("SetChargingProfile", {"status": "Rejected", "statusInfo": info})
    period = {"startPeriod": 0, "limit": 7.0, "numberPhases": 1}
    schedule = {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [period]}
    wanted = {
        "id": 9,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": [schedule],
    }
    body = {"evseId": 1, "chargingProfile": wanted}
    result = await rig.post(f"/stations/{station.id}/calls/SetChargingProfile", body)
    assert (result["status"], result["accepted"]) == ("Rejected", False)
    assert await station.expect("SetChargingProfile") == body
    assert await held(rig, station) == []


@case("TC_K_03_CSMS")
@BOTH
async def test_a_maximum_for_the_station(rig: Rig, version: str) -> None:
    station = await obedient(rig, version)
    one = profile(
        "ChargingStationMaxProfile",
        8.0,
        valid_from=at(),
        valid_to=at(600),
        schedule={"duration": 600},
    )
    assert (await put(rig, station, 0, one))["accepted"]
    asked = await station.expect("SetChargingProfile")
    assert asked["evseId"] == 0
    assert asked["chargingProfile"]["chargingProfilePurpose"] == "ChargingStationMaxProfile"
    assert asked["chargingProfile"]["chargingSchedule"][0]["startSchedule"]
    assert (
        asked["chargingProfile"]["chargingSchedule"][0]["chargingSchedulePeriod"][0]["limit"] == 8.0
    )


@case("TC_K_04_CSMS")
@BOTH
async def test_a_profile_is_replaced_under_its_id(rig: Rig, version: str) -> None:
    station = await obedient(rig, version)
    await put(rig, station, 1, profile(limit=8.0))
    await put(rig, station, 1, profile(limit=6.0))  # no id given: it takes the place of the first

    first, second = station.asked("SetChargingProfile")
    assert first["chargingProfile"]["id"] == second["chargingProfile"]["id"]
    limits = [
        one["chargingProfile"]["chargingSchedule"][0]["chargingSchedulePeriod"][0]["limit"]
        for one in (first, second)
    ]
    assert limits == [8.0, 6.0]
    assert len(await held(rig, station)) == 1


@case("TC_K_10_CSMS")
@BOTH
async def test_a_default_for_all_evses(rig: Rig, version: str) -> None:
    station = await obedient(rig, version)
    await put(rig, station, 0, profile())
    asked = await station.expect("SetChargingProfile")
    assert asked["evseId"] == 0
    assert asked["chargingProfile"]["chargingProfilePurpose"] == "TxDefaultProfile"


@case("TC_K_15_CSMS")
@BOTH
async def test_a_station_without_smart_charging(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    station.answers("SetChargingProfile", CallError("NotSupported", "no smart charging"))
    result = await put(rig, station, 1, profile(valid_from=at(), valid_to=at(60)))
    assert (result["result"], result["code"], result["accepted"]) == (
        "error",
        "NotSupported",
        False,
    )
    assert await held(rig, station) == []


@case("TC_K_19_CSMS")
@BOTH
@pytest.mark.parametrize("recurrency", ["Daily", "Weekly"])
async def test_a_recurring_default(rig: Rig, version: str, recurrency: str) -> None:
    station = await obedient(rig, version)
    one = profile(kind="Recurring", recurrency=recurrency, schedule={"duration": 3600})
    await put(rig, station, 1, one)
    sent = (await station.expect("SetChargingProfile"))["chargingProfile"]
    assert (sent["chargingProfileKind"], sent["recurrencyKind"]) == ("Recurring", recurrency)
    assert sent["chargingSchedule"][0]["startSchedule"]  # K01.FR.40


@case("TC_K_60_CSMS")
@BOTH
async def test_a_profile_of_a_running_transaction(rig: Rig, version: str) -> None:
    station = await obedient(rig, version)
    name = await charging(rig, station)
    result = await put(rig, station, 1, profile("TxProfile", kind="Relative"))

    assert result["accepted"]
    asked = await station.expect("SetChargingProfile")
    assert asked["evseId"] == 1
    assert asked["chargingProfile"]["transactionId"] == name  # K01.FR.03, K02.FR.03
    assert asked["chargingProfile"]["chargingProfilePurpose"] == "TxProfile"
    assert "startSchedule" not in asked["chargingProfile"]["chargingSchedule"][0]


@BOTH
async def test_a_profile_dies_with_its_transaction(rig: Rig, version: str) -> None:
    station = await obedient(rig, version)
    name = await charging(rig, station)
    await put(rig, station, 1, profile("TxProfile", kind="Relative"))
    assert len(await held(rig, station)) == 1
    await station.call(
        "TransactionEvent",
        {
            "eventType": "Ended",
            "timestamp": now(),
            "triggerReason": "EVDeparted",
            "seqNo": 1,
            "transactionInfo": {"transactionId": name, "stoppedReason": "EVDisconnected"},
        },
    )
    assert await held(rig, station) == []  # K02.FR.05


@case("TC_K_70_CSMS")
@BOTH
async def test_two_profiles_of_two_levels(rig: Rig, version: str) -> None:
    station = await obedient(rig, version)
    await put(rig, station, 1, profile(stack_level=0))
    await put(rig, station, 1, profile(stack_level=1))
    first, second = (a["chargingProfile"] for a in station.asked("SetChargingProfile"))
    assert first["id"] != second["id"]
    assert (first["stackLevel"], second["stackLevel"]) == (0, 1)


@BOTH
async def test_what_the_standard_forbids_is_not_sent(rig: Rig, version: str) -> None:
    station = await obedient(rig, version)
    await put(rig, station, 1, profile(id=1))
    forbidden = [
        (1, profile("ChargingStationExternalConstraints"), "K01.FR.22"),  # K02.FR.07
        (1, profile("TxProfile", kind="Relative"), "K01.FR.03"),
        (1, profile(id=2), "K01.FR.06"),
        (1, profile(period={"phase_to_use": 1, "number_phases": 2}), "K01.FR.19"),
        (1, profile(period={"phase_to_use": 1}), "K01.FR.20"),
        (1, profile(kind="Relative", schedule={"start_schedule": at()}), "K01.FR.41"),
        (1, profile("ChargingStationMaxProfile"), "K04.FR.03"),
    ]
    for evse, one, rule in forbidden:
        result = await put(rig, station, evse, one)
        assert (result["result"], result["accepted"]) == ("invalid", False)
        assert rule in [fault["rule"] for fault in result["faults"]]
        assert result["description"]
    await charging(rig, station)
    await put(rig, station, 1, profile("TxProfile", kind="Relative", id=5))
    again = await put(rig, station, 1, profile("TxProfile", kind="Relative", id=6))
    assert [fault["rule"] for fault in again["faults"]] == ["K01.FR.39"]
    assert len(station.asked("SetChargingProfile")) == 2


@case("TC_K_37_CSMS")
@BOTH
async def test_a_remote_start_with_a_profile(rig: Rig, version: str) -> None:
    station = await obedient(rig, version)
    station.answers("RequestStartTransaction", ACCEPTED)
    token = await rig.token()
    body = {"token": token, "evse": 1, "profile": profile("TxProfile", kind="Relative")}
    started = await rig.post(f"/stations/{station.id}/start", body)

    assert started["accepted"]
    asked = await station.expect("RequestStartTransaction")
    sent = asked["chargingProfile"]  # K05.FR.01
    assert asked["evseId"] == 1
    assert asked["idToken"]["idToken"] == token
    assert (sent["chargingProfilePurpose"], sent["chargingProfileKind"]) == (
        "TxProfile",
        "Relative",
    )
    assert "transactionId" not in sent
    await station.call(
        "TransactionEvent",
        {
            "eventType": "Started",
            "timestamp": now(),
            "triggerReason": "RemoteStart",
            "seqNo": 0,
            "transactionInfo": {
                "transactionId": "r-1",
                "remoteStartId": started["remote_start_id"],
            },
            "evse": {"id": 1, "connectorId": 1},
            "idToken": {"idToken": token, "type": "ISO14443"},
        },
    )
    (one,) = await held(rig, station)
    assert one["profile"]["transaction_id"] == "r-1"


# --- clearing -------------------------------------------------------------------------------------------------------


async def clear(rig: Rig, station: ScriptedStation, **what: Any) -> Any:
    return await rig.post(f"/stations/{station.id}/charging-profiles/clear", what)


@case("TC_K_05_CSMS")
@BOTH
async def test_one_is_cleared_by_its_id(rig: Rig, version: str) -> None:
    station = await obedient(rig, version)
    number = (await put(rig, station, 0, profile("ChargingStationMaxProfile")))["profile"]["id"]
    await put(rig, station, 0, profile())
    assert (await clear(rig, station, id=number))["accepted"]
    assert await station.expect("ClearChargingProfile") == {
        "chargingProfileId": number
    }  # K10.FR.02
    assert [p["profile"]["purpose"] for p in await held(rig, station)] == ["TxDefaultProfile"]


@case("TC_K_06_CSMS")
@BOTH
async def test_some_are_cleared_by_criteria(rig: Rig, version: str) -> None:
    station = await obedient(rig, version)
    await put(rig, station, 1, profile(stack_level=1))
    await put(rig, station, 1, profile(stack_level=2))
    await put(rig, station, 2, profile(stack_level=1))
    await clear(rig, station, evse=1, purpose="TxDefaultProfile", stack_level=1)
    assert await station.expect("ClearChargingProfile") == {
        "chargingProfileCriteria": {
            "evseId": 1,
            "chargingProfilePurpose": "TxDefaultProfile",
            "stackLevel": 1,
        }
    }
    left = [(p["evse"], p["profile"]["stack_level"]) for p in await held(rig, station)]
    assert left == [(1, 2), (2, 1)]


@case("TC_K_08_CSMS")
@BOTH
async def test_nothing_to_clear(rig: Rig, version: str) -> None:
    station = await obedient(rig, version)
    station.answers("ClearChargingProfile", {"status": "Unknown"})
    result = await clear(rig, station, evse=1, purpose="TxDefaultProfile", stack_level=0)
    assert (result["status"], result["accepted"]) == ("Unknown", False)


@BOTH
async def test_what_is_not_ours_is_not_cleared(rig: Rig, version: str) -> None:
    station = await obedient(rig, version)
    for what in (
        {},  # K10.FR.02
        {"purpose": "ChargingStationExternalConstraints"},  # K10.FR.06
        {"purpose": "LocalGeneration"},
    ):
        assert (await clear(rig, station, **what))["result"] == "invalid"
    assert station.asked("ClearChargingProfile") == []
