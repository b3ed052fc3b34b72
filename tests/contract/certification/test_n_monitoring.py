"""N02 to N08: monitors and events (2.0.1 part 6, 3.15)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.rig import VERSIONS, Rig, ScriptedStation, case, now

BOTH = pytest.mark.parametrize("version", VERSIONS)
STATION_POWER = {"component": "ChargingStation", "variable": "Power"}
STATION_STATE = {"component": "ChargingStation", "variable": "AvailabilityState"}
EVSE_STATE = {"component": "EVSE", "evse": 1, "variable": "AvailabilityState"}


def on_wire(watched: dict[str, Any]) -> dict[str, Any]:
    """A watched variable as it is written."""
    component: dict[str, Any] = {"name": watched["component"]}
    if "evse" in watched:
        component["evse"] = {"id": watched["evse"]}
    return {"component": component, "variable": {"name": watched["variable"]}}


def monitoring(version: str, number: int, kind: str, watched: dict[str, Any]) -> dict[str, Any]:
    """A monitor as a report names it."""
    one = {"id": number, "transaction": False, "value": 1.0, "type": kind, "severity": 8}
    if version == "2.1":
        one["eventNotificationType"] = "PreconfiguredMonitor"
    return {**on_wire(watched), "variableMonitoring": [one]}


def path(station: ScriptedStation, more: str = "") -> str:
    return f"/stations/{station.id}/monitors{more}"


async def report(
    rig: Rig, station: ScriptedStation, status: str, **wanted: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A report that was asked for: the request, and the operation."""
    station.answers("GetMonitoringReport", {"status": status})
    operation = await rig.post(path(station, "/report"), wanted)
    return await station.expect("GetMonitoringReport"), operation


async def told(station: ScriptedStation, request_id: int, *monitors: dict[str, Any]) -> None:
    """NotifyMonitoringReport, one monitor a part, the parts in the wrong order."""
    last = len(monitors) - 1
    for number in reversed(range(len(monitors))):
        part = {
            "requestId": request_id,
            "seqNo": number,
            "tbc": number != last,
            "generatedAt": now(),
            "monitor": [monitors[number]],
        }
        assert await station.call("NotifyMonitoringReport", part) == {}


async def shown(rig: Rig, station: ScriptedStation) -> list[tuple[str, str]]:
    found = await rig.get(path(station))
    return [(one["about"], one["type"]) for one in found["items"]]


@BOTH
@case("TC_N_01_CSMS", "TC_N_02_CSMS", "TC_N_03_CSMS", "TC_N_60_CSMS")
@pytest.mark.parametrize(
    ("nothing", "something"),
    [
        ({"criteria": ["DeltaMonitoring"]}, {"criteria": ["ThresholdMonitoring"]}),
        ({"variables": [STATION_POWER]}, {"variables": [EVSE_STATE]}),
        (
            {"criteria": ["DeltaMonitoring"], "variables": [EVSE_STATE]},
            {"criteria": ["ThresholdMonitoring"], "variables": [STATION_POWER]},
        ),
        (
            {"criteria": ["ThresholdMonitoring"], "variables": [STATION_STATE, EVSE_STATE]},
            {"criteria": ["DeltaMonitoring"], "variables": [STATION_STATE, EVSE_STATE]},
        ),
    ],
)
async def test_a_report_of_some_monitors(
    rig: Rig, version: str, nothing: dict[str, Any], something: dict[str, Any]
) -> None:
    station = await rig.station(version)
    request, operation = await report(rig, station, "EmptyResultSet", **nothing)
    assert request.get("monitoringCriteria", []) == nothing.get("criteria", [])
    wanted = [on_wire(one) for one in nothing.get("variables", [])]
    assert request.get("componentVariable", []) == wanted
    assert (operation["state"], operation["status"]) == ("done", "EmptyResultSet")
    assert await shown(rig, station) == []

    request, operation = await report(rig, station, "Accepted", **something)
    assert request.get("monitoringCriteria", []) == something.get("criteria", [])
    watched = something.get("variables") or [STATION_POWER]
    kind = "Delta" if "Delta" in str(something) else "UpperThreshold"
    monitors = [monitoring(version, n, kind, one) for n, one in enumerate(watched, 1)]
    await told(station, request["requestId"], *monitors)
    assert (await rig.ended(operation))["state"] == "done"
    assert [about for about, _ in await shown(rig, station)] == [
        f"{one['component']}{' 1' if 'evse' in one else ''} / {one['variable']}" for one in watched
    ]


