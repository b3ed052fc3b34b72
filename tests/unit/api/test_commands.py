"""Commands over HTTP: what the station answered, told apart from every other way in which a call can end."""

from __future__ import annotations

import pytest

from releve.domain.commands import (
    ChangeAvailability,
    ClearCache,
    DataTransfer,
    GetVariables,
    Outcome,
    Reset,
    ResetKind,
    Result,
    SetVariables,
    TriggerMessage,
    UnlockConnector,
    VariableName,
    VariableResult,
)
from tests.support.stores import transaction
from tests.unit.api.api_kit import House

HEARTBEAT = VariableName(component="OCPPCommCtrlr", variable="HeartbeatInterval")
KEY = {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval"}


@pytest.mark.parametrize(
    ("path", "body", "command"),
    [
        ("reset", None, Reset()),
        ("reset", {"kind": "Immediate", "evse": 2}, Reset(kind=ResetKind.IMMEDIATE, evse=2)),
        ("unlock", {"evse": 2}, UnlockConnector(evse=2)),
        (
            "trigger",
            {"message": "MeterValues", "evse": 1},
            TriggerMessage(message="MeterValues", evse=1),
        ),
        (
            "availability",
            {"operative": False, "evse": 0},
            ChangeAvailability(operative=False, evse=0),
        ),
        ("clear-cache", None, ClearCache()),
        (
            "data-transfer",
            {"vendor": "Acme", "message": "hi", "data": {"a": [1, None]}},
            DataTransfer(vendor="Acme", message="hi", data={"a": [1, None]}),
        ),
        (
            "variables/write",
            {"values": [{**KEY, "value": "60"}]},
            SetVariables(values=((HEARTBEAT, "60"),)),
        ),
    ],
)
async def test_a_command_is_asked_of_the_station(house: House, path, body, command):
    station = await house.add_station()
    answer = await house.post(f"/stations/CP-1/{path}?timeout=7", body)
    assert house.line.asked == [(station.id, command, {"timeout": 7.0})]
    assert (answer["result"], answer["status"], answer["accepted"]) == (
        "answered",
        "Accepted",
        True,
    )
    assert answer["payload"] == {"status": "Accepted"}


async def test_variables_are_read_from_the_station(house: House):
    station = await house.add_station()
    house.line.outcome = Outcome(
        result=Result.ANSWERED,
        variables=(
            VariableResult(name=HEARTBEAT, status="Accepted", value="300", read_only=False),
        ),
    )
    answer = await house.post("/stations/CP-1/variables/read", {"names": [KEY]})
    assert answer["variables"][0]["value"] == "300"
    (_, command, _), *_ = house.line.asked
    assert isinstance(command, GetVariables)
    assert command.names == (HEARTBEAT,)
    assert command.request_id > 0
    assert (await house.get("/stations/CP-1/variables"))["items"][0]["value"] == "300"
    await house.post(f"/stations/{station.id}/variables/read")
    assert house.line.asked[1][1].names == ()


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(result=Result.ERROR, code="NotSupported", description="no", details={"a": 1}),
        Outcome(result=Result.TIMEOUT),
        Outcome(result=Result.OFFLINE),
        Outcome(result=Result.BUSY),
        Outcome(result=Result.UNSUPPORTED),
        Outcome(result=Result.MALFORMED, description="not JSON"),
        Outcome(result=Result.INVALID, description="type: Gently"),
        Outcome(result=Result.ANSWERED, status="Rejected", duration_ms=1.5),
    ],
    ids=lambda outcome: outcome.result.value,
)
async def test_every_way_to_end_is_told_apart(house: House, outcome):
    await house.add_station()
    house.line.outcome = outcome
    answer = await house.post("/stations/CP-1/calls/Reset", {"type": "Gently"})
    assert answer["result"] == outcome.result
    assert answer["accepted"] is False
    assert (answer["code"], answer["description"]) == (outcome.code, outcome.description)
    assert (answer["status"], answer["details"]) == (outcome.status, outcome.details)
    assert answer["duration_ms"] == outcome.duration_ms


async def test_a_raw_call_is_sent_as_it_is(house: House):
    station = await house.add_station()
    payload = {"connectorId": 1, "odd": {"deep": [1.5, None, "ü"]}}
    await house.post("/stations/CP-1/calls/UnlockConnector", payload)
    await house.post("/stations/CP-1/calls/UnlockConnector?unchecked=true&timeout=1.5", payload)
    checked, unchecked = house.line.asked
    assert checked == (station.id, ("UnlockConnector", payload), {"timeout": None, "checked": True})
    assert unchecked[2] == {"timeout": 1.5, "checked": False}
    await house.post("/stations/CP-1/calls/Heartbeat")
    assert house.line.asked[2][1] == ("Heartbeat", {})
    strange = await house.client.post("/api/v1/stations/CP-1/calls/Drop%20it", json={})
    assert strange.status_code == 422
    listed = await house.client.post("/api/v1/stations/CP-1/calls/Reset", json=[1])
    assert listed.status_code == 422


async def test_a_transaction_is_started_and_stopped(house: House):
    station = await house.add_station()
    started = await house.post("/stations/CP-1/start", {"token": "ADA", "evse": 1})
    _, command, _ = house.line.asked[0]
    assert (command.token.value, command.evse) == ("ADA", 1)
    assert started["remote_start_id"] == command.remote_start_id
    await house.post("/stations/CP-1/start")
    assert house.line.asked[1][1].token.type == "Central"

    row = transaction(station.id, "tx-1")
    await house.write(lambda work: work.transactions.add(row))
    await house.post(f"/transactions/{row.id}/stop")
    assert house.line.asked[2][1].reference == "tx-1"
    assert (await house.client.post("/api/v1/transactions/77/stop")).status_code == 404


async def test_who_asked_is_on_record(house: House):
    await house.add_station()
    events = house.bus.listen(1, topics=frozenset({"command.ended"}))
    await house.post("/stations/CP-1/reset")
    announced = await anext(events)
    assert (announced.event.command, announced.event.by) == ("Reset", "key admin")


@pytest.mark.parametrize("timeout", ["0", "121", "soon", "-1", "nan", "inf"])
async def test_a_station_may_take_one_second_to_two_minutes(house: House, timeout):
    await house.add_station()
    answer = await house.client.post(f"/api/v1/stations/CP-1/reset?timeout={timeout}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "timeout"
    assert house.line.asked == []


async def test_a_stolen_key_cannot_reset_the_town(house: House):
    await house.add_station()
    thief, other = await house.key("control"), await house.key("read", "control")
    path = "/api/v1/stations/CP-1/reset"
    codes = [(await house.client.post(path, headers=thief)).status_code for _ in range(62)]
    assert codes == [200] * 60 + [429] * 2
    refused = await house.client.post(path, headers=thief)
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.json()["type"].endswith("too-many-requests")
    unlock = "/api/v1/stations/CP-1/unlock"  # another route, the same limit
    refused = await house.client.post(unlock, json={"evse": 1}, headers=thief)
    assert refused.status_code == 429
    assert (await house.client.post(path, headers=other)).status_code == 200
    reading = await house.client.post("/api/v1/stations/CP-1/variables/read", headers=thief)
    assert reading.status_code == 200
    house.clock.turn(1)
    assert (await house.client.post(path, headers=thief)).status_code == 200
    assert (await house.client.post(path, headers=thief)).status_code == 429
