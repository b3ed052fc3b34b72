"""K: what 2.1 added to smart charging: dynamic profiles, priority charging, ISO 15118-20."""

from __future__ import annotations

from typing import Any

from tests.contract.certification.test_k_iso15118 import needs_of, periods, plan
from tests.contract.certification.test_k_smart_charging import (
    ACCEPTED,
    charging,
    held,
    obedient,
    profile,
    put,
)
from tests.support.rig import Rig, ScriptedStation, case, now

V2X = {
    "maxChargePower": 11_000.0,
    "minChargePower": 1400.0,
    "maxDischargePower": 11_000.0,
    "evTargetEnergyRequest": 20_000.0,
    "evMinEnergyRequest": 5000.0,
    "evMaxEnergyRequest": 40_000.0,
    "minV2XEnergyRequest": 0,
}
del V2X["minV2XEnergyRequest"]


def needs(control: str = "ScheduledControl", transfer: str = "AC_three_phase", **v2x: Any) -> Any:
    return {
        "requestedEnergyTransfer": transfer,
        "availableEnergyTransfer": [transfer],
        "controlMode": control,
        "mobilityNeedsMode": "EVCC",
        "v2xChargingParameters": {**V2X, **v2x},
    }


async def tell(station: ScriptedStation, told: Any) -> str:
    body = {"evseId": 1, "maxScheduleTuples": 4, "chargingNeeds": told, "timestamp": now()}
    return (await station.call("NotifyEVChargingNeeds", body))["status"]


async def sent(station: ScriptedStation) -> Any:
    return (await station.expect("SetChargingProfile"))["chargingProfile"]


# --- profiles -------------------------------------------------------------------------------------------------------


@case("TC_K_100_CSMS")
async def test_a_profile_that_ends_offline(rig: Rig) -> None:
    station = await obedient(rig, "2.1")
    for after in (True, False):
        one = profile(max_offline_duration=600, invalid_after_offline_duration=after)
        assert (await put(rig, station, 1, one))["accepted"]
        told = await sent(station)
        assert told["maxOfflineDuration"] == 600  # K01.FR.104
        assert told["invalidAfterOfflineDuration"] is after


@case("TC_K_101_CSMS")
async def test_a_profile_that_changes_the_mode_of_operation(rig: Rig) -> None:
    station = await obedient(rig, "2.1")
    name = await charging(rig, station)
    one = profile("TxProfile", kind="Relative")
    one["schedules"][0]["unit"] = "W"
    one["schedules"][0]["periods"] = [
        {"start_period": 0, "limit": 11_000, "operation_mode": "ChargingOnly"},
        {"start_period": 600, "setpoint": -4000, "operation_mode": "CentralSetpoint"},
    ]
    assert (await put(rig, station, 1, one))["accepted"]
    told = (await sent(station))["chargingSchedule"][0]["chargingSchedulePeriod"]
    assert [p["operationMode"] for p in told] == ["ChargingOnly", "CentralSetpoint"]
    assert told[1]["setpoint"] == -4000.0
    info = {"transactionId": name, "operationMode": "CentralSetpoint"}
    event = {
        "eventType": "Updated",
        "timestamp": now(),
        "triggerReason": "OperationModeChanged",
        "seqNo": 1,
        "transactionInfo": info,
    }
    await station.call("TransactionEvent", event)


@case("TC_K_102_CSMS")
async def test_a_limit_from_a_state_of_charge_on(rig: Rig) -> None:
    station = await obedient(rig, "2.1")
    one = profile(schedule={"limit_at_soc": {"soc": 80, "limit": 6}})
    assert (await put(rig, station, 1, one))["accepted"]
    assert (await sent(station))["chargingSchedule"][0]["limitAtSoC"] == {
        "soc": 80,
        "limit": 6.0,
    }  # K01.FR.105


@case("TC_K_104_CSMS")
async def test_a_profile_for_priority_charging(rig: Rig) -> None:
    station = await obedient(rig, "2.1")
    result = await put(rig, station, 0, profile("PriorityCharging", 32.0, kind="Relative"))
    assert result["accepted"]
    told = await sent(station)
    assert told["chargingProfilePurpose"] == "PriorityCharging"  # K01.FR.72
    assert "duration" not in told["chargingSchedule"][0]  # K01.FR.73
    timed = profile("PriorityCharging", 32.0, kind="Relative", schedule={"duration": 60})
    assert (await put(rig, station, 0, timed))["faults"][0]["rule"] == "K01.FR.73"


