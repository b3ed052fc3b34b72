"""K08, K09, K11 to K13: profiles reported, composite schedules compared, limits from outside."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.certification.test_k_smart_charging import (
    ACCEPTED,
    BOTH,
    at,
    charging,
    held,
    obedient,
    profile,
    put,
)
from tests.support.rig import Rig, ScriptedStation, case, now

# --- reports --------------------------------------------------------------------------------------------------------


def wire(number: int, purpose: str = "TxDefaultProfile", level: int = 0) -> dict[str, Any]:
    period = {"startPeriod": 0, "limit": 10.0}
    schedule = {
        "id": 1,
        "chargingRateUnit": "A",
        "startSchedule": at(),
        "chargingSchedulePeriod": [period],
    }
    return {
        "id": number,
        "stackLevel": level,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Absolute",
        "chargingSchedule": [schedule],
    }


async def report(
    station: ScriptedStation,
    request: int,
    evse: int,
    *profiles: Any,
    tbc: bool = False,
    source: str = "CSO",
) -> None:
    await station.call(
        "ReportChargingProfiles",
        {
            "requestId": request,
            "chargingLimitSource": source,
            "evseId": evse,
            "chargingProfile": list(profiles),
            "tbc": tbc,
        },
    )


@pytest.mark.parametrize(
    ("query", "request_sent"),
    [
        pytest.param(
            {"evse": 0, "purpose": "ChargingStationMaxProfile"},
            {
                "evseId": 0,
                "chargingProfile": {"chargingProfilePurpose": "ChargingStationMaxProfile"},
            },
            marks=case("TC_K_29_CSMS"),
        ),
        pytest.param(
            {"evse": 1, "stack_level": 0},
            {"evseId": 1, "chargingProfile": {"stackLevel": 0}},
            marks=case("TC_K_30_CSMS"),
        ),
        pytest.param(
            {"purpose": "TxDefaultProfile"},
            {"chargingProfile": {"chargingProfilePurpose": "TxDefaultProfile"}},
            marks=case("TC_K_31_CSMS"),
        ),
        pytest.param(
            {"ids": [7]},
            {"chargingProfile": {"chargingProfileId": [7]}},
            marks=case("TC_K_32_CSMS"),
        ),
        pytest.param(
            {"evse": 1, "stack_level": 3},
            {"evseId": 1, "chargingProfile": {"stackLevel": 3}},
            marks=case("TC_K_33_CSMS"),
        ),
        pytest.param(
            {"evse": 1, "sources": ["EMS"]},
            {"evseId": 1, "chargingProfile": {"chargingLimitSource": ["EMS"]}},
            marks=case("TC_K_34_CSMS"),
        ),
        pytest.param(
            {"evse": 1, "purpose": "TxDefaultProfile"},
            {"evseId": 1, "chargingProfile": {"chargingProfilePurpose": "TxDefaultProfile"}},
            marks=case("TC_K_35_CSMS"),
        ),
        pytest.param(
            {"evse": 1, "purpose": "TxDefaultProfile", "stack_level": 2},
            {
                "evseId": 1,
                "chargingProfile": {"chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 2},
            },
            marks=case("TC_K_36_CSMS"),
        ),
    ],
)
@BOTH
async def test_profiles_are_reported(
    rig: Rig, version: str, query: dict[str, Any], request_sent: dict[str, Any]
) -> None:
    station = await obedient(rig, version)
    operation = await rig.post(f"/stations/{station.id}/charging-profiles/fetch", query)
    asked = await station.expect("GetChargingProfiles")
    number = asked.pop("requestId")
    assert asked == request_sent  # K09.FR.03

    evse = query.get("evse", 2)
    await report(station, number, evse, wire(7), tbc=True)
    await report(station, number, evse, wire(8, level=1))
    done = await rig.ended(operation)
    assert (done["state"], done["parts"]) == ("done", 2)
    known = [(p["evse"], p["profile"]["id"]) for p in await held(rig, station)]
    assert sorted(known) == [(evse, 7), (evse, 8)]


@BOTH
async def test_what_a_report_does_not_name_is_not_there(rig: Rig, version: str) -> None:
    station = await obedient(rig, version)
    await put(rig, station, 1, profile(id=5))
    await put(rig, station, 2, profile(id=6, stack_level=1))
    station.answers("GetChargingProfiles", [ACCEPTED, {"status": "NoProfiles"}])
    fetch = f"/stations/{station.id}/charging-profiles/fetch"
    operation = await rig.post(fetch, {"evse": 1, "purpose": "TxDefaultProfile"})
    asked = await station.expect("GetChargingProfiles")
    await report(station, asked["requestId"], 1, wire(9))
    await rig.ended(operation)
    assert sorted(p["profile"]["id"] for p in await held(rig, station)) == [6, 9]

    none = await rig.ended(await rig.post(fetch, {"evse": 2}))
    assert (none["state"], none["status"]) == ("done", "NoProfiles")
    assert [p["profile"]["id"] for p in await held(rig, station)] == [9]


# --- composite schedules --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "evse",
    [pytest.param(1, marks=case("TC_K_43_CSMS")), pytest.param(0, marks=case("TC_K_44_CSMS"))],
)
@BOTH
async def test_the_composite_schedule_is_asked_for_and_compared(
    rig: Rig, version: str, evse: int
) -> None:
    station = await obedient(rig, version)
    await put(rig, station, 0, profile(limit=10.0, period={"number_phases": 3}))
    await station.status("Available", 1)
    station.answers(
        "GetCompositeSchedule",
        lambda asked: {
            "status": "Accepted",
            "schedule": {
                "evseId": asked["evseId"],
                "duration": asked["duration"],
                "scheduleStart": now(),
                "chargingRateUnit": asked["chargingRateUnit"],
                "chargingSchedulePeriod": [
                    {"startPeriod": 0, "limit": 10.0, "numberPhases": 3},
                    {"startPeriod": 100, "limit": 16.0, "numberPhases": 3},
                ],
            },
        },
    )
    query = f"evse={evse}&duration=300&unit=A"
    found = await rig.post(f"/stations/{station.id}/composite-schedule?{query}")

    asked = await station.expect("GetCompositeSchedule")  # K08.FR.01
    assert asked == {"evseId": evse, "duration": 300, "chargingRateUnit": "A"}
    assert found["answer"]["status"] == "Accepted"
    assert [p["limit"] for p in found["ours"]["periods"]] == [10.0]
    assert [p["limit"] for p in found["theirs"]["periods"]] == [10.0, 16.0]
    (one,) = found["differences"]
    assert (one["ours"], one["theirs"], one["above"]) == (10.0, 16.0, True)


@BOTH
async def test_a_station_that_tells_no_schedule(rig: Rig, version: str) -> None:
    station = await obedient(rig, version)
    station.answers("GetCompositeSchedule", {"status": "Rejected"})
    found = await rig.post(f"/stations/{station.id}/composite-schedule?evse=1")
    assert found["theirs"] is None
    assert found["answer"]["status"] == "Rejected"
    ours = await rig.get(f"/stations/{station.id}/composite-schedule", evse=1, unit="W")
    assert (ours["unit"], ours["periods"][0]["limit"]) == ("W", None)


# --- limits from outside --------------------------------------------------------------------------------------------


async def limits(rig: Rig, station: ScriptedStation) -> list[Any]:
    return (await rig.get(f"/stations/{station.id}/charging-limits"))["items"]


def limit_notice(evse: int | None = None) -> dict[str, Any]:
    schedule = {
        "id": 1,
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 8.0}],
    }
    notice = {
        "chargingLimit": {"chargingLimitSource": "EMS", "isGridCritical": False},
        "chargingSchedule": [schedule],
    }
    return notice | ({} if evse is None else {"evseId": evse})


@case("TC_K_48_CSMS")
@BOTH
async def test_a_limit_from_outside_counts(rig: Rig, version: str) -> None:
    station = await obedient(rig, version)
    await put(rig, station, 1, profile(limit=16.0))
    assert await station.call("NotifyChargingLimit", limit_notice()) == {}
    (one,) = await limits(rig, station)
    assert (one["source"], one["evse"], one["grid_critical"]) == ("EMS", None, False)
    ours = await rig.get(f"/stations/{station.id}/composite-schedule", evse=1, unit="A")
    assert ours["periods"][0]["limit"] == 8.0  # K02.FR.01


@case("TC_K_50_CSMS")
@BOTH
async def test_a_limit_is_lifted_while_idle(rig: Rig, version: str) -> None:
    station = await obedient(rig, version)
    await station.call("NotifyChargingLimit", limit_notice())
    assert await station.call("ClearedChargingLimit", {"chargingLimitSource": "EMS"}) == {}
    assert await limits(rig, station) == []


@case("TC_K_51_CSMS")
@BOTH
async def test_a_limit_is_lifted_while_charging(rig: Rig, version: str) -> None:
    station = await obedient(rig, version)
    name = await charging(rig, station)
    await station.call("NotifyChargingLimit", limit_notice(1))
    cleared = {"chargingLimitSource": "EMS", "evseId": 1}
    assert await station.call("ClearedChargingLimit", cleared) == {}
    await station.call(
        "TransactionEvent",
        {
            "eventType": "Updated",
            "timestamp": now(),
            "triggerReason": "ChargingRateChanged",
            "seqNo": 1,
            "transactionInfo": {"transactionId": name},
        },
    )
    assert await limits(rig, station) == []


@case("TC_K_52_CSMS")
@BOTH
async def test_external_constraints_are_reported(rig: Rig, version: str) -> None:
    station = await obedient(rig, version)
    body = {"purpose": "ChargingStationExternalConstraints"}
    operation = await rig.post(f"/stations/{station.id}/charging-profiles/fetch", body)
    asked = await station.expect("GetChargingProfiles")
    external = wire(-3, "ChargingStationExternalConstraints")
    await report(station, asked["requestId"], 0, external, source="EMS")
    assert (await rig.ended(operation))["state"] == "done"
    (one,) = await held(rig, station)
    assert (one["source"], one["profile"]["id"]) == ("EMS", -3)
    assert one["profile"]["purpose"] == "ChargingStationExternalConstraints"
