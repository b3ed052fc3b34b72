"""K15 to K17: cars that tell their needs and plan themselves (ISO 15118-2)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.certification.test_k_smart_charging import charging, obedient, profile, put
from tests.support.rig import VERSIONS, Rig, ScriptedStation, case, now

BOTH = pytest.mark.parametrize("version", VERSIONS)
NEEDS = {
    "requestedEnergyTransfer": "AC_three_phase",
    "acChargingParameters": {
        "energyAmount": 20_000,
        "evMinCurrent": 6,
        "evMaxCurrent": 20,
        "evMaxVoltage": 400,
    },
}


async def tell(station: ScriptedStation, evse: int = 1, **about: Any) -> str:
    body = {"evseId": evse, "maxScheduleTuples": 3, "chargingNeeds": NEEDS, **about}
    return (await station.call("NotifyEVChargingNeeds", body))["status"]


def periods(asked: dict[str, Any]) -> list[dict[str, Any]]:
    return asked["chargingProfile"]["chargingSchedule"][0]["chargingSchedulePeriod"]


async def plan(station: ScriptedStation, limit: float, evse: int = 1) -> str:
    schedule = {
        "id": 1,
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
    }
    body = {"timeBase": now(), "evseId": evse, "chargingSchedule": schedule}
    return (await station.call("NotifyEVChargingSchedule", body))["status"]


async def event(station: ScriptedStation, name: str, seq: int, reason: str) -> None:
    await station.call(
        "TransactionEvent",
        {
            "eventType": "Updated",
            "timestamp": now(),
            "triggerReason": reason,
            "seqNo": seq,
            "transactionInfo": {"transactionId": name, "chargingState": "Charging"},
        },
    )


async def needs_of(rig: Rig, station: ScriptedStation) -> Any:
    (one,) = (await rig.get(f"/stations/{station.id}/charging-needs"))["items"]
    return one


def is_plan_for(asked: dict[str, Any], name: str) -> bool:
    sent = asked["chargingProfile"]
    return (
        asked["evseId"] == 1
        and sent["chargingProfilePurpose"] == "TxProfile"
        and sent["transactionId"] == name
        and 1 <= len(sent["chargingSchedule"]) <= 3
        and len(periods(asked)) <= 3
        and max(p["limit"] for p in periods(asked)) <= 16
    )


async def car(rig: Rig, version: str) -> tuple[ScriptedStation, str]:
    """A car that charges under a default of 16 A, has told its needs and got its schedule."""
    station = await obedient(rig, version)
    await put(rig, station, 1, profile(limit=16.0, period={"number_phases": 3}))
    await station.expect("SetChargingProfile")
    name = await charging(rig, station)
    return station, name


@case("TC_K_53_CSMS")
@BOTH
async def test_needs_are_answered_with_a_schedule(rig: Rig, version: str) -> None:
    station, name = await car(rig, version)
    assert await tell(station) == "Accepted"  # K15.FR.02, K15.FR.03
    asked = await station.expect("SetChargingProfile", timeout_s=60)  # K15.FR.08
    assert is_plan_for(asked, name)  # K15.FR.07
    assert await plan(station, 16.0) == "Accepted"  # K15.FR.11
    await event(station, name, 1, "ChargingStateChanged")
    noted = await rig.eventually(lambda: needs_of(rig, station), lambda one: one["sent_status"])
    assert (noted["answer"], noted["sent_status"], noted["plan_status"]) == ("Accepted",) * 3
    assert noted["energy_wh"] == 20_000


@case("TC_K_55_CSMS")
@BOTH
async def test_a_plan_that_exceeds_the_limits_brings_a_new_profile(rig: Rig, version: str) -> None:
    station, name = await car(rig, version)
    assert await tell(station) == "Accepted"
    await station.expect("SetChargingProfile")
    assert await plan(station, 20.0) == "Rejected"  # K15.FR.12, K16.FR.07, K17.FR.12
    assert "16 A is allowed" in (await needs_of(rig, station))["problem"]
    await event(station, name, 1, "ChargingStateChanged")
    again = await station.expect("SetChargingProfile")  # K15.FR.13, K16.FR.08, K17.FR.13
    assert is_plan_for(again, name)
    assert await plan(station, 16.0) == "Accepted"
    await event(station, name, 2, "ChargingRateChanged")


@case("TC_K_57_CSMS")
@BOTH
async def test_the_car_renegotiates(rig: Rig, version: str) -> None:
    station, name = await car(rig, version)
    await tell(station)
    first = await station.expect("SetChargingProfile")
    assert await plan(station, 10.0) == "Accepted"
    less = {**NEEDS, "acChargingParameters": {**NEEDS["acChargingParameters"], "evMaxCurrent": 10}}
    assert await tell(station, chargingNeeds=less) == "Accepted"  # K17.FR.02, K17.FR.03
    await event(station, name, 1, "ChargingRateChanged")
    asked = await station.expect("SetChargingProfile", timeout_s=60)  # K17.FR.07, K17.FR.08
    assert is_plan_for(asked, name)
    assert periods(asked)[0]["limit"] == 10.0
    assert asked["chargingProfile"]["id"] == first["chargingProfile"]["id"]
    assert await plan(station, 10.0) == "Accepted"  # K17.FR.11
    await event(station, name, 2, "ChargingRateChanged")


@case("TC_K_58_CSMS")
@BOTH
async def test_the_csms_renegotiates(rig: Rig, version: str) -> None:
    station, name = await car(rig, version)
    await tell(station)
    await station.expect("SetChargingProfile")
    await plan(station, 16.0)
    await put(rig, station, 1, profile(limit=8.0, period={"number_phases": 3}))
    await station.expect("SetChargingProfile")
    result = await rig.post(f"/stations/{station.id}/charging-needs/renegotiate", {"evse": 1})
    assert result["accepted"]
    asked = await station.expect("SetChargingProfile")
    assert is_plan_for(asked, name)
    assert periods(asked)[0]["limit"] == 8.0
    assert await plan(station, 8.0) == "Accepted"  # K16.FR.06
    await event(station, name, 1, "ChargingRateChanged")


@case("TC_K_59_CSMS")
@BOTH
async def test_needs_told_again_are_answered_again(rig: Rig, version: str) -> None:
    station, name = await car(rig, version)
    await tell(station)
    await station.expect("SetChargingProfile")
    await rig.post(f"/stations/{station.id}/charging-needs/renegotiate", {"evse": 1})
    await station.expect("SetChargingProfile")
    assert await tell(station) == "Accepted"
    asked = await station.expect("SetChargingProfile")  # K16.FR.12
    assert is_plan_for(asked, name)
    assert await plan(station, 16.0) == "Accepted"
    await event(station, name, 1, "ChargingRateChanged")


@BOTH
async def test_without_a_transaction_there_is_no_schedule(rig: Rig, version: str) -> None:
    station = await obedient(rig, version)
    expected = "Rejected" if version == "2.0.1" else "NoChargingProfile"
    assert await tell(station) == expected  # K15.FR.04, K17.FR.04, K18.FR.04
    assert "No transaction" in (await needs_of(rig, station))["problem"]
    answer = await rig.post(
        f"/stations/{station.id}/charging-needs/renegotiate", {"evse": 1}, status=409
    )
    assert "ended" in str(answer)
