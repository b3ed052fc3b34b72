"""A station that nobody registered: refused, put into the inbox, or taken in. Power it up, see it, accept it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.running import Running, running
from tests.support.visitor import BOOTS, event, knock, line_of, visiting


async def test_an_unknown_station_gets_404_and_leaves_no_trace(node: Running) -> None:
    assert await knock(node, "/ocpp/NOBODY") == 404
    assert (await node.get("/stations"))["items"] == []
    station = await node.add_station("NOBODY")
    assert await knock(node, "/ocpp/NOBODY") == 101
    await event(node, "station.disconnected", "NOBODY")
    assert await line_of(node, station) == "offline"


def status_of(version: str) -> tuple[str, dict[str, Any]]:
    if version == "ocpp1.6":
        return "StatusNotification", {
            "connectorId": 1,
            "status": "Available",
            "errorCode": "NoError",
        }
    return "StatusNotification", {
        "timestamp": "2026-03-01T12:00:00Z",
        "connectorStatus": "Available",
        "evseId": 1,
        "connectorId": 1,
    }


@pytest.mark.parametrize("version", ["ocpp1.6", "ocpp2.0.1", "ocpp2.1"])
async def test_power_it_up_see_it_in_the_inbox_accept_it(tmp_path: Path, version: str) -> None:
    async with running(tmp_path, unknown_stations="quarantine", boot_retry_interval=7) as node:
        async with visiting(node, "NEW-1", version) as new:
            boot = await new.boot()
            assert boot["status"] == "Pending"
            assert 5 <= boot["interval"] <= 9  # spread, so that a crowd does not return as one
            refused = await new.call(*status_of(version))
            assert (refused[0], refused[2]) == (4, "SecurityError")
            assert (await new.call("Heartbeat", {}))[2] == "SecurityError"

            (row,) = (await node.get("/stations", quarantined="true"))["items"]
            assert (row["identity"], row["connectivity"], row["boot"]) == (
                "NEW-1",
                "online",
                "Pending",
            )
            assert row["vendor"] == "V"
            # Until then it may be configured, and nothing else (B02).
            start = await node.post(f"/stations/{row['id']}/start", {"token": "ADA"})
            assert start["result"] == "not-allowed"

            accepting = asyncio.create_task(node.post(f"/stations/{row['id']}/accept"))
            trigger = await new.hear()
            assert trigger[2:] == ["TriggerMessage", {"requestedMessage": "BootNotification"}]
            await new.say(json.dumps([3, trigger[1], {"status": "Accepted"}]))
            accepted = await accepting
            assert (accepted["quarantined"], accepted["boot"]) == (False, "Accepted")
            assert (await new.boot())["status"] == "Accepted"
            assert (await new.call(*status_of(version)))[0] == 3
        assert (await node.get("/stations", quarantined="true"))["items"] == []
        async with visiting(node, "NEW-1", version) as again:  # without booting
            assert (await again.call("Heartbeat", {}))[0] == 3


async def test_while_pending_what_was_triggered_may_be_said(tmp_path: Path) -> None:
    async with (
        running(tmp_path, unknown_stations="quarantine") as node,
        visiting(node, "NEW-1", "ocpp2.0.1") as new,
    ):
        await new.boot()
        (row,) = (await node.get("/stations", quarantined="true"))["items"]
        wanted = {"message": "StatusNotification", "evse": 1, "connector": 1}
        asked = asyncio.create_task(node.post(f"/stations/{row['id']}/trigger", wanted))
        trigger = await new.hear()
        await new.say(json.dumps([3, trigger[1], {"status": "Accepted"}]))
        assert (await asked)["status"] == "Accepted"
        assert (await new.call(*status_of("ocpp2.0.1")))[0] == 3  # B02.FR.09
        assert (await new.call("Heartbeat", {}))[2] == "SecurityError"


async def test_a_laboratory_takes_everybody_in(tmp_path: Path) -> None:
    async with running(tmp_path, unknown_stations="accept") as node:
        async with visiting(node, "ANY", "ocpp2.1") as new:
            assert (await new.boot())["status"] == "Accepted"
            assert (await new.call(*status_of("ocpp2.1")))[0] == 3
        (row,) = (await node.get("/stations"))["items"]
        assert (row["identity"], row["quarantined"]) == ("ANY", False)


async def test_two_knocks_at_once_make_one_station(tmp_path: Path) -> None:
    async with running(tmp_path, unknown_stations="quarantine") as node:
        assert await asyncio.gather(*(knock(node, "/ocpp/TWIN") for _ in range(8))) == [101] * 8
        assert len((await node.get("/stations", quarantined="true"))["items"]) == 1


async def test_a_rejected_and_a_disabled_station(node: Running) -> None:
    station = await node.add_station("BAD")
    change = await node.client.patch(f"/api/v1/stations/{station}", json={"boot": "Rejected"})
    assert change.status_code == 200
    async with visiting(node, "BAD", "ocpp2.0.1") as bad:
        assert (await bad.ask("BootNotification", BOOTS["ocpp2.0.1"]))["status"] == "Rejected"
        assert (await bad.call("Heartbeat", {}))[2] == "SecurityError"  # B03.FR.07
        await node.client.patch(f"/api/v1/stations/{station}", json={"disabled": True})
        assert await bad.closed() == 1008
    assert await knock(node, "/ocpp/BAD") == 403
