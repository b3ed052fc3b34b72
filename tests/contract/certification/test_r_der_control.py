"""R, DER control: the cases of 2.1, and every type of control."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.rig import Rig, ScriptedStation, case, now

SOON = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
DROOP = {
    "priority": 1,
    "over_freq": 0.2,
    "under_freq": 0.2,
    "over_droop": 5,
    "under_droop": 5,
    "response_time": 1.5,
}
WIRE_DROOP = {
    "priority": 1,
    "overFreq": 0.2,
    "underFreq": 0.2,
    "overDroop": 5.0,
    "underDroop": 5.0,
    "responseTime": 1.5,
}
CURVE = {
    "priority": 2,
    "y_unit": "PctMaxVar",
    "curve_data": [{"x": 92, "y": 44}, {"x": 108, "y": -44}],
    "hysteresis": {"hysteresis_high": 1},
    "reactive_power_params": {"v_ref": 100, "autonomous_v_ref_enable": True},
    "voltage_params": {"hv10_min_mean_value": 110, "power_during_cessation": "Active"},
}
WIRE_CURVE = {
    "priority": 2,
    "yUnit": "PctMaxVar",
    "curveData": [{"x": 92.0, "y": 44.0}, {"x": 108.0, "y": -44.0}],
    "hysteresis": {"hysteresisHigh": 1.0},
    "reactivePowerParams": {"vRef": 100.0, "autonomousVRefEnable": True},
    "voltageParams": {"hv10MinMeanValue": 110.0, "powerDuringCessation": "Active"},
}
SERVICE = {"high_voltage": 253, "low_voltage": 207, "high_freq": 50.1, "low_freq": 49.9}
WIRE_SERVICE = {
    "priority": 0,
    "highVoltage": 253.0,
    "lowVoltage": 207.0,
    "highFreq": 50.1,
    "lowFreq": 49.9,
}
SETTINGS = [
    ("FreqDroop", "freq_droop", DROOP, "freqDroop", WIRE_DROOP),
    ("VoltVar", "curve", CURVE, "curve", WIRE_CURVE),
    ("EnterService", "enter_service", SERVICE, "enterService", WIRE_SERVICE),
    (
        "FixedPFInject",
        "fixed_pf_inject",
        {"displacement": 0.95, "excitation": True},
        "fixedPFInject",
        {"priority": 0, "displacement": 0.95, "excitation": True},
    ),
    (
        "FixedVar",
        "fixed_var",
        {"setpoint": -20, "unit": "PctMaxVar"},
        "fixedVar",
        {"priority": 0, "setpoint": -20.0, "unit": "PctMaxVar"},
    ),
    (
        "Gradients",
        "gradient",
        {"gradient": 10, "soft_gradient": 5},
        "gradient",
        {"priority": 0, "gradient": 10.0, "softGradient": 5.0},
    ),
    (
        "LimitMaxDischarge",
        "limit_max_discharge",
        {"pct_max_discharge_power": 60},
        "limitMaxDischarge",
        {"priority": 0, "pctMaxDischargePower": 60.0},
    ),
]


async def held(rig: Rig, station: ScriptedStation) -> dict[str, dict[str, Any]]:
    found = await rig.get(f"/stations/{station.id}/der-controls")
    return {control["control_id"]: control for control in found["items"]}


async def put(rig: Rig, station: ScriptedStation, **control: Any) -> dict[str, Any]:
    return dict(await rig.post(f"/stations/{station.id}/der-controls", control))


@case("TC_R_107_CSMS")
async def test_controls_are_set_read_and_cleared(rig: Rig) -> None:
    """R04: a default, a scheduled one that supersedes another, read back, and cleared."""
    station = await rig.station("2.1")
    station.answers(
        "SetDERControl",
        [
            {"status": "Accepted"},
            {"status": "Accepted"},
            {"status": "Accepted", "supersededIds": ["EVENT-1"]},
        ],
    )
    assert (await put(rig, station, control_id="BASE", type="FreqDroop", freq_droop=DROOP))[
        "accepted"
    ]
    times = {"start_time": SOON, "duration": 600}
    for name, priority in (("EVENT-1", 5), ("EVENT-2", 1)):
        settings = {**DROOP, **times, "priority": priority}
        body = {"control_id": name, "type": "FreqDroop", "is_default": False}
        assert (await put(rig, station, **body, freq_droop=settings))["accepted"]
    first, second, _ = station.asked("SetDERControl")
    assert first == {
        "isDefault": True,
        "controlId": "BASE",
        "controlType": "FreqDroop",
        "freqDroop": WIRE_DROOP,
    }
    assert (second["isDefault"], second["freqDroop"]["duration"]) == (False, 600.0)
    known = await held(rig, station)
    assert {n: c.get("superseded", False) for n, c in known.items()} == {
        "BASE": False,
        "EVENT-1": True,
        "EVENT-2": False,
    }

    station.answers("GetDERControl", {"status": "Accepted"})
    operation = await rig.post(f"/stations/{station.id}/der-controls/read", {"type": "FreqDroop"})
    (asked,) = station.asked("GetDERControl")
    assert asked["controlType"] == "FreqDroop"
    about = {"isDefault": True, "isSuperseded": False}
    number = {"requestId": asked["requestId"]}
    droop = [{"id": "BASE", "freqDroop": WIRE_DROOP, **about}]
    await station.call("ReportDERControl", {**number, "freqDroop": droop, "tbc": True})
    other = [{"id": "OTHER", "freqDroop": WIRE_DROOP, **about, "isSuperseded": True}]
    await station.call("ReportDERControl", {**number, "freqDroop": other})
    assert (await rig.ended(operation))["state"] == "done"
    known = await held(rig, station)
    assert set(known) == {"BASE", "OTHER"}
    assert known["OTHER"]["superseded"]

    station.answers("ClearDERControl", [{"status": "NotFound"}, {"status": "Accepted"}])
    path = f"/stations/{station.id}/der-controls/clear"
    gone = await rig.post(path, {"is_default": True, "control_id": "OTHER"})
    assert gone["status"] == "NotFound"
    assert set(await held(rig, station)) == {"BASE"}
    assert (await rig.post(path, {"is_default": True}))["accepted"]
    assert station.asked("ClearDERControl") == [
        {"isDefault": True, "controlId": "OTHER"},
        {"isDefault": True},
    ]
    assert await held(rig, station) == {}


@pytest.mark.parametrize(("kind", "field", "settings", "name", "wire"), SETTINGS)
async def test_every_kind_of_control_there_and_back(
    rig: Rig, kind: str, field: str, settings: Any, name: str, wire: Any
) -> None:
    station = await rig.station("2.1")
    station.answers("SetDERControl", {"status": "Accepted"})
    assert (await put(rig, station, control_id="C", type=kind, **{field: settings}))["accepted"]
    (asked,) = station.asked("SetDERControl")
    assert (asked["controlType"], asked[name]) == (kind, wire)
    before = (await held(rig, station))["C"]
    station.answers("GetDERControl", {"status": "Accepted"})
    operation = await rig.post(f"/stations/{station.id}/der-controls/read")
    number = station.asked("GetDERControl")[0]["requestId"]
    inner = "fixedPF" if name.startswith("fixedPF") else name
    about: dict[str, Any] = {"id": "C", inner: wire}
    if kind not in ("EnterService", "Gradients"):
        about |= {"isDefault": True, "isSuperseded": False}
    if field == "curve":
        about["curveType"] = kind
    await station.call("ReportDERControl", {"requestId": number, name: [about]})
    assert (await rig.ended(operation))["state"] == "done"
    after = (await held(rig, station))["C"]

    def numbers(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: numbers(v) for k, v in value.items() if k != "confirmed_at" and v != 0}
        if isinstance(value, list):
            return [numbers(v) for v in value]
        return float(value) if isinstance(value, str) and value.lstrip("-")[0].isdigit() else value

    assert numbers(after) == numbers(before)


@case("TC_R_108_CSMS")
async def test_what_controls_do_is_taken_in(rig: Rig) -> None:
    """R04.FR.20, R05: a scheduled control begins, supersedes the other; an alarm begins and ends."""
    station = await rig.station("2.1")
    station.answers("SetDERControl", {"status": "Accepted"})
    times = {"start_time": SOON, "duration": 600}
    for name in ("ONE", "TWO"):
        body = {"control_id": name, "type": "FreqDroop", "is_default": False}
        await put(rig, station, **body, freq_droop={**DROOP, **times})
    notice = {"controlId": "TWO", "started": True, "timestamp": now(), "supersededIds": ["ONE"]}
    assert await station.call("NotifyDERStartStop", notice) == {}
    known = await held(rig, station)
    assert (known["TWO"]["active"], known["ONE"]["superseded"]) == (True, True)
    notice = {"controlId": "TWO", "started": False, "timestamp": now()}
    assert await station.call("NotifyDERStartStop", notice) == {}
    assert (await held(rig, station))["TWO"]["active"] is False

    alarm = {"controlType": "VoltWatt", "gridEventFault": "OverVoltage", "timestamp": now()}
    assert await station.call("NotifyDERAlarm", alarm) == {}
    (shown,) = (await rig.get(f"/stations/{station.id}/der-alarms"))["items"]
    assert (shown["fault"], shown.get("ended_at")) == ("OverVoltage", None)
    assert await station.call("NotifyDERAlarm", {**alarm, "alarmEnded": True}) == {}
    (shown,) = (await rig.get(f"/stations/{station.id}/der-alarms"))["items"]
    assert shown["ended_at"]


@pytest.mark.parametrize("status", ["Rejected", "NotSupported"])
async def test_a_control_that_is_refused(rig: Rig, status: str) -> None:
    station = await rig.station("2.1")
    station.answers("SetDERControl", {"status": status})
    told = await put(rig, station, control_id="X", type="FreqDroop", freq_droop=DROOP)
    assert (told["status"], told["accepted"]) == (status, False)
    assert await held(rig, station) == {}


@pytest.mark.parametrize(
    ("control", "word"),
    [
        ({"type": "FreqDroop", "curve": CURVE}, "freq_droop"),
        ({"type": "FreqDroop", "freq_droop": DROOP, "is_default": False}, "start_time"),
        (
            {"type": "FreqDroop", "freq_droop": {**DROOP, "start_time": SOON, "duration": 5}},
            "neither",
        ),
        ({"type": "EnterService", "enter_service": SERVICE, "is_default": False}, "default"),
        ({"type": "VoltVar", "curve": {**CURVE, "y_unit": "Volt"}}, "unit"),
        ({"type": "LimitMaxDischarge", "limit_max_discharge": {}}, "pct_max"),
    ],
)
async def test_a_control_that_makes_no_sense_is_not_sent(
    rig: Rig, control: dict[str, Any], word: str
) -> None:
    station = await rig.station("2.1")
    path = f"/stations/{station.id}/der-controls"
    refused = await rig.post(path, {"control_id": "X", **control}, status=422)
    assert word in refused["detail"]
    assert station.asked("SetDERControl") == []
