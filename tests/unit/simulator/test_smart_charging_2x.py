"""2.x stations: dynamic profiles, priority charging, local generation, and a car that tells its needs."""

import pytest

from releve.simulator.car import CAR_MODELS, Car
from tests.unit.simulator.conftest import V2
from tests.unit.simulator.test_calls_2x import profile

PLANNER = CAR_MODELS["planner"]


def dynamic(limit, **more):
    one = profile(limit, chargingProfileKind="Dynamic", **more)
    del one["chargingSchedule"][0]["startSchedule"]
    return one


async def test_a_dynamic_profile_is_updated_at_once(csms, switch_on):
    station = await switch_on(csms, V2[1])
    await station.start()
    wanted = {"evseId": 1, "chargingProfile": dynamic(8)}
    assert await csms.call("SetChargingProfile", wanted) == {"status": "Accepted"}
    assert station.evse().meter.flow.current_a == 8
    update = {"chargingProfileId": 1, "scheduleUpdate": {"limit": 7}}
    assert await csms.call("UpdateDynamicSchedule", update) == {"status": "Accepted"}
    assert station.evse().meter.flow.current_a == 7
    update["chargingProfileId"] = 9
    answer = await csms.call("UpdateDynamicSchedule", update)
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "InvalidProfile")


async def test_priority_charging_is_told_when_it_begins_and_ends(csms, switch_on):
    station = await switch_on(csms, V2[1])
    transaction = await station.start()
    use = {"transactionId": transaction.key, "activate": True}
    assert await csms.call("UsePriorityCharging", use) == {"status": "NoProfile"}  # K21.FR.01
    await csms.call("SetChargingProfile", {"evseId": 1, "chargingProfile": profile(8)})
    fast = profile(14, "PriorityCharging", id=2)
    assert await csms.call("SetChargingProfile", {"evseId": 0, "chargingProfile": fast}) == {
        "status": "Accepted"
    }
    assert station.evse().meter.flow.current_a == 8
    assert await csms.call("UsePriorityCharging", use) == {"status": "Accepted"}
    notice = await csms.wait_for("NotifyPriorityCharging")
    assert notice == {"transactionId": transaction.key, "activated": True}
    assert station.evse().meter.flow.current_a == 14
    await csms.call("UsePriorityCharging", {**use, "activate": False})
    assert (await csms.wait_for("NotifyPriorityCharging", 2))["activated"] is False
    assert station.evse().meter.flow.current_a == 8
    unknown = await csms.call("UsePriorityCharging", {**use, "transactionId": "nope"})
    assert unknown["status"] == "Rejected"  # K21.FR.02


async def test_local_generation_comes_on_top(csms, switch_on):
    station = await switch_on(csms, V2[1])
    await station.start()
    await csms.call("SetChargingProfile", {"evseId": 1, "chargingProfile": profile(8)})
    sun = profile(3, "LocalGeneration", id=2)
    await csms.call("SetChargingProfile", {"evseId": 0, "chargingProfile": sun})
    assert station.evse().meter.flow.current_a == 11
    cleared = await csms.call("ClearChargingProfile", {"chargingProfileId": 2})
    assert cleared == {"status": "Unknown"}  # K10.FR.09
    (period,) = sun["chargingSchedule"][0]["chargingSchedulePeriod"]
    period["numberPhases"] = 1  # on one phase of the three that are in use: a third on each
    await csms.call("SetChargingProfile", {"evseId": 0, "chargingProfile": sun})
    assert station.evse().meter.flow.current_a == 9


@pytest.mark.parametrize("version", V2)
async def test_a_car_tells_its_needs_and_keeps_to_its_schedule(csms, switch_on, version):
    csms.replies["NotifyEVChargingNeeds"] = lambda _: {"status": "Accepted"}
    csms.replies["NotifyEVChargingSchedule"] = lambda _: {"status": "Accepted"}
    station = await switch_on(csms, version)
    station.plug_in(1, Car(PLANNER, 0.2, 0.9))
    transaction = await station.start()
    needs = await csms.wait_for("NotifyEVChargingNeeds")
    assert needs["evseId"] == 1
    energy = needs["chargingNeeds"]["acChargingParameters"]["energyAmount"]
    assert 57_000 < energy <= 57_400  # a little has been charged by then
    plan = profile(9, "TxProfile", id=4, transactionId=transaction.key)
    await csms.call("SetChargingProfile", {"evseId": 1, "chargingProfile": plan})
    own = await csms.wait_for("NotifyEVChargingSchedule")
    assert own["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"] == 9
    assert ("selectedChargingScheduleId" in own) is (version == V2[1])
