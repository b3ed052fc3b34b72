"""Monitors of 2.x stations: set, cleared and told of as the standard has it, and events when they fire (block N)."""

import asyncio
from itertools import pairwise

import pytest

from releve.simulator import CAR_MODELS, Car, ManualClock
from releve.simulator.monitors import Kind, Monitor, MonitorBook, Origin, Stream
from releve.simulator.place import Place
from tests.unit.simulator.conftest import V2

POWER = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Power"}}
STATE = {
    "component": {"name": "EVSE", "evse": {"id": 1}},
    "variable": {"name": "AvailabilityState"},
}
WARMTH = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "Temperature"}}


def monitor(kind, value, severity=5, of=POWER, **more):
    return {"type": kind, "value": value, "severity": severity, **of, **more}


async def put(csms, *wanted):
    answer = await csms.call("SetVariableMonitoring", {"setMonitoringData": list(wanted)})
    return answer["setMonitoringResult"]


async def events(csms, clock, seconds):
    before = len(csms.sent("NotifyEvent"))
    await clock.advance(seconds)
    for _ in range(20):
        await asyncio.sleep(0)
    await clock.advance(0)
    found = csms.sent("NotifyEvent")[before:]
    return [event for request in found for event in request["eventData"]]


async def until(csms, clock, true, seconds=30):
    """Advance until an event is there for which `true`; all events so far."""
    for _ in range(seconds):
        await clock.advance(1)
        await asyncio.sleep(0.005)
        told = [e for request in csms.sent("NotifyEvent") for e in request["eventData"]]
        if any(true(event) for event in told):
            return told
    raise AssertionError(f"no such event among {told}")


@pytest.mark.parametrize("version", V2)
async def test_a_threshold_alerts_beyond_it_and_tells_when_it_is_over(csms, switch_on, version):
    clock = ManualClock()
    station = await switch_on(csms, version, clock=clock)
    (result,) = await put(csms, monitor("UpperThreshold", 5000))
    assert result["status"] == "Accepted"
    await station.start()  # 11 kW
    told = await until(csms, clock, lambda e: e["variableMonitoringId"] == result["id"])
    (event,) = told
    assert (event["trigger"], float(event["actualValue"])) == ("Alerting", 11_040)
    assert event["eventNotificationType"] == "CustomMonitor"
    assert ("severity" in event) is (version == "2.1")
    assert event["component"]["evse"] == {"id": 1}
    await clock.advance(5)  # still beyond: nothing new
    station.unplug()
    told = await until(csms, clock, lambda e: e.get("cleared", False))
    assert [e.get("cleared", False) for e in told] == [False, True]
    assert len({e["eventId"] for e in told}) == 2


@pytest.mark.parametrize("version", V2)
async def test_a_delta_of_words_and_of_numbers(csms, switch_on, version):
    clock = ManualClock()
    station = await switch_on(csms, version, clock=clock)
    words, numbers = await put(csms, monitor("Delta", 1, of=STATE), monitor("Delta", 2000, 6))
    assert [words["status"], numbers["status"]] == ["Accepted", "Accepted"]
    station.plug_in()
    told = await until(csms, clock, lambda e: e["variableMonitoringId"] == words["id"])
    assert [(e["trigger"], e["actualValue"]) for e in told] == [("Delta", "Occupied")]
    await station.present_token()
    told = await until(csms, clock, lambda e: e["variableMonitoringId"] == numbers["id"])
    assert float(told[-1]["actualValue"]) == 11_040
    before = len(told)
    await clock.advance(10)
    assert len([e for r in csms.sent("NotifyEvent") for e in r["eventData"]]) == before


@pytest.mark.parametrize("version", V2)
async def test_periodic_monitors_tell_by_the_clock_or_from_when_they_were_set(
    csms, switch_on, version
):
    clock = ManualClock()
    station = await switch_on(csms, version, clock=clock)
    await clock.advance(7)
    plain, aligned = await put(
        csms, monitor("Periodic", 20), monitor("PeriodicClockAligned", 60, of=WARMTH)
    )
    start = station.station.now()
    at = {plain["id"]: [], aligned["id"]: []}
    for _ in range(130):
        await clock.advance(1)
        await asyncio.sleep(0.001)
    for request in csms.sent("NotifyEvent"):
        for event in request["eventData"]:
            assert event["trigger"] == "Periodic"
            at[event["variableMonitoringId"]].append(event["timestamp"][14:19])
    assert start.second == 7
    assert at[aligned["id"]] == ["01:00", "02:00"]
    assert at[plain["id"]][:3] == ["00:27", "00:47", "01:07"]