@case("TC_K_106_CSMS")
async def test_a_profile_with_random_delays_in_local_time(rig: Rig) -> None:
    station = await obedient(rig, "2.1")
    one = profile(schedule={"randomized_delay": 300, "use_local_time": True})
    assert (await put(rig, station, 1, one))["accepted"]
    told = (await sent(station))["chargingSchedule"][0]
    assert (told["randomizedDelay"], told["useLocalTime"]) == (300, True)  # K01.FR.96


@case("TC_K_109_CSMS")
async def test_ids_of_external_constraints_are_left_alone(rig: Rig) -> None:
    station = await obedient(rig, "2.1")
    station.answers(
        "GetVariables",
        lambda asked: {
            "getVariableResult": [
                {
                    "attributeStatus": "Accepted",
                    "attributeValue": "100",
                    "component": one["component"],
                    "variable": one["variable"],
                }
                for one in asked["getVariableData"]
            ]
        },
    )
    variable = {"component": "SmartChargingCtrlr", "variable": "MaxExternalConstraintsId"}
    await rig.post(f"/stations/{station.id}/variables/read", {"names": [variable]})

    refused = await put(rig, station, 1, profile(id=100))
    assert [fault["rule"] for fault in refused["faults"]] == ["K01.FR.80"]
    assert station.asked("SetChargingProfile") == []
    assert (await put(rig, station, 1, profile()))["accepted"]
    assert (await sent(station))["id"] > 100


# --- ISO 15118-20 ---------------------------------------------------------------------------------------------------


@case("TC_K_113_CSMS")
async def test_the_csms_renegotiates_with_a_20_car(rig: Rig) -> None:
    station = await obedient(rig, "2.1")
    name = await charging(rig, station)
    assert await tell(station, needs()) == "Accepted"  # K18.FR.02, K18.FR.03
    first = await sent(station)  # K18.FR.07, K18.FR.08
    assert (first["transactionId"], len(first["chargingSchedule"])) == (name, 1)
    assert "salesTariff" not in first["chargingSchedule"][0]
    assert await plan(station, 15.0) == "Accepted"  # K18.FR.11
    await put(rig, station, 1, profile(limit=10.0, period={"number_phases": 3}))
    await station.expect("SetChargingProfile")
    await rig.post(f"/stations/{station.id}/charging-needs/renegotiate", {"evse": 1})
    again = await station.expect("SetChargingProfile")
    assert again["chargingProfile"]["id"] == first["id"]
    assert periods(again)[0]["limit"] == 10.0
    assert await plan(station, 12.0) == "Rejected"  # K18.FR.12
    assert await plan(station, 10.0) == "Accepted"


@case("TC_K_114_CSMS")
async def test_a_20_car_with_v2x_renegotiates(rig: Rig) -> None:
    station = await obedient(rig, "2.1")
    name = await charging(rig, station)
    (row,) = (await rig.get("/transactions", station=station.id))["items"]
    station.answers("NotifyAllowedEnergyTransfer", {"status": "Accepted"})
    both = {"modes": ["AC_three_phase", "AC_BPT"]}  # without leave a car may not discharge (Q01)
    await rig.post(f"/transactions/{row['id']}/energy-transfer", both)
    assert await tell(station, needs(transfer="AC_BPT")) == "Accepted"
    await station.expect("SetChargingProfile")
    less = needs(transfer="AC_BPT", maxChargePower=6900.0)
    assert await tell(station, less) == "Accepted"  # K17.FR.02, K17.FR.03
    again = await station.expect("SetChargingProfile")
    assert again["chargingProfile"]["transactionId"] == name
    assert max(p["limit"] for p in periods(again)) <= 10.0
    noted = await needs_of(rig, station)
    assert noted["told"]["chargingNeeds"]["v2xChargingParameters"]["maxDischargePower"] == 11_000


@case("TC_K_115_CSMS")
async def test_dynamic_control_gets_one_schedule(rig: Rig) -> None:
    station = await obedient(rig, "2.1")
    name = await charging(rig, station)
    assert await tell(station, needs("DynamicControl")) == "Accepted"  # K19.FR.02
    told = await sent(station)  # K19.FR.08
    assert told["transactionId"] == name
    assert told["chargingProfilePurpose"] == "TxProfile"
    (schedule,) = told["chargingSchedule"]  # K19.FR.07
    assert len(schedule["chargingSchedulePeriod"]) <= 4
    body = {
        "timeBase": now(),
        "evseId": 1,
        "chargingSchedule": schedule,
        "selectedChargingScheduleId": schedule["id"],
    }
    assert (await station.call("NotifyEVChargingSchedule", body))["status"] == "Accepted"


