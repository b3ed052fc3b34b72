"""Stations that charge batteries and swap them (2.1, block S)."""

import pytest

from releve.simulator import ManualClock, Scenario, ScenarioError, battery_swap
from releve.simulator.tokens import Token

MODEL = "NL Swap 4"
ASKED = {"idToken": {"idToken": "ADA", "type": "Central"}, "requestId": 77}


def started(csms):
    return [e for e in csms.sent("TransactionEvent") if e["eventType"] == "Started"]


async def test_batteries_charge_in_transactions_of_nobody(csms, switch_on):
    station = await switch_on(csms, "2.1", model=MODEL)
    await station.delivered()
    assert [e["evse"]["id"] for e in started(csms)] == [1, 2, 3]  # the last slot is free
    first = started(csms)[0]
    assert first["triggerReason"] == "CablePluggedIn"  # S04.FR.03
    assert first["idToken"] == {"idToken": "", "type": "NoAuthorization"}
    assert station.evse(1).meter.flow.power_w > 0


async def test_their_token_may_be_set(csms, switch_on):
    station = await switch_on(csms, "2.1", model=MODEL, boot=False)
    station.station.behaviour.swap_token = "BATTERIES"
    await station.connect()
    await station.boot()
    await station.delivered()
    token = started(csms)[0]["idToken"]
    assert token == {"idToken": "BATTERIES", "type": "Central"}  # S04.FR.02


async def test_a_battery_is_swapped_for_the_csms(csms, switch_on, hurried):
    station = await switch_on(csms, "2.1", model=MODEL, clock=hurried)
    fullest = battery_swap.eligible(station.station)[0]
    serial = fullest.car.serial
    assert await csms.call("RequestBatterySwap", ASKED) == {"status": "Accepted"}
    await csms.wait_for("BatterySwap", 2)
    into, out = csms.sent("BatterySwap")
    assert (into["eventType"], out["eventType"]) == ("BatteryIn", "BatteryOut")
    assert into["requestId"] == out["requestId"] == 77  # S02.FR.02
    assert (into["batteryData"][0]["evseId"], out["batteryData"][0]["evseId"]) == (4, fullest.id)
    assert out["batteryData"][0]["serialNumber"] == serial
    assert out["batteryData"][0]["soC"] >= 80 > into["batteryData"][0]["soC"]
    await station.delivered()
    ended = [e for e in csms.sent("TransactionEvent") if e["eventType"] == "Ended"]
    assert ended[-1]["transactionInfo"]["stoppedReason"] == "EVDisconnected"  # S04.FR.07
    assert started(csms)[-1]["evse"]["id"] == 4
    assert not fullest.plugged


async def test_where_no_battery_is_charged_nothing_is_swapped(csms, switch_on):
    station = await switch_on(csms, "2.1", model=MODEL)
    for evse in list(station.station.evses.values())[:3]:
        evse.car.soc = 0.5
    refused = await csms.call("RequestBatterySwap", ASKED)
    assert refused["statusInfo"]["reasonCode"] == "NoBatteryAvailable"  # S02.FR.04
    await switch_on(csms, "2.1", identity="CP-2")
    assert (await csms.call("RequestBatterySwap", ASKED))["status"] == "Rejected"


async def test_a_battery_that_nobody_takes(csms, switch_on, hurried):
    station = await switch_on(csms, "2.1", model=MODEL, clock=hurried)
    await battery_swap.swap(station.station, Token("ADA"), 5, takes=False)
    assert csms.sent("BatterySwap")[-1]["eventType"] == "BatteryOutTimeout"  # S03.FR.06
    assert all(evse.plugged for evse in station.station.evses.values())


async def test_a_full_battery_is_charged_no_further(csms, switch_on):
    clock = ManualClock()
    station = await switch_on(csms, "2.1", model=MODEL, clock=clock)
    for _ in range(60):
        await clock.advance(60)
    await station.delivered()
    reached = [
        e for e in csms.sent("TransactionEvent") if e["triggerReason"] == "EnergyLimitReached"
    ]
    assert {e["transactionInfo"]["chargingState"] for e in reached} == {"SuspendedEVSE"}
    assert station.evse(1).car.soc == pytest.approx(0.95)
    assert station.evse(1).meter.flow.power_w == 0  # S04.FR.06


async def test_the_device_model_tells_of_the_batteries(csms, switch_on):
    station = await switch_on(csms, "2.1", model=MODEL)
    asked = [
        {"component": {"name": "BatteryCartridge", "evse": {"id": n}}, "variable": {"name": "SoC"}}
        for n in (1, 4)
    ]
    answer = await csms.call("GetVariables", {"getVariableData": asked})
    values = [each["attributeValue"] for each in answer["getVariableResult"]]
    assert values == [f"{station.evse(1).car.soc * 100:.0f}", "0"]


async def test_after_a_restart_each_battery_has_a_new_transaction(csms, switch_on, hurried):
    station = await switch_on(csms, "2.1", model=MODEL, clock=hurried)
    await station.delivered()
    await csms.call("Reset", {"type": "Immediate"})
    await csms.wait_for("BootNotification", 2)
    while len(started(csms)) < 6:  # S04.FR.11
        await station.wait_for("delivered")


def test_only_2_1_swaps_batteries():
    group = 'model = "NL Swap 4"\nversion = "2.0.1"\nidentity = "S-{n}"'
    with pytest.raises(ScenarioError, match="batteries are swapped"):
        Scenario.parse(f'name = "x"\n[[groups]]\n{group}\n')
