"""DER controls: they begin and end by the clock, and one of them holds back what cars give (2.1, block R)."""

from datetime import timedelta

from releve.simulator import ManualClock
from tests.unit.simulator.test_v2x import charging, period, profile, put


def limit(clock, name, percent, *, after_s=None, duration=None, priority=1, default=False):
    setting = {"priority": priority, "pctMaxDischargePower": percent}
    if after_s is not None:
        setting["startTime"] = f"{clock.now() + timedelta(seconds=after_s):%Y-%m-%dT%H:%M:%SZ}"
    if duration is not None:
        setting["duration"] = duration
    return {
        "controlId": name,
        "controlType": "LimitMaxDischarge",
        "isDefault": default,
        "limitMaxDischarge": setting,
    }


async def discharging(csms, switch_on, clock):
    station = await charging(csms, switch_on, clock)
    await put(csms, station, profile(period("CentralSetpoint", setpoint=-10_000)))
    assert station.evse().meter.flow.power_w == -10_000
    return station


async def test_a_scheduled_control_begins_and_ends_and_is_felt(csms, switch_on):
    clock = ManualClock()
    station = await discharging(csms, switch_on, clock)
    wanted = limit(clock, "L1", 50, after_s=10, duration=20)
    assert await csms.call("SetDERControl", wanted) == {"status": "Accepted"}
    assert station.evse().meter.flow.power_w == -10_000  # not yet
    await clock.advance(12)
    told = await csms.wait_for("NotifyDERStartStop")
    assert (told["controlId"], told["started"]) == ("L1", True)  # R04.FR.20
    assert station.evse().meter.flow.power_w == -5500
    alarm = await csms.wait_for("NotifyDERAlarm")
    assert alarm["controlType"] == "LimitMaxDischarge"  # R05.FR.01
    assert "alarmEnded" not in alarm
    await clock.advance(25)
    told = await csms.wait_for("NotifyDERStartStop", 2)
    assert told["started"] is False  # R04.FR.22
    assert station.evse().meter.flow.power_w == -10_000
    assert (await csms.wait_for("NotifyDERAlarm", 2))["alarmEnded"] is True  # R05.FR.02
    gone = await csms.call("GetDERControl", {"requestId": 3})
    assert gone == {"status": "NotFound"}  # R04.FR.10


async def test_a_default_control_counts_where_no_other_runs(csms, switch_on):
    clock = ManualClock()
    station = await discharging(csms, switch_on, clock)
    await csms.call("SetDERControl", limit(clock, "D", 20, default=True))
    assert station.evse().meter.flow.power_w == -2200  # R04.FR.11
    await csms.call("SetDERControl", limit(clock, "S", 60, after_s=-1, duration=10))
    assert station.evse().meter.flow.power_w == -6600
    await clock.advance(12)
    assert station.evse().meter.flow.power_w == -2200
    starts = [told["controlId"] for told in csms.sent("NotifyDERStartStop")]
    assert set(starts) == {"S"}  # defaults are not told of
    cleared = await csms.call("ClearDERControl", {"isDefault": True})
    assert cleared == {"status": "Accepted"}
    assert station.evse().meter.flow.power_w == -10_000


async def test_what_begins_supersedes_what_runs_with_a_higher_number(csms, switch_on):
    clock = ManualClock()
    station = await discharging(csms, switch_on, clock)
    await csms.call("SetDERControl", limit(clock, "A", 60, after_s=-1, duration=600, priority=5))
    await csms.wait_for("NotifyDERStartStop")
    later = limit(clock, "B", 30, after_s=5, duration=600, priority=1)
    answer = await csms.call("SetDERControl", later)
    assert answer == {"status": "Accepted"}
    assert station.evse().meter.flow.power_w == -6600  # R04.FR.07
    await clock.advance(7)
    begun = await csms.wait_for("NotifyDERStartStop", 2)
    assert (begun["controlId"], begun["supersededIds"]) == ("B", ["A"])  # R04.FR.21
    assert station.evse().meter.flow.power_w == -3300


async def test_a_control_that_nobody_feels_raises_no_alarm(csms, switch_on):
    clock = ManualClock()
    station = await charging(csms, switch_on, clock)
    await csms.call("SetDERControl", limit(clock, "D", 10, default=True))
    await clock.advance(5)
    assert csms.sent("NotifyDERAlarm") == []
    asked = {
        "component": {"name": "DCDERCtrlr", "evse": {"id": 1}},
        "variable": {"name": "MaxW"},
    }
    answer = await csms.call("GetVariables", {"getVariableData": [asked]})
    assert answer["getVariableResult"][0]["attributeValue"] == "11000"
    assert station.evse().meter.flow.power_w > 0
