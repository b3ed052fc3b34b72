"""N11 to N15: 2.1's periodic event streams."""

from __future__ import annotations

from typing import Any

from tests.contract.certification.test_n_monitoring import STATION_POWER, path
from tests.support.rig import Rig, ScriptedStation, case, now


async def streaming(rig: Rig) -> ScriptedStation:
    """A station with a periodic monitor whose values come by a stream."""
    station = await rig.station("2.1")
    station.answers(
        "SetVariableMonitoring",
        lambda request: {
            "setMonitoringResult": [
                {
                    "id": 77,
                    "status": "Accepted",
                    **{
                        key: request["setMonitoringData"][0][key]
                        for key in ("type", "severity", "component", "variable")
                    },
                }
            ]
        },
    )
    watched = {"component": "EVSE", "evse": 1, "variable": "Power"}
    stream = {"interval_s": 10, "values": 5}
    one = {"watched": watched, "type": "Periodic", "value": 1, "severity": 8, "stream": stream}
    await rig.post(path(station), {"monitors": [one]})
    request = await station.expect("SetVariableMonitoring")
    asked = request["setMonitoringData"][0]["periodicEventStream"]
    assert asked == {"interval": 10, "values": 5}
    data = {"id": 3, "variableMonitoringId": 77, "params": {"interval": 10, "values": 5}}
    opened = {"constantStreamData": data}
    answer = await station.call("OpenPeriodicEventStream", opened)
    assert answer == {"status": "Accepted"}  # N11.FR.06
    return station


async def values(rig: Rig, station: ScriptedStation) -> list[str]:
    found = await rig.get(f"/stations/{station.id}/monitors/77/values")
    return [one["value"] for one in found["items"]]


@case("TC_N_105_CSMS")
async def test_values_come_by_a_stream_that_nobody_answers(rig: Rig) -> None:
    station = await streaming(rig)
    for batch in range(2):
        data = [{"t": n * 1.0, "v": str(batch * 10 + n)} for n in range(3)]
        basetime = f"2027-01-01T00:00:{batch}0Z"
        stream = {"id": 3, "pending": 0, "basetime": basetime, "data": data}
        await station.send("NotifyPeriodicEventStream", stream)

    async def look() -> list[str]:
        return await values(rig, station)

    seen = await rig.eventually(look, lambda found: len(found) == 6)
    assert seen == ["12", "11", "10", "2", "1", "0"]
    # N15.FR.03: what the values are of is the monitor's to say.
    variables = await rig.get(f"/stations/{station.id}/variables")
    assert {v["variable"]: v["value"] for v in variables["items"]}["Power"] == "12"
    assert await station.call("Heartbeat", {})  # N15.FR.02: nothing came in between
    assert await station.call("ClosePeriodicEventStream", {"id": 3}) == {}  # N13.FR.02
    assert (await rig.get(f"/stations/{station.id}/event-streams"))["items"] == []
    await station.send("NotifyPeriodicEventStream", stream)  # late: not kept, and no harm
    assert await station.call("Heartbeat", {})
    assert len(await values(rig, station)) == 6


@case("TC_N_107_CSMS")
async def test_open_streams_are_asked_for_and_adjusted(rig: Rig) -> None:
    station = await streaming(rig)
    base = f"/stations/{station.id}/event-streams"
    (known,) = (await rig.get(base))["items"]
    assert (known["id"], known["monitor"], known["interval_s"]) == (3, 77, 10)

    data = {"id": 4, "variableMonitoringId": 78, "params": {"values": 50}}
    station.answers("GetPeriodicEventStream", {"constantStreamData": [data]})
    told = await rig.post(f"{base}/refresh")
    assert [(one["id"], one["values"]) for one in told["streams"]] == [(4, 50)]

    station.answers("AdjustPeriodicEventStream", {"status": "Accepted"})
    result = await rig.post(f"{base}/4/adjust", {"interval_s": 60, "values": 100})
    assert result["accepted"]
    adjusted = {"id": 4, "params": {"interval": 60, "values": 100}}
    assert station.asked("AdjustPeriodicEventStream") == [adjusted]  # N14.FR.01
    (known,) = (await rig.get(base))["items"]
    assert (known["interval_s"], known["values"]) == (60, 100)


async def test_a_stream_that_falls_behind_is_seen(rig: Rig) -> None:
    station = await streaming(rig)
    for batch, pending in enumerate((5, 9)):
        stream = {
            "id": 3,
            "pending": pending,
            "basetime": now(),
            "data": [{"t": 0, "v": str(batch)}],
        }
        await station.send("NotifyPeriodicEventStream", stream)

    async def look() -> dict[str, Any]:
        return (await rig.get(f"/stations/{station.id}/event-streams"))["items"][0]

    seen = await rig.eventually(look, lambda one: one["pending"] == 9)
    assert seen["growing"]  # N15.FR.05


async def falling_behind(station: ScriptedStation, *pending: int) -> None:
    for batch, count in enumerate(pending):
        data = [{"t": 0, "v": str(batch)}]
        stream = {"id": 3, "pending": count, "basetime": now(), "data": data}
        await station.send("NotifyPeriodicEventStream", stream)


async def test_a_stream_that_keeps_falling_behind_is_made_wider(rig: Rig) -> None:
    """N15.FR.05: twice the values at a time, when more and more wait; not at the first sign."""
    station = await streaming(rig)
    station.answers("AdjustPeriodicEventStream", {"status": "Accepted"})
    await falling_behind(station, 5, 9, 12, 3, 8, 11)
    await station.boot()  # all that was sent before has been taken in
    assert station.asked("AdjustPeriodicEventStream") == []
    await falling_behind(station, 14)
    adjusted = await station.expect("AdjustPeriodicEventStream")
    assert adjusted == {"id": 3, "params": {"interval": 10, "values": 10}}

    async def look() -> dict[str, Any]:
        return (await rig.get(f"/stations/{station.id}/event-streams"))["items"][0]

    seen = await rig.eventually(look, lambda one: one["values"] == 10)
    assert not seen["growing"]


async def test_a_stream_without_a_number_of_values_is_sent_more_often(rig: Rig) -> None:
    station = await streaming(rig)
    station.answers("AdjustPeriodicEventStream", {"status": "Rejected"})
    params = {
        "constantStreamData": {"id": 3, "variableMonitoringId": 77, "params": {"interval": 9}}
    }
    await station.call("OpenPeriodicEventStream", params)
    await falling_behind(station, 5, 9, 12, 15)
    adjusted = await station.expect("AdjustPeriodicEventStream")
    assert adjusted == {"id": 3, "params": {"interval": 4}}
    await falling_behind(station, 16, 17)
    await station.boot()
    assert len(station.asked("AdjustPeriodicEventStream")) == 1, "refused: not again at once"


async def test_too_many_streams_are_refused(rig: Rig) -> None:
    station = await rig.station("2.1")
    answers = []
    for number in range(101):
        data = {"id": number, "variableMonitoringId": number, "params": {"interval": 5}}
        answers.append(await station.call("OpenPeriodicEventStream", {"constantStreamData": data}))
    assert [one["status"] for one in answers] == ["Accepted"] * 100 + ["Rejected"]  # N11.FR.05


async def test_a_stream_needs_an_interval_or_a_number_of_values(rig: Rig) -> None:
    station = await rig.station("2.1")
    one = {"watched": STATION_POWER, "type": "Periodic", "value": 1, "stream": {}}
    refused = await rig.post(path(station), {"monitors": [one]}, status=422)
    assert refused["errors"][0]["field"] == "stream"  # N11.FR.09
