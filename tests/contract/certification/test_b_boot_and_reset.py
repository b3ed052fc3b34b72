"""B: boots and their decisions, and resets, on 2.0.1 and 2.1."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from websockets.typing import Subprotocol

from tests.support.rig import VERSIONS, CallFailed, Rig, ScriptedStation, case, now

BOTH = pytest.mark.parametrize("version", VERSIONS)
OwnRig = Callable[..., AbstractAsyncContextManager[Rig]]


async def transaction(
    station: ScriptedStation, kind: str, trigger: str, seq: int, **info: Any
) -> Any:
    """A TransactionEvent of a transaction that began on EVSE 1."""
    event = {
        "eventType": kind,
        "timestamp": now(),
        "triggerReason": trigger,
        "seqNo": seq,
        "transactionInfo": {"transactionId": f"T-{station.identity}", **info},
        "evse": {"id": 1, "connectorId": 1},
    }
    return await station.call("TransactionEvent", event)


async def charging(rig: Rig, version: str) -> ScriptedStation:
    """A station with a running transaction."""
    station = await rig.station(version)
    await station.status("Occupied")
    await transaction(station, "Started", "CablePluggedIn", 0, chargingState="EVConnected")
    await transaction(station, "Updated", "ChargingStateChanged", 1, chargingState="Charging")
    return station


async def state_of(rig: Rig, station: ScriptedStation) -> str:
    """How its one transaction stands."""
    found = await rig.get("/transactions", station=station.id)
    return str(found["items"][0]["state"])


# --- boots -----------------------------------------------------------------------------------------------------------


@BOTH
@case("TC_B_01_CSMS")
async def test_a_registered_station_is_accepted(rig: Rig, version: str) -> None:
    """B01.FR.02: with an interval for its heartbeats and the time."""
    station = await rig.station(version, boot=False)
    answer = await station.boot()
    assert answer["status"] == "Accepted"
    assert 270 <= answer["interval"] <= 330, "spread, so that not all beat as one"
    assert answer["currentTime"].endswith("Z")
    await station.status("Available")
    monitored = {
        "eventId": 1,
        "timestamp": now(),
        "trigger": "Delta",
        "actualValue": "Available",
        "eventNotificationType": "HardWiredNotification",
        "component": {"name": "Connector", "evse": {"id": 1, "connectorId": 1}},
        "variable": {"name": "AvailabilityState"},
    }
    event = {"generatedAt": now(), "seqNo": 0, "eventData": [monitored]}
    assert await station.call("NotifyEvent", event) == {}
    assert "currentTime" in await station.call("Heartbeat", {})
    row = await rig.get(f"/stations/{station.id}")
    assert [e["status"] for e in row["evses"]] == ["Available"]


@BOTH
@case("TC_B_02_CSMS")
async def test_pending_first_accepted_at_the_next_boot(rig: Rig, version: str) -> None:
    station = await rig.station(version, boot=False)
    await rig.patch(f"/stations/{station.id}", {"boot": "Pending"})
    assert (await station.boot())["status"] == "Pending"
    await rig.patch(f"/stations/{station.id}", {"boot": "Accepted"})
    assert (await station.boot())["status"] == "Accepted"
    await station.status("Available")


@BOTH
@case("TC_B_30_CSMS")
@pytest.mark.parametrize("decision", ["Pending", "Rejected"])
async def test_before_it_is_accepted_a_station_may_only_boot(
    rig: Rig, version: str, decision: str
) -> None:
    """B01.FR.10, B02.FR.09, B03.FR.07: everything else is a SecurityError."""
    station = await rig.station(version, boot=False)
    await rig.patch(f"/stations/{station.id}", {"boot": decision})
    assert (await station.boot())["status"] == decision
    with pytest.raises(CallFailed) as refused:
        await station.status("Available")
    assert refused.value.code == "SecurityError"
    with pytest.raises(CallFailed) as refused:
        await station.call("Heartbeat", {})
    assert refused.value.code == "SecurityError"
    await rig.patch(f"/stations/{station.id}", {"boot": "Accepted"})
    assert (await station.boot())["status"] == "Accepted"
    await station.status("Available")


@BOTH
@case("TC_B_31_CSMS")
@pytest.mark.parametrize("decision", ["Pending", "Rejected"])
async def test_a_boot_is_triggered_before_the_interval_is_over(
    rig: Rig, version: str, decision: str
) -> None:
    station = await rig.station(version, boot=False)
    station.answers("TriggerMessage", {"status": "Accepted"})
    await rig.patch(f"/stations/{station.id}", {"boot": decision})
    assert (await station.boot())["status"] == decision
    await rig.patch(f"/stations/{station.id}", {"boot": "Accepted"})
    assert await station.expect("TriggerMessage") == {"requestedMessage": "BootNotification"}
    assert (await station.boot("Triggered"))["status"] == "Accepted"
    await station.status("Available")


@BOTH
async def test_what_is_asked_for_while_pending_may_be_answered(rig: Rig, version: str) -> None:
    """B02.FR.01, B02.FR.09: configuring and triggering yes, operating no."""
    station = await rig.station(version, boot=False)
    station.answers("GetBaseReport", {"status": "Accepted"})
    station.answers("TriggerMessage", {"status": "Accepted"})
    await rig.patch(f"/stations/{station.id}", {"boot": "Pending"})
    await station.boot()
    refused = await rig.post(f"/stations/{station.id}/reset", {"kind": "Immediate"})
    assert refused["result"] == "not-allowed"
    assert station.asked("Reset") == []
    operation = await rig.post(f"/stations/{station.id}/reports", status=202)
    told = {"component": {"name": "C"}, "variable": {"name": "V"}, "variableAttribute": [{}]}
    report = {
        "requestId": station.asked("GetBaseReport")[0]["requestId"],
        "generatedAt": now(),
        "seqNo": 0,
        "reportData": [told],
    }
    assert await station.call("NotifyReport", report) == {}
    assert (await rig.ended(operation))["state"] == "done"
    await rig.post(f"/stations/{station.id}/trigger", {"message": "Heartbeat"})
    assert "currentTime" in await station.call("Heartbeat", {})
    with pytest.raises(CallFailed):
        await station.status("Available")


@BOTH
async def test_a_rejected_station_is_sent_nothing(rig: Rig, version: str) -> None:
    """B03.FR.03."""
    station = await rig.station(version, boot=False)
    await rig.patch(f"/stations/{station.id}", {"boot": "Rejected"})
    assert (await station.boot())["status"] == "Rejected"
    for path, body in (
        ("variables/read", {"names": [{"component": "C", "variable": "V"}]}),
        ("trigger", {"message": "BootNotification"}),
    ):
        result = await rig.post(f"/stations/{station.id}/{path}", body)
        assert result["result"] == "not-allowed"
    assert station.asked("GetVariables") + station.asked("TriggerMessage") == []


@BOTH
async def test_what_is_prepared_is_done_while_pending_then_it_is_accepted(
    rig: Rig, version: str
) -> None:
    """B02: variables are written, a report is taken, and the station boots again."""
    station = await rig.station(version, boot=False)

    def take(request: dict[str, Any]) -> dict[str, Any]:
        kept = ("component", "variable")
        results = [
            {"attributeStatus": "Accepted", **{k: d[k] for k in kept}}
            for d in request["setVariableData"]
        ]
        return {"setVariableResult": results}

    station.answers("SetVariables", take)
    station.answers("GetBaseReport", {"status": "Accepted"})
    station.answers("TriggerMessage", {"status": "Accepted"})
    value = {"component": "OCPPCommCtrlr", "variable": "OfflineThreshold", "value": "30"}
    body = {"values": [value], "report": "ConfigurationInventory"}
    made = await rig.put(f"/stations/{station.id}/preparation", body)
    assert made["state"] == "prepared"
    assert (await station.boot())["status"] == "Pending"
    [data] = (await station.expect("SetVariables"))["setVariableData"]
    assert data["attributeValue"] == "30"
    request = await station.expect("GetBaseReport")
    assert request["reportBase"] == "ConfigurationInventory"
    told = {"component": {"name": "C"}, "variable": {"name": "V"}, "variableAttribute": [{}]}
    report = {
        "requestId": request["requestId"],
        "generatedAt": now(),
        "seqNo": 0,
        "reportData": [told],
    }
    await station.call("NotifyReport", report)
    assert await station.expect("TriggerMessage") == {"requestedMessage": "BootNotification"}
    assert (await station.boot("Triggered"))["status"] == "Accepted"
    done = await rig.get(f"/stations/{station.id}/preparation")
    assert (done["state"], done["results"][0]["status"]) == ("done", "Accepted")


async def test_what_was_prepared_and_refused_is_tried_again(rig: Rig) -> None:
    station = await rig.station("2.0.1", boot=False)
    station.answers("SetVariables", {"setVariableResult": [_result("Rejected")]})
    value = {"component": "C", "variable": "V", "value": "30"}
    await rig.put(f"/stations/{station.id}/preparation", {"values": [value]})
    path = f"/stations/{station.id}/preparation"
    for status, state in (("Rejected", "failed"), ("Accepted", "done")):
        station.answers("SetVariables", {"setVariableResult": [_result(status)]})
        assert (await station.boot())["status"] == "Pending"
        await rig.eventually(lambda: rig.get(path), lambda p, wanted=state: p["state"] == wanted)
    assert (await station.boot())["status"] == "Accepted"
    await rig.delete(path)
    await rig.get(path, status=404)


def _result(status: str) -> dict[str, Any]:
    return {
        "attributeStatus": status,
        "component": {"name": "C"},
        "variable": {"name": "V"},
    }


@BOTH
async def test_a_new_station_is_asked_for_all_it_has(own_rig: OwnRig, version: str) -> None:
    """B07.FR.14: at its first boot, and when its firmware has changed."""
    async with own_rig(report_delay=0) as rig:
        station = await rig.station(version, boot=False)
        station.answers("GetBaseReport", {"status": "Accepted"})
        await station.boot(firmwareVersion="1.0")
        assert (await station.expect("GetBaseReport"))["reportBase"] == "FullInventory"
        await station.boot(firmwareVersion="1.0")
        await station.call("Heartbeat", {})
        assert len(station.asked("GetBaseReport")) == 1
        await station.boot(firmwareVersion="1.1")
        await station.expect("GetBaseReport")


@case("TC_B_58_CSMS")
async def test_a_supported_subprotocol_is_chosen_and_echoed(rig: Rig) -> None:
    station = await rig.station("2.0.1", connect=False)
    offers = [Subprotocol("ocpp0.9"), Subprotocol("ocpp2.0.1"), Subprotocol("ocpp1.6")]
    await station.connect(subprotocols=offers)
    assert station.socket.subprotocol == "ocpp2.0.1"
    assert (await station.boot())["status"] == "Accepted"


# --- resets ----------------------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize(
    ("kind", "evse"),
    [
        pytest.param("OnIdle", None, marks=case("TC_B_20_CSMS")),
        pytest.param("OnIdle", 1, marks=case("TC_B_25_CSMS")),
    ],
)
async def test_reset_without_a_transaction(
    rig: Rig, version: str, kind: str, evse: int | None
) -> None:
    station = await rig.station(version)
    station.answers("Reset", {"status": "Accepted"})
    body = {"kind": kind} | ({"evse": evse} if evse else {})
    result = await rig.post(f"/stations/{station.id}/reset", body)
    assert (result["status"], result["accepted"]) == ("Accepted", True)
    assert station.asked("Reset") == [{"type": kind} | ({"evseId": evse} if evse else {})]
    if evse is None:
        await station.reconnect()
        assert (await station.boot("RemoteReset"))["status"] == "Accepted"
    else:
        await station.status("Unavailable")
    await station.status("Available")


@BOTH
@pytest.mark.parametrize(
    "evse",
    [
        pytest.param(None, marks=case("TC_B_21_CSMS")),
        pytest.param(1, marks=case("TC_B_26_CSMS")),
    ],
)
async def test_reset_on_idle_waits_for_the_transaction(
    rig: Rig, version: str, evse: int | None
) -> None:
    station = await charging(rig, version)
    station.answers("Reset", {"status": "Scheduled"})
    body = {"kind": "OnIdle"} | ({"evse": evse} if evse else {})
    result = await rig.post(f"/stations/{station.id}/reset", body)
    assert (result["status"], result["accepted"]) == ("Scheduled", True)
    assert station.asked("Reset") == [{"type": "OnIdle"} | ({"evseId": evse} if evse else {})]
    assert await state_of(rig, station) == "active"
    await transaction(station, "Updated", "StopAuthorized", 2, chargingState="EVConnected")
    await transaction(station, "Ended", "EVCommunicationLost", 3, stoppedReason="Local")
    assert await state_of(rig, station) == "ended"
    if evse is None:
        await station.reconnect()
        assert (await station.boot("ScheduledReset"))["status"] == "Accepted"
    await station.status("Available")


@BOTH
@pytest.mark.parametrize(
    "evse",
    [
        pytest.param(None, marks=case("TC_B_22_CSMS")),
        pytest.param(1, marks=case("TC_B_27_CSMS")),
    ],
)
async def test_an_immediate_reset_ends_the_transaction(
    rig: Rig, version: str, evse: int | None
) -> None:
    station = await charging(rig, version)
    station.answers("Reset", {"status": "Accepted"})
    body = {"kind": "Immediate"} | ({"evse": evse} if evse else {})
    result = await rig.post(f"/stations/{station.id}/reset", body)
    assert result["status"] == "Accepted"
    assert station.asked("Reset") == [{"type": "Immediate"} | ({"evseId": evse} if evse else {})]
    await transaction(station, "Ended", "ResetCommand", 2, stoppedReason="ImmediateReset")
    assert await state_of(rig, station) == "ended"
    if evse is None:
        await station.reconnect()
        assert (await station.boot("RemoteReset"))["status"] == "Accepted"
    await station.status("Occupied")


@case("TC_B_103_CSMS")
async def test_a_transaction_resumes_after_the_reset(rig: Rig) -> None:
    station = await charging(rig, "2.1")
    station.answers("Reset", {"status": "Accepted"})
    result = await rig.post(f"/stations/{station.id}/reset", {"kind": "ImmediateAndResume"})
    assert result["status"] == "Accepted"
    assert station.asked("Reset") == [{"type": "ImmediateAndResume"}]
    await station.reconnect()
    assert (await station.boot("RemoteReset"))["status"] == "Accepted"
    await transaction(station, "Updated", "TxResumed", 2, chargingState="Charging")
    assert await state_of(rig, station) == "active"
    await transaction(station, "Ended", "StopAuthorized", 3, stoppedReason="Local")
    assert await state_of(rig, station) == "ended"


@case("TC_B_104_CSMS")
async def test_resume_without_a_transaction(rig: Rig) -> None:
    station = await rig.station("2.1")
    station.answers("Reset", {"status": "Accepted"})
    await rig.post(f"/stations/{station.id}/reset", {"kind": "ImmediateAndResume"})
    assert station.asked("Reset") == [{"type": "ImmediateAndResume"}]
    await station.reconnect()
    assert (await station.boot("RemoteReset"))["status"] == "Accepted"
    await station.status("Available")
    old = await rig.station("2.0.1")
    refused = await rig.post(f"/stations/{old.id}/reset", {"kind": "ImmediateAndResume"})
    assert refused["result"] == "unsupported"


@case("TC_B_116_CSMS")
async def test_the_profile_of_a_resumed_transaction_is_sent_again(rig: Rig) -> None:
    """B13.FR.31: the station does not keep TxProfiles over a restart."""
    station = await charging(rig, "2.1")
    station.answers("Reset", {"status": "Accepted"})
    station.answers("SetChargingProfile", {"status": "Accepted"})
    period = {"start_period": 0, "limit": 8.0, "number_phases": 1}
    schedule = {"unit": "A", "periods": [period]}
    profile = {"purpose": "TxProfile", "kind": "Relative", "schedules": [schedule]}
    body = {"evse": 1, "profile": profile}
    assert (await rig.post(f"/stations/{station.id}/charging-profiles", body))["accepted"]
    first = await station.expect("SetChargingProfile")
    await rig.post(f"/stations/{station.id}/reset", {"kind": "ImmediateAndResume"})
    await station.reconnect()
    assert (await station.boot("RemoteReset"))["status"] == "Accepted"
    await transaction(station, "Updated", "TxResumed", 2, chargingState="Charging")
    again = await station.expect("SetChargingProfile")
    told = again["chargingProfile"]
    assert told["chargingProfilePurpose"] == "TxProfile"
    assert told["transactionId"] == first["chargingProfile"]["transactionId"]