@pytest.mark.parametrize("version", V2)
async def test_what_cannot_be_monitored_is_refused_for_the_right_reason(csms, switch_on, version):
    await switch_on(csms, version)
    nowhere = {"component": {"name": "Nothing"}, "variable": {"name": "Power"}}
    unknown = {**POWER, "variable": {"name": "Nothing"}}
    first, *_ = await put(csms, monitor("UpperThreshold", 5000))
    results = await put(
        csms,
        monitor("UpperThreshold", 1, of=nowhere),
        monitor("UpperThreshold", 1, of=unknown),
        monitor("UpperThreshold", 1, of=STATE),  # not a number
        monitor("UpperThreshold", 10_000_000),  # beyond maxLimit
        monitor("UpperThreshold", 6000),  # same type and severity
        monitor("Delta", -1),
        monitor("LowerThreshold", 5, id=4711),
        monitor("LowerThreshold", 5, of=WARMTH, id=first["id"]),
        monitor("UpperThreshold", 90, of=WARMTH, id=1),
        monitor("UpperThreshold", 7000, id=first["id"]),  # replaces
    )
    assert [each["status"] for each in results] == [
        "UnknownComponent",  # N04.FR.03
        "UnknownVariable",  # N04.FR.04
        "UnsupportedMonitorType",  # N04.FR.05
        "Rejected",  # N04.FR.06
        "Duplicate",  # N04.FR.10
        "Rejected",  # N04.FR.14
        "Rejected",  # N04.FR.13
        "Rejected",  # N04.FR.16
        "Rejected",  # N04.FR.18
        "Accepted",  # N04.FR.12
    ]
    assert results[-1]["id"] == first["id"]
    if version == "2.1":
        (target,) = await put(csms, monitor("TargetDelta", 1))
        assert target["status"] == "UnsupportedMonitorType"


@pytest.mark.parametrize("version", V2)
async def test_the_report_tells_all_or_what_is_asked_for(csms, switch_on, version):
    await switch_on(csms, version)
    await put(csms, monitor("Delta", 100), monitor("Periodic", 60, of=STATE))

    async def told(**asked):
        before = len(csms.sent("NotifyMonitoringReport"))
        request = {"requestId": 9, **asked}
        answer = await csms.call("GetMonitoringReport", request)
        assert answer == {"status": "Accepted"}
        report = await csms.wait_for("NotifyMonitoringReport", before + 1)
        assert (report["requestId"], report["seqNo"], report.get("tbc", False)) == (9, 0, False)
        return [
            (data["variable"]["name"], one["type"])
            for data in report["monitor"]
            for one in data["variableMonitoring"]
        ]

    everything = await told()
    assert len(everything) == 2 * 2 + 2  # two from the factory for each EVSE
    assert await told(monitoringCriteria=["DeltaMonitoring"]) == [("Power", "Delta")]
    periodic = await told(monitoringCriteria=["PeriodicMonitoring"])
    assert periodic == [("AvailabilityState", "Periodic")]
    one = {"component": {"name": "evse", "evse": {"id": 2}}}
    assert {name for name, _ in await told(componentVariable=[one])} == {"Temperature"}
    nothing = {"requestId": 9, "componentVariable": [{"component": {"name": "Nothing"}}]}
    assert await csms.call("GetMonitoringReport", nothing) == {"status": "EmptyResultSet"}
    if version == "2.1":
        report = csms.sent("NotifyMonitoringReport")[0]
        kinds = {
            m["eventNotificationType"] for d in report["monitor"] for m in d["variableMonitoring"]
        }
        assert kinds == {"HardWiredMonitor", "PreconfiguredMonitor", "CustomMonitor"}


@pytest.mark.parametrize("version", V2)
async def test_base_level_and_clearing(csms, switch_on, version):
    station = await switch_on(csms, version)
    (own,) = await put(csms, monitor("UpperThreshold", 5000))
    answer = await csms.call("ClearVariableMonitoring", {"id": [own["id"], 999, 1]})
    statuses = [each["status"] for each in answer["clearMonitoringResult"]]
    assert statuses == ["Accepted", "NotFound", "Rejected"]
    assert await csms.call("SetMonitoringLevel", {"severity": 10}) == {"status": "Rejected"}
    assert await csms.call("SetMonitoringLevel", {"severity": 3}) == {"status": "Accepted"}
    hard = {"monitoringBase": "HardWiredOnly"}
    assert await csms.call("SetMonitoringBase", hard) == {"status": "Accepted"}
    assert {each.origin for each in station.station.monitors} == {Origin.HARD_WIRED}
    for name, value in (("ActiveMonitoringBase", "HardWiredOnly"), ("ActiveMonitoringLevel", "3")):
        asked = {"component": {"name": "MonitoringCtrlr"}, "variable": {"name": name}}
        answer = await csms.call("GetVariables", {"getVariableData": [asked]})
        assert answer["getVariableResult"][0]["attributeValue"] == value