@BOTH
@case("TC_N_47_CSMS")
async def test_a_report_of_all_monitors(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    request, operation = await report(rig, station, "Accepted")
    assert "monitoringCriteria" not in request
    assert "componentVariable" not in request
    first = monitoring(version, 1, "Delta", STATION_STATE)
    second = monitoring(version, 2, "UpperThreshold", STATION_POWER)
    await told(station, request["requestId"], first, second)
    assert (await rig.ended(operation))["parts"] == 2
    assert len(await shown(rig, station)) == 2

    # What the next report of all does not name is gone.
    request, operation = await report(rig, station, "Accepted")
    await told(station, request["requestId"], first)
    await rig.ended(operation)
    assert await shown(rig, station) == [("ChargingStation / AvailabilityState", "Delta")]


@BOTH
@case("TC_N_05_CSMS")
async def test_the_three_bases(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    station.answers("SetMonitoringBase", {"status": "Accepted"})
    bases = ["All", "FactoryDefault", "HardWiredOnly"]
    for base in bases:
        result = await rig.post(path(station, "/base"), {"base": base})
        assert result["accepted"]
    assert [one["monitoringBase"] for one in station.asked("SetMonitoringBase")] == bases


@BOTH
@case("TC_N_08_CSMS", "TC_N_09_CSMS")
@pytest.mark.parametrize("watched", [[EVSE_STATE], [EVSE_STATE, STATION_STATE]])
async def test_monitors_are_set(rig: Rig, version: str, watched: list[dict[str, Any]]) -> None:
    station = await rig.station(version)

    def accept(request: dict[str, Any]) -> dict[str, Any]:
        return {
            "setMonitoringResult": [
                {
                    "id": number,
                    "status": "Accepted",
                    **{key: one[key] for key in ("type", "severity", "component", "variable")},
                }
                for number, one in enumerate(request["setMonitoringData"], 7)
            ]
        }

    station.answers("SetVariableMonitoring", accept)
    monitors = [{"watched": one, "type": "Delta", "value": 1, "severity": 8} for one in watched]
    result = await rig.post(path(station), {"monitors": monitors})
    assert (result["accepted"], [m["id"] for m in result["monitors"]]) == (
        True,
        list(range(7, 7 + len(watched))),
    )
    (request,) = station.asked("SetVariableMonitoring")
    assert request["setMonitoringData"] == [
        {**on_wire(one), "type": "Delta", "value": 1.0, "severity": 8} for one in watched
    ]
    assert len(await shown(rig, station)) == len(watched)


@BOTH
@case("TC_N_16_CSMS", "TC_N_17_CSMS")
@pytest.mark.parametrize("word", ["Accepted", "Rejected"])
async def test_the_level(rig: Rig, version: str, word: str) -> None:
    station = await rig.station(version)
    station.answers("SetMonitoringLevel", {"status": word})
    result = await rig.post(path(station, "/level"), {"severity": 4})
    assert (result["status"], result["accepted"]) == (word, word == "Accepted")
    assert station.asked("SetMonitoringLevel") == [{"severity": 4}]


@BOTH
@case("TC_N_18_CSMS")
async def test_no_more_ids_in_one_message_than_the_station_takes(rig: Rig, version: str) -> None:
    station = await rig.station(version)

    def limits(request: dict[str, Any]) -> dict[str, Any]:
        values = {"ItemsPerMessage": "3", "BytesPerMessage": "4000"}
        return {
            "getVariableResult": [
                {
                    "attributeStatus": "Accepted",
                    "attributeValue": values[one["variable"]["name"]],
                    "component": one["component"],
                    "variable": one["variable"],
                }
                for one in request["getVariableData"]
            ]
        }

    station.answers("GetVariables", limits)
    station.answers(
        "ClearVariableMonitoring",
        lambda request: {
            "clearMonitoringResult": [{"id": n, "status": "Accepted"} for n in request["id"]]
        },
    )
    result = await rig.post(path(station, "/clear"), {"ids": list(range(1, 8))})
    sent = [request["id"] for request in station.asked("ClearVariableMonitoring")]
    assert sent == [[1, 2, 3], [4, 5, 6], [7]]  # N06.FR.04
    assert (result["accepted"], len(result["monitors"])) == (True, 7)


@BOTH
@case("TC_N_44_CSMS")
async def test_a_monitor_that_cannot_be_cleared(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    refused = {"clearMonitoringResult": [{"id": 1, "status": "Rejected"}]}
    station.answers("ClearVariableMonitoring", refused)
    result = await rig.post(path(station, "/clear"), {"ids": [1]})
    assert (result["accepted"], result["monitors"][0]["status"]) == (False, "Rejected")


# --- events ---------------------------------------------------------------------------------------------------------


async def event(station: ScriptedStation, number: int, **more: Any) -> None:
    """NotifyEvent with one event; its answer is empty (N07.FR.03, N08.FR.02)."""
    data = {
        "eventId": number,
        "timestamp": now(),
        "trigger": "Alerting",
        "actualValue": "true",
        "eventNotificationType": "HardWiredMonitor",
        "component": {"name": "ChargingStation"},
        "variable": {"name": "Problem"},
        **more,
    }
    payload = {"generatedAt": now(), "seqNo": 0, "eventData": [data]}
    assert await station.call("NotifyEvent", payload) == {}


async def events(rig: Rig, station: ScriptedStation) -> list[dict[str, Any]]:
    return (await rig.get("/monitor-events", station=station.id))["items"]


async def problems(rig: Rig, station: ScriptedStation) -> list[dict[str, Any]]:
    found = await rig.get("/anomalies", station=station.id)
    return [one for one in found["items"] if one["kind"] == "station-problem"]


@BOTH
@case("TC_N_21_CSMS", "TC_N_49_CSMS")
async def test_an_alert_of_a_hard_wired_monitor_until_it_is_cleared(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    await event(station, 1, techCode="E-42", techInfo="fan blocked")
    (seen,) = await events(rig, station)
    assert (seen["notification"], seen["value"], seen["tech_code"]) == (
        "HardWiredMonitor",
        "true",
        "E-42",
    )
    (problem,) = await problems(rig, station)
    assert problem["detail"]["problems"][0]["info"] == "E-42 fan blocked"

    await station.reconnect()
    await station.boot("PowerUp")
    await event(station, 2, actualValue="false", cleared=True)
    assert [one["cleared"] for one in await events(rig, station)] == [True, False]
    assert await problems(rig, station) == []


@BOTH
@case("TC_N_24_CSMS", "TC_N_50_CSMS")
async def test_periodic_events(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    for number in range(3):
        await event(
            station,
            number,
            trigger="Periodic",
            actualValue=str(40 + number),
            eventNotificationType="CustomMonitor",
            variableMonitoringId=9,
            component={"name": "EVSE", "evse": {"id": 1}},
            variable={"name": "Temperature"},
        )
    seen = await events(rig, station)
    assert [one["value"] for one in seen] == ["42", "41", "40"]
    assert {one["trigger"] for one in seen} == {"Periodic"}
    variables = await rig.get(f"/stations/{station.id}/variables")
    values = {v["variable"]: v["value"] for v in variables["items"]}
    assert values["Temperature"] == "42"  # events tell what variables are
    assert await problems(rig, station) == []


@BOTH
@case("TC_N_48_CSMS")
async def test_an_event_of_a_variable_that_can_only_be_written(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    await event(
        station,
        1,
        trigger="Delta",
        actualValue="",
        component={"name": "SecurityCtrlr"},
        variable={"name": "BasicAuthPassword"},
    )
    (seen,) = await events(rig, station)
    assert (seen["variable"], seen["value"]) == ("BasicAuthPassword", None)


@BOTH
async def test_an_event_that_comes_twice_is_one(rig: Rig, version: str) -> None:
    station = await rig.station(version)
    at = now()
    for _ in range(2):
        await event(station, 5, timestamp=at)
    assert len(await events(rig, station)) == 1