@case("TC_K_117_CSMS")
async def test_dynamic_control_follows_changed_needs(rig: Rig) -> None:
    station = await obedient(rig, "2.1")
    await charging(rig, station)
    await tell(station, needs("DynamicControl"))
    first = await sent(station)
    less = needs("DynamicControl", maxChargePower=4600.0)
    assert await tell(station, less) == "Accepted"  # K20.FR.03
    again = await station.expect("SetChargingProfile")
    assert again["chargingProfile"]["id"] == first["id"]
    assert periods(again)[0]["limit"] < periods({"chargingProfile": first})[0]["limit"]


@case("TC_K_126_CSMS")
async def test_dynamic_control_without_a_profile(rig: Rig) -> None:
    station = await obedient(rig, "2.1")
    await put(rig, station, 0, profile("ChargingStationMaxProfile", 0.0))
    await station.expect("SetChargingProfile")
    await charging(rig, station)
    assert await tell(station, needs("DynamicControl")) == "NoChargingProfile"
    assert len(station.asked("SetChargingProfile")) == 1
    assert "Nothing may be charged" in (await needs_of(rig, station))["problem"]


# --- priority charging, dynamic profiles ----------------------------------------------------------------------------


@case("TC_K_118_CSMS")
async def test_priority_charging_is_asked_for(rig: Rig) -> None:
    station = await obedient(rig, "2.1")
    await put(rig, station, 0, profile("PriorityCharging", 32.0, kind="Relative"))
    await put(rig, station, 1, profile(limit=10.0))
    name = await charging(rig, station)
    station.answers("UsePriorityCharging", ACCEPTED)
    path = f"/stations/{station.id}/priority-charging"

    async def allowed() -> float:
        ours = await rig.get(f"/stations/{station.id}/composite-schedule", evse=1, unit="A")
        return ours["periods"][0]["limit"]

    for activate, limit in ((True, 32.0), (False, 10.0)):
        result = await rig.post(path, {"transaction": name, "activate": activate})
        assert result["accepted"]
        asked = await station.expect("UsePriorityCharging")
        assert asked == {"transactionId": name, "activate": activate}
        notice = {"transactionId": name, "activated": activate}
        assert await station.call("NotifyPriorityCharging", notice) == {}  # K21.FR.09, K22.FR.06
        assert await allowed() == limit


@case("TC_K_121_CSMS")
async def test_a_dynamic_profile_is_pulled_and_pushed(rig: Rig) -> None:
    station = await obedient(rig, "2.1")
    station.answers("UpdateDynamicSchedule", ACCEPTED)
    one = profile(limit=16.0, kind="Dynamic", dyn_update_interval=60)
    number = (await put(rig, station, 1, one))["profile"]["id"]
    told = await sent(station)
    assert (told["chargingProfileKind"], told["dynUpdateInterval"]) == ("Dynamic", 60)
    path = f"/stations/{station.id}/charging-profiles/{number}/update"

    assert (await rig.post(f"{path}?push=false", {"limit": 8.1}))["accepted"]
    pulled = await station.call("PullDynamicScheduleUpdate", {"chargingProfileId": number})
    assert pulled == {"status": "Accepted", "scheduleUpdate": {"limit": 8.1}}  # K28.FR.07
    assert (await rig.post(path, {"limit": 12}))["accepted"]
    assert await station.expect("UpdateDynamicSchedule") == {
        "chargingProfileId": number,
        "scheduleUpdate": {"limit": 12.0},
    }
    (kept,) = await held(rig, station)
    assert kept["profile"]["schedules"][0]["periods"][0]["limit"] == 12.0

    unknown = await station.call("PullDynamicScheduleUpdate", {"chargingProfileId": 999})
    assert unknown["status"] == "Rejected"  # K28.FR.12
    assert unknown["statusInfo"]["reasonCode"] == "InvalidProfile"


async def test_only_a_dynamic_profile_can_be_updated(rig: Rig) -> None:
    station = await obedient(rig, "2.1")
    number = (await put(rig, station, 1, profile()))["profile"]["id"]
    path = f"/stations/{station.id}/charging-profiles"
    fixed = await rig.post(f"{path}/{number}/update", {"limit": 8})
    assert (fixed["result"], "Only a Dynamic" in fixed["description"]) == ("invalid", True)
    assert (await rig.post(f"{path}/99/update", {"limit": 8}))["result"] == "invalid"
    pulled = await station.call("PullDynamicScheduleUpdate", {"chargingProfileId": number})
    assert pulled["status"] == "Rejected"