async def test_events_less_severe_than_the_level_are_not_told(csms, switch_on):
    clock = ManualClock()
    station = await switch_on(csms, "2.1", clock=clock)
    await csms.call("SetMonitoringLevel", {"severity": 4})
    mild, grave = await put(
        csms, monitor("UpperThreshold", 5000, 5), monitor("UpperThreshold", 6000, 4)
    )
    await station.start()
    told = await until(csms, clock, lambda e: e["variableMonitoringId"] == grave["id"])
    assert mild["id"] not in {e["variableMonitoringId"] for e in told}


async def test_a_monitor_of_transactions_rests_outside_them(csms, switch_on):
    clock = ManualClock()
    station = await switch_on(csms, "2.1", clock=clock)
    (result,) = await put(csms, monitor("LowerThreshold", 1000, transaction=True))
    assert await events(csms, clock, 5) == []  # no power, but no transaction either
    await station.start()
    station.evse().car.asleep = True
    station.station.settle()
    told = await until(csms, clock, lambda e: e["variableMonitoringId"] == result["id"])
    assert told[-1]["transactionId"] == station.evse().transaction.key


async def test_only_grave_events_wait_for_the_line(csms, switch_on):
    clock = ManualClock()
    station = await switch_on(csms, "2.1", clock=clock)
    grave, mild = await put(
        csms, monitor("UpperThreshold", 5000, 4), monitor("UpperThreshold", 6000, 6)
    )
    await station.start()
    station.evse().car.asleep = True
    station.station.settle()
    await station.delivered()
    await station.go_offline()
    station.evse().car.asleep = False
    station.station.settle()
    await clock.advance(3)
    assert csms.sent("NotifyEvent") == []
    await station.come_back()
    await station.delivered()
    told = [e for request in csms.sent("NotifyEvent") for e in request["eventData"]]
    assert [e["variableMonitoringId"] for e in told] == [grave["id"]]  # N07.FR.04
    assert mild["status"] == "Accepted"


async def test_warmth_follows_the_load_and_warns(csms, switch_on):
    clock = ManualClock()
    station = await switch_on(csms, "2.1", model="Citrea Rapid 60", clock=clock)
    await station.start(car=Car(CAR_MODELS["limousine"], 0.05, 0.5))
    assert station.evse().temperature_c == pytest.approx(18, abs=1)
    await clock.advance(1500)
    assert station.evse().temperature_c > 55
    warning = await csms.wait_for("NotifyEvent")
    (event,) = warning["eventData"]
    assert (event["variable"]["name"], event["eventNotificationType"]) == (
        "Temperature",
        "PreconfiguredMonitor",
    )
    station.unplug()
    await clock.advance(1500)
    over = await csms.wait_for("NotifyEvent", 2)
    assert over["eventData"][0]["cleared"] is True
    assert station.evse().temperature_c < 30


async def test_nothing_is_told_while_monitoring_is_off(csms, switch_on):
    clock = ManualClock()
    station = await switch_on(csms, "2.1", clock=clock)
    await put(csms, monitor("Periodic", 2))
    off = {
        "component": {"name": "MonitoringCtrlr"},
        "variable": {"name": "Enabled"},
        "attributeValue": "false",
    }
    await csms.call("SetVariables", {"setVariableData": [off]})
    assert await events(csms, clock, 10) == []
    assert station.station.behaviour.monitoring_enabled is False


# --- streams ----------------------------------------------------------------------------------------------------


async def test_values_of_a_monitor_are_streamed(csms, switch_on):
    clock = ManualClock()
    csms.replies["OpenPeriodicEventStream"] = lambda _: {"status": "Accepted"}
    station = await switch_on(csms, "2.1", clock=clock)
    (result,) = await put(csms, monitor("Periodic", 2, periodicEventStream={"interval": 10}))
    opened = (await csms.wait_for("OpenPeriodicEventStream"))["constantStreamData"]
    assert (opened["variableMonitoringId"], opened["params"]) == (result["id"], {"interval": 10})
    await station.wait_for("stream")
    held = await csms.call("GetPeriodicEventStream", {})
    assert held == {"constantStreamData": [opened]}
    for _ in range(24):
        await clock.advance(1)
        await asyncio.sleep(0.002)
    action, first = (await csms.wait_for_sends(2))[0]
    assert (action, first["id"], first["pending"]) == (
        "NotifyPeriodicEventStream",
        opened["id"],
        0,
    )
    offsets = [each["t"] for each in first["data"]]
    assert offsets[0] == 0  # N15.FR.09
    assert [b - a for a, b in pairwise(offsets)] == [2] * (len(offsets) - 1)
    assert csms.sent("NotifyEvent") == []

    adjusted = {"id": opened["id"], "params": {"values": 3}}
    assert await csms.call("AdjustPeriodicEventStream", adjusted) == {"status": "Accepted"}
    before = len(csms.sends)
    for _ in range(9):
        await clock.advance(1)
        await asyncio.sleep(0.002)
    later = (await csms.wait_for_sends(before + 1))[before][1]
    assert len(later["data"]) == 3  # N15.FR.08
    unknown = await csms.call("AdjustPeriodicEventStream", {**adjusted, "id": 99})
    assert unknown["status"] == "Rejected"  # N14.FR.02

    await csms.call("ClearVariableMonitoring", {"id": [result["id"]]})
    closed = await csms.wait_for("ClosePeriodicEventStream")
    assert closed == {"id": opened["id"]}  # N13.FR.05
    assert await csms.call("GetPeriodicEventStream", {}) == {}


async def test_a_refused_stream_leaves_events(csms, switch_on):
    clock = ManualClock()
    csms.replies["OpenPeriodicEventStream"] = lambda _: {"status": "Rejected"}
    station = await switch_on(csms, "2.1", clock=clock)
    await put(csms, monitor("Periodic", 2, periodicEventStream={"values": 5}))
    await station.wait_for("stream")
    told = await until(csms, clock, lambda e: e["trigger"] == "Periodic")
    assert told  # N11.FR.07
    assert csms.sends == []


async def test_a_monitor_set_again_without_stream_closes_it_with_what_is_left(csms, switch_on):
    clock = ManualClock()
    csms.replies["OpenPeriodicEventStream"] = lambda _: {"status": "Accepted"}
    station = await switch_on(csms, "2.1", clock=clock)
    (result,) = await put(csms, monitor("Periodic", 1, periodicEventStream={"interval": 60}))
    await station.wait_for("stream")
    for _ in range(4):
        await clock.advance(1)
    await put(csms, monitor("Periodic", 1, id=result["id"]))
    await csms.wait_for("ClosePeriodicEventStream")
    ((_, rest),) = csms.sends  # N13.FR.03, N13.FR.06
    assert len(rest["data"]) >= 3


def test_a_stream_tells_how_much_is_left():
    stream = Stream(1, 1, interval_s=5, values=2)
    for number in range(5):
        stream.put(None, str(number))
    assert stream.due(0.0)
    assert [value for _, value in stream.take()] == ["0", "1"]
    assert len(stream.buffer) == 3


# --- the book ---------------------------------------------------------------------------------------------------


def test_sets_of_monitors():
    book = MonitorBook([1])
    hard, pre = list(book)
    own = Monitor(0, Place("EVSE", "Power", evse=1), Kind.UPPER, 1.0, 5)
    changed = Monitor(pre.id, pre.place, Kind.UPPER, 60.0, 6)
    assert book.set(own)[0] == "Accepted"
    assert book.set(changed)[0] == "Accepted"  # N04.FR.15
    assert [each.origin for each in book] == [Origin.HARD_WIRED, Origin.CUSTOM, Origin.CUSTOM]
    book.rebase("All")
    assert [each.value for each in book if each.id == pre.id] == [60.0]  # N03.FR.03
    book.rebase("FactoryDefault")
    assert [(each.id, each.value) for each in book] == [(hard.id, 80.0), (pre.id, 55.0)]
    assert book.clear(pre.id) == "Accepted"
    assert [each.id for each in book] == [hard.id]
    book.rebase("HardWiredOnly")
    book.rebase("All")
    assert [each.id for each in book] == [hard.id, pre.id]


def test_a_threshold_is_crossed_beyond_it_not_on_it():
    upper = Monitor(1, Place("A", "b"), Kind.UPPER, 5.0, 5)
    lower = Monitor(2, Place("A", "b"), Kind.LOWER, 5.0, 5)

    def fires(which, value):
        return which.fires(str(value), numeric=True, now_s=0, day_s=0)

    assert [fires(upper, v) for v in (5, 5.1, 9, 5, 4)] == [None, True, None, False, None]
    assert [fires(lower, v) for v in (5, 4.9, 1, 5, 6)] == [None, True, None, False, None]
